/**
 * A person's word that what the brake holds back is to be removed. It is kept as the goal of each node:
 * from there on they leave like any other, step by step and with every second look, after a restart too.
 */
import type { Brake } from '../core/brake.ts';
import { removalConfirmed } from '../core/reasons-brake.ts';
import type { DurableState, Problem } from './ports.ts';

/** The nodes that `brake` names are to leave; the same object when none of them is left. */
export function withConfirmed(durable: DurableState, { stopped }: Brake, nowMs: number): DurableState {
  const causes = new Map(stopped.map(({ taskId, cause }) => [taskId, cause]));
  if (!durable.intents.some(({ taskId }) => causes.has(taskId))) return durable;
  return {
    ...durable,
    intents: durable.intents.map((intent) => {
      const cause = causes.get(intent.taskId);
      if (cause === undefined) return intent;
      return { ...intent, goal: { kind: 'drain', sinceMs: nowMs, why: removalConfirmed(cause).text } };
    }),
  };
}

/** Why `id` cannot be confirmed; null when it is what the brake asks about now. */
export function confirmationProblem(id: string, brake: Brake | null): Problem | null {
  if (brake === null) {
    return { kind: 'not-found', detail: `confirming ${id}: the brake holds nothing back (any more)` };
  }
  if (brake.id === id) return null;
  const detail = `confirming ${id}: the answers have changed, and it is ${brake.id} now: ${brake.why.text}`;
  return { kind: 'conflict', detail };
}
