/**
 * Announced maintenance of agents. Nothing is launched there that could not end in time (see `fit`); nodes
 * there stop taking jobs early enough for those that run, and those that might start, to end before the
 * window, judged by their walltimes.
 */
import { counted, listed, seconds, type Reason } from './reasons.ts';
import type { MaintenanceWindow } from './conditions.ts';
import type { JobFacts, Snapshot } from './facts.ts';
import type { Policy } from './policy.ts';
import { valueOf } from './survey.ts';
import type { DrainWish } from './wishes.ts';

export interface Maintained {
  /** With a wish to drain for each agent whose nodes take no jobs any more. */
  readonly snapshot: Snapshot;
  /** When the next of them stops, or a window ends. */
  readonly changesAtMs: readonly number[];
}

/** An operator's own wish about an agent goes before. */
export function withMaintenance(snapshot: Snapshot, policy: Policy): Maintained {
  const { nowMs, wishes, conditions } = snapshot;
  if (conditions.maintenance.length === 0) return { snapshot, changesAtMs: [] };
  const aheadMs = Math.max(policy.maintenanceLeadMs, longestWait(snapshot));
  const windows = conditions.maintenance.filter((window) => !isOver(window, nowMs));
  const drains = windows
    .filter(({ agentId, fromMs }) => {
      const isDue = nowMs >= fromMs - aheadMs || conditions.promised.includes(agentId);
      return isDue && !isWished(agentId, snapshot);
    })
    .map((window) => wishFor(window, aheadMs));
  return {
    snapshot: { ...snapshot, wishes: { ...wishes, drains: [...wishes.drains, ...drains] } },
    changesAtMs: windows.flatMap(({ fromMs, untilMs }) => [fromMs - aheadMs, untilMs ?? fromMs]),
  };
}

function isOver({ untilMs }: MaintenanceWindow, nowMs: number): boolean {
  return untilMs !== null && nowMs >= untilMs;
}

function isWished(agentId: string, { wishes }: Snapshot): boolean {
  return wishes.drains.some(({ target }) => target.kind === 'agent' && target.agentId === agentId);
}

function wishFor({ agentId, fromMs }: MaintenanceWindow, aheadMs: number): DrainWish {
  return {
    who: 'Mesos',
    why: 'announced maintenance',
    sinceMs: Number.isFinite(aheadMs) ? fromMs - aheadMs : 0,
    target: { kind: 'agent', agentId },
    deadlineMs: fromMs,
    force: false,
  };
}

/** The longest walltime of a job that may be started at any moment; endless where one has none. */
function longestWait({ queue }: Snapshot): number {
  const waiting = valueOf(queue, { jobs: [] }).jobs.filter(
    ({ state, isArrayTemplate }) => state === 'queued' && !isArrayTemplate,
  );
  return Math.max(0, ...waiting.map(walltimeMs));
}

function walltimeMs({ walltimeS }: JobFacts): number {
  return walltimeS === null ? Infinity : walltimeS * 1000;
}

/** Whether an agent will be free of our jobs when its window begins. */
export interface Vacating {
  readonly inTime: boolean;
  readonly why: Reason;
}

/**
 * What Mesos is told about an inverse offer. It is accepted only for nodes that take no jobs any more: one that
 * is open may be given a job at any moment, of any length, and an acceptance is a promise. A job that just
 * started is given its whole walltime from now.
 */
export function vacating({ agentId, fromMs }: MaintenanceWindow, snapshot: Snapshot): Vacating {
  const { nowMs, intents, queue, nodes } = snapshot;
  const there = intents.filter((one) => one.agentId === agentId);
  if (there.length === 0) return { inTime: true, why: nothingThere(agentId) };
  if (queue.state !== 'fresh' || nodes.state !== 'fresh') {
    return { inTime: false, why: jobsUnknown(agentId) };
  }
  const byName = new Map(nodes.value.map((node) => [node.name, node]));
  const open = there.find(({ nodeName, goal }) => {
    const states = byName.get(nodeName)?.states;
    // A node whose host list was not sent reads offline, and opens by itself.
    const isClosed =
      states === undefined || (states.includes('offline') && !states.includes('mom-list-not-sent'));
    return goal.kind === 'hold' || !isClosed;
  });
  if (open !== undefined) return { inTime: false, why: takesJobs(agentId, open.nodeName) };
  const inMs = fromMs - nowMs;
  const names = new Set(there.map(({ nodeName }) => nodeName));
  const onNodes = new Set(there.flatMap(({ nodeName }) => byName.get(nodeName)?.jobs ?? []).map(jobIdOf));
  const running = queue.value.jobs.filter((job) => isOn(job, names) || onNodes.has(job.id));
  // pbsnodes may show a job that started after the queue was read.
  if (onNodes.size > running.length) return { inTime: false, why: jobsUnknown(agentId) };
  const late = running.filter((job) => walltimeMs(job) > inMs);
  if (late.length > 0) return { inTime: false, why: jobsTooLong(agentId, late, inMs) };
  return { inTime: true, why: endsInTime(agentId, inMs) };
}

function isOn({ state, execNodes }: JobFacts, names: ReadonlySet<string>): boolean {
  const isRunning = state === 'running' || state === 'exiting' || state === 'suspended';
  return isRunning && execNodes.some((node) => names.has(node));
}

function nothingThere(agentId: string): Reason {
  return { code: 'maintenance-free', text: `we hold nothing on agent ${agentId}` };
}

function jobIdOf({ jobId }: { readonly jobId: string }): string {
  return jobId;
}

function takesJobs(agentId: string, nodeName: string): Reason {
  return {
    code: 'maintenance-open',
    text: `node ${nodeName} on agent ${agentId} still takes jobs; it goes offline in time for those that wait`,
  };
}

function jobsUnknown(agentId: string): Reason {
  return {
    code: 'maintenance-unknown',
    text: `what runs on agent ${agentId} is not known: queue and nodes have to be read first`,
  };
}

function jobsTooLong(agentId: string, late: readonly JobFacts[], inMs: number): Reason {
  const words = late.map(({ id, walltimeS }) =>
    walltimeS === null ? `${id} without a walltime` : `${id} of ${seconds(walltimeS * 1000)}`,
  );
  return {
    code: 'maintenance-late',
    text: `${counted(late.length, 'job')} on agent ${agentId} may run beyond the beginning in ${seconds(inMs)}: ${listed(words)}`,
  };
}

function endsInTime(agentId: string, inMs: number): Reason {
  return {
    code: 'maintenance-in-time',
    text: `all jobs on agent ${agentId} end before it begins in ${seconds(inMs)}, by their walltimes`,
  };
}
