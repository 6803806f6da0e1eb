/**
 * A new executor rolls through the nodes: those with another one than launches get now leave while they are idle, a
 * few at a time, as if an operator had wished it. Jobs are not touched, and a busy node waits until it is idle.
 */
import type { Intent, Snapshot } from './facts.ts';
import { by, byName, inTurn } from './order.ts';
import type { Policy } from './policy.ts';
import { serialOf } from './names.ts';
import { drainOf, type DrainWish } from './wishes.ts';

/** What an operator or announced maintenance wishes about a node goes before. */
export function withUpgrades(snapshot: Snapshot, policy: Policy): Snapshot {
  const { intents, wishes } = snapshot;
  const outdated = intents.filter((intent) => isOutdated(intent, policy) && drainOf(intent, wishes) === null);
  if (outdated.length === 0) return snapshot;
  // Those that have begun to leave count, so that no more than allowed are missing at a time.
  const leaving = outdated.filter(({ goal }) => goal.kind !== 'hold');
  const idle = outdated
    .filter(({ goal, nodeName }) => goal.kind === 'hold' && snapshot.idleSinceMs[nodeName] !== undefined)
    .toSorted(
      inTurn<Intent>(
        by(({ taskId }) => serialOf(taskId) ?? 0),
        byName(({ taskId }) => taskId),
      ),
    )
    .slice(0, Math.max(0, policy.upgradesAtOnceMax - leaving.length));
  const drains = [...leaving, ...idle].map(wishFor);
  return { ...snapshot, wishes: { ...wishes, drains: [...wishes.drains, ...drains] } };
}

function isOutdated({ executorId }: Intent, policy: Policy): boolean {
  return executorId !== null && policy.executorId !== null && executorId !== policy.executorId;
}

function wishFor({ nodeName, launchedAtMs }: Intent): DrainWish {
  return {
    who: 'mesos-torque',
    why: 'its executor is not the one that launches get now',
    sinceMs: launchedAtMs,
    target: { kind: 'node', node: nodeName },
    deadlineMs: null,
    force: false,
  };
}
