/** The life of a node out of the journal: its phases, one after the other, with times and reasons. */
import type { Entry } from './messages.ts';

export interface PhaseSpan {
  readonly taskId: string;
  readonly phase: string;
  readonly fromMs: number;
  /** Null: it is in this phase now. */
  readonly toMs: number | null;
  /** Why it came to this phase. */
  readonly why: string;
}

const phaseChanged = 'node phase changed';

/** `entries` of one node, in any order. Phases of the latest task come last; a node may have had several tasks. */
export function lifeOf(entries: readonly Entry[]): readonly PhaseSpan[] {
  const changes = entries
    .filter((entry) => entry.event === phaseChanged)
    .toSorted((left, right) => left.atMs - right.atMs || left.sequence - right.sequence);
  return changes.map((entry, index) => {
    const next = changes.slice(index + 1).find(({ taskId }) => taskId === entry.taskId);
    const phase = entry.data['to'] ?? 'unknown';
    // Nothing follows "gone": it is a moment and not a state.
    const toMs = phase === 'gone' ? entry.atMs : (next?.atMs ?? null);
    return { taskId: entry.taskId, phase, fromMs: entry.atMs, toMs, why: entry.why };
  });
}

/** The spans of the latest task alone, oldest first. */
export function latestLife(spans: readonly PhaseSpan[]): readonly PhaseSpan[] {
  const last = spans.at(-1);
  return last === undefined ? [] : spans.filter(({ taskId }) => taskId === last.taskId);
}
