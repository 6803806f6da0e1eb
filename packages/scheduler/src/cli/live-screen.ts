/** The screen of `watch`: nodes by phase, queue, offers and the last decisions, as large as the terminal. Pure. */
import { amount, grouped } from '@mesos-torque/common/units.ts';
import type { Node } from '@mesos-torque/proto/gen/control/v1/facts.ts';
import type { GetStatusResponse, WatchResponse } from '@mesos-torque/proto/gen/control/v1/messages.ts';
import { ago } from '../core/explain-words.ts';
import { renderEntry } from './render-status.ts';
import { clean } from './terminal.ts';

export interface LiveState {
  /** Null while the scheduler does not answer. */
  readonly status: GetStatusResponse | null;
  /** Why not, then. */
  readonly problem: string;
  /** Oldest first. */
  readonly entries: readonly WatchResponse[];
}

export interface Size {
  readonly columns: number;
  readonly rows: number;
}

/** Lines, at most as many as there are rows, none wider than the terminal. */
export function liveScreen(
  { status, problem, entries }: LiveState,
  { columns, rows }: Size,
  nowMs: number,
): string[] {
  const head = status === null ? [`mesos-torque: ${problem}`] : headLines(status, nowMs);
  const nodeRoom = Math.max(3, Math.floor((rows - head.length) / 2));
  const nodes = status === null ? [] : nodeLines(status, nodeRoom);
  const above = [...head, '', ...nodes, ''];
  const room = Math.max(0, rows - above.length - 1);
  const last = room === 0 ? [] : entries.slice(-room).map((entry) => renderEntry(entry).trimEnd());
  return [...above, 'LAST DECISIONS', ...last].slice(0, rows).map((line) => cut(line, columns));
}

function headLines(status: GetStatusResponse, nowMs: number): string[] {
  const { held, safeAllocation, growthHeld } = status;
  const most = safeAllocation?.nodes === undefined ? '' : ` of ${grouped(safeAllocation.nodes)}`;
  const holds =
    held === undefined
      ? 'unknown'
      : `${grouped(held.nodes)} nodes${most} (floor ${grouped(status.floorNodes)}), ${amount('cpuMilli', Number(held.cpuMilli))}, ${amount('memMib', Number(held.memMib))}`;
  return [
    `mesos-torque ${status.version}  ${status.role}${status.ready ? '' : `, not ready: ${status.notReadyWhy}`}  planned ${ago(nowMs - Number(status.plannedAtMs))} ago`,
    `Jobs    ${tally(status.jobsByVerdict)}`,
    `Waiting ${tally(status.jobsByReason)}`,
    `Nodes   ${tally(status.nodesByPhase)}`,
    `Offers  ${tally(status.offersByVerdict)}${status.suppressed ? ' (suppressed: no node is wanted)' : ''}`,
    `Held    ${holds}`,
    ...(growthHeld === undefined ? [] : [`HELD    growth, by ${growthHeld.who}: ${growthHeld.why}`]),
    ...status.notices.map((notice) => `NOTE    ${notice}`),
  ].map(clean);
}

function tally(counts: Readonly<Record<string, number>>): string {
  const parts = Object.entries(counts).sort(([a], [b]) => (a < b ? -1 : 1));
  return parts.length === 0 ? 'none' : parts.map(([name, count]) => `${name} ${grouped(count)}`).join('  ');
}

/** Those that change come first. */
const order = ['suspect', 'launching', 'starting', 'registering', 'draining', 'leaving', 'up', 'gone'];

function nodeLines({ nodes }: GetStatusResponse, room: number): string[] {
  const ours = nodes.filter(({ taskId }) => taskId !== '');
  const place = ({ phase }: Node): number => order.indexOf(phase);
  const sorted = ours.toSorted((a, b) => place(a) - place(b) || (a.name < b.name ? -1 : 1));
  const shown = sorted.slice(0, Math.max(1, room - 2));
  const width = Math.max(4, ...shown.map(({ name }) => name.length));
  const lines = shown.map(
    ({ name, phase, slotsUsed, np, why }) =>
      `${clean(name).padEnd(width)}  ${phase.padEnd(11)}  ${`${String(slotsUsed)}/${String(np)}`.padEnd(7)}  ${clean(why)}`,
  );
  const more = sorted.length - shown.length;
  return [
    `${'NODE'.padEnd(width)}  ${'PHASE'.padEnd(11)}  ${'SLOTS'.padEnd(7)}  BECAUSE`,
    ...lines,
    ...(more > 0 ? [`and ${grouped(more)} more`] : []),
  ];
}

function cut(line: string, columns: number): string {
  return line.length <= columns ? line : `${line.slice(0, Math.max(0, columns - 1))}…`;
}
