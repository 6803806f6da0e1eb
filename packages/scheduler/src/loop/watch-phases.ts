/**
 * Journals each change of a node's phase with how long the phase before it took: from these lines it
 * can be shown where the time between qsub and a running job went.
 */
import type { NodeVerdict } from '../core/decisions.ts';
import type { JournalEntry, JournalPort } from './ports.ts';

export const phaseChanged = 'node phase changed';

interface Seen {
  readonly node: string;
  readonly phase: string;
  readonly sinceMs: number;
}

export interface PhaseWatch {
  look(nodes: readonly NodeVerdict[], nowMs: number): void;
}

/** Watches nodes that have a task; static nodes and placeholders have no phases. */
export function createPhaseWatch(journal: JournalPort): PhaseWatch {
  let seen = new Map<string, Seen>();
  return {
    look(nodes, nowMs) {
      const now = new Map<string, Seen>();
      for (const { node, taskId, phase, why } of nodes) {
        if (taskId === null) continue;
        const before = seen.get(taskId);
        const same = before?.phase === phase;
        now.set(taskId, same ? before : { node, phase, sinceMs: nowMs });
        if (!same) journal.append({ ...change(taskId, node, before, phase, nowMs), why: why.text });
      }
      for (const [taskId, before] of seen) {
        if (now.has(taskId) || before.phase === 'gone') continue;
        journal.append(change(taskId, before.node, before, 'gone', nowMs));
      }
      seen = now;
    },
  };
}

/** `ms` is null for a node that this process sees for the first time. */
function change(
  taskId: string,
  node: string,
  before: Seen | undefined,
  to: string,
  nowMs: number,
): JournalEntry {
  const ms = before === undefined ? null : nowMs - before.sinceMs;
  return { atMs: nowMs, event: phaseChanged, node, taskId, data: { from: before?.phase ?? null, to, ms } };
}

export interface PhaseDuration {
  readonly node: string;
  readonly taskId: string;
  readonly phase: string;
  readonly beganMs: number;
  readonly ms: number;
}

/** How long each phase of each node took, in the order in which the phases ended. */
export function phaseDurations(entries: Iterable<JournalEntry>): readonly PhaseDuration[] {
  const durations: PhaseDuration[] = [];
  for (const { atMs, event, node, taskId, data } of entries) {
    const phase = data?.['from'];
    const ms = data?.['ms'];
    if (event !== phaseChanged || node === undefined || taskId === undefined) continue;
    if (typeof phase !== 'string' || typeof ms !== 'number') continue;
    durations.push({ node, taskId, phase, beganMs: atMs - ms, ms });
  }
  return durations;
}
