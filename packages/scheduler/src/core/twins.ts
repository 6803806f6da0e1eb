/**
 * Two nodes of ours on one agent: a launch that was given up for lost and came all the same, or a state
 * restored from an old copy. Both would count on the machine's processors.
 */
import type { Intent, Snapshot } from './facts.ts';
import { serialOf } from './names.ts';
import { standingOf } from './task-states.ts';

export interface Twins {
  readonly older: Intent;
  readonly younger: Intent;
}

/**
 * Intents to hold whose tasks both live on the same agent, as both were told since the last
 * subscription. Of three the two younger ones are named.
 */
export function twinsAmong({ intents, tasks }: Pick<Snapshot, 'intents' | 'tasks'>): readonly Twins[] {
  if (tasks.state !== 'fresh') return [];
  const agentOf = new Map(
    tasks.value
      .filter(({ state }) => standingOf(state) === 'alive')
      .map(({ id, agentId }) => [id, agentId] as const),
  );
  const first = new Map<string, Intent>();
  const inOrder = intents
    .filter(({ goal }) => goal.kind === 'hold')
    .toSorted((a, b) => (serialOf(a.taskId) ?? 0) - (serialOf(b.taskId) ?? 0));
  return inOrder.flatMap((intent) => {
    const agentId = agentOf.get(intent.taskId) ?? null;
    if (agentId === null) return [];
    const older = first.get(agentId);
    if (older !== undefined) return [{ older, younger: intent }];
    first.set(agentId, intent);
    return [];
  });
}
