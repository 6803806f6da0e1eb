/** History and settings of made-up clusters. */
import type { Job, Node } from '@mesos-torque/proto/gen/control/v1/facts.ts';
import { GetHistoryResponse, GetSettingsResponse } from '@mesos-torque/proto/gen/control/v1/messages.ts';

export interface SampleSize {
  readonly nodes: number;
  readonly jobs: number;
  readonly offers: number;
  readonly entries: number;
  readonly nowMs: number;
}

const second = 1_000;
const historyPoints = 720;

/** The last hour, a moment each 5 s: work comes in waves, nodes follow it with a delay. */
export function sampleHistory(
  size: SampleSize,
  jobs: readonly Job[],
  nodes: readonly Node[],
): GetHistoryResponse {
  const now = tally(nodes.map(({ phase }) => phase));
  const waiting = jobs.filter(({ verdict }) => verdict === 'waiting').length;
  const running = jobs.filter(({ state }) => state === 'running').length;
  const wave = (index: number, delay: number): number =>
    0.62 + 0.38 * Math.sin(((index - historyPoints - delay) / historyPoints) * 9 + 1.57);
  const column = (group: string, name: string, value: (index: number) => number) => ({
    group,
    name,
    values: Array.from({ length: historyPoints }, (_, index) => value(index)),
  });
  const follow = (count: number, delay: number) => (index: number) => Math.round(count * wave(index, delay));
  const safe = Math.ceil((size.nodes * 1.25 + 5) / 10) * 10;
  return GetHistoryResponse.fromPartial({
    atMs: Array.from({ length: historyPoints }, (_, index) =>
      BigInt(size.nowMs - (historyPoints - 1 - index) * 5 * second),
    ),
    series: [
      ...Object.entries(now).map(([phase, count]) =>
        column('nodes', phase, follow(count, phase === 'up' ? 40 : 20)),
      ),
      column('jobs', 'waiting', follow(waiting, 0)),
      column('jobs', 'running', follow(running, 40)),
      column('jobs', 'served', follow(Math.round(waiting / 8), 10)),
      column('jobs', 'not-demand', (index) => follow(running, 40)(index) + Math.round(jobs.length / 20)),
      column('jobs', 'impossible', () => jobs.filter(({ verdict }) => verdict === 'impossible').length),
      column('held', 'nodes', follow(size.nodes, 40)),
      column('safe', 'nodes', (index) => (index < 400 ? safe - 10 : safe)),
      column('floor', 'nodes', () => 4),
      column('offers', 'accepted', (index) => (index % 36 === 0 ? 2 : 0)),
      column('offers', 'declined', (index) => (index % 12 < 3 ? 6 + (index % 5) : 1)),
      column('offers', 'held', (index) => (index % 90 < 8 ? 3 : 0)),
    ],
  });
}

export function sampleSettings(): GetSettingsResponse {
  const setting = (name: string, value: string, what: string, bounds = '') => ({
    name,
    value,
    configured: value,
    what,
    changeable: bounds !== '',
    bounds,
  });
  return GetSettingsResponse.fromPartial({
    settings: [
      setting('policy.minSlotsHeld', '4', 'Nodes held even when nothing waits.', '0 to 60'),
      setting(
        'policy.safeAllocation.nodes',
        '60',
        'Nodes that are never exceeded, launches in flight included.',
        '4 to 60',
      ),
      setting('policy.safeAllocation.cpus', '492', 'Processors that are never exceeded.'),
      setting('policy.safeAllocation.mem', 'none', 'Memory that is never exceeded.'),
      setting('policy.minComputeNode', '1 slot, 1,024 MiB', 'The least a node is made of.'),
      setting(
        'policy.nodeSize',
        'fit',
        'Whether a node gets the slots that waiting jobs need there, or all that the offer holds.',
      ),
      setting('policy.idleTime', '5 min', 'Idle time before a node above the floor is drained.'),
      setting(
        'policy.gangHold',
        '30 s',
        'How long offers may be held for a job of several nodes that is not complete yet.',
      ),
    ],
  });
}

export function tally(keys: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const key of keys) counts[key] = (counts[key] ?? 0) + 1;
  return counts;
}
