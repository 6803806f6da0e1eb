/** Since when each node of ours has been in its phase, as far as this process has seen. */
import type { NodeVerdict } from '../core/decisions.ts';

export interface PhaseTimes {
  look(nodes: readonly NodeVerdict[], nowMs: number): readonly PhaseEnd[];
  sinceMs(taskId: string): number | null;
}

/** A phase that was seen from its beginning to its end. */
export interface PhaseEnd {
  readonly phase: string;
  readonly ms: number;
}

interface Seen {
  readonly phase: string;
  readonly sinceMs: number;
  /** False for the phase in which a node was found first: it may have begun earlier. */
  readonly isWhole: boolean;
}

export function createPhaseTimes(): PhaseTimes {
  let seen: Map<string, Seen> | null = null;
  return {
    look(nodes, nowMs) {
      const before = seen;
      const now = new Map<string, Seen>();
      const ends: PhaseEnd[] = [];
      for (const { taskId, phase } of nodes) {
        if (taskId === null) continue;
        const last = before?.get(taskId);
        if (last?.phase === phase) {
          now.set(taskId, last);
          continue;
        }
        if (last?.isWhole === true) ends.push({ phase: last.phase, ms: nowMs - last.sinceMs });
        // Nodes that are there at the first look began before it.
        now.set(taskId, { phase, sinceMs: nowMs, isWhole: before !== null });
      }
      for (const [taskId, last] of before ?? []) {
        if (!now.has(taskId) && last.isWhole) ends.push({ phase: last.phase, ms: nowMs - last.sinceMs });
      }
      seen = now;
      return ends;
    },
    sinceMs: (taskId) => seen?.get(taskId)?.sinceMs ?? null,
  };
}
