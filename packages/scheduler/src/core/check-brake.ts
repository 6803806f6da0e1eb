/**
 * The rule of the brake, counted anew: where pbsnodes lacks, or the master calls gone, more of our nodes
 * than may go at once, none of them is touched. Only what is certain to count is counted here.
 */
import type { CheckedFacts } from './check-offers.ts';
import type { Intent, Snapshot, TaskFacts, TaskStateName } from './facts.ts';
import { requestIdOf } from './names.ts';
import type { Policy } from './policy.ts';
import { isBrakeConfirmed } from './reasons-brake.ts';
import { standingOf } from './task-states.ts';

const inferredByMaster: readonly TaskStateName[] = ['TASK_LOST', 'TASK_DROPPED', 'TASK_GONE', 'TASK_UNKNOWN'];

export function checkBrake({ snapshot, policy, plan }: CheckedFacts): string[] {
  if (snapshot.nodes.state !== 'fresh' || snapshot.tasks.state !== 'fresh') return [];
  const isSpokenAgainst = speaker(snapshot, policy);
  const standing = snapshot.intents.filter((intent) => !isConfirmed(intent));
  const counts = (intent: Intent): boolean => isSpokenAgainst(intent) && hasStood(intent, snapshot, policy);
  const against = new Set(standing.filter(counts).map(({ taskId }) => taskId));
  if (against.size < policy.brakeNodesMin || against.size <= standing.length * policy.brakeShare) return [];
  return plan.decisions.flatMap((decision) => {
    if (decision.kind !== 'offline' && decision.kind !== 'kill-task' && decision.kind !== 'forget') return [];
    if (!against.has(decision.taskId)) return [];
    return [
      `${decision.kind} of ${decision.taskId} while the answers speak against ${against.size} of ${standing.length} nodes, and nobody confirmed it`,
    ];
  });
}

function isConfirmed({ goal }: Intent): boolean {
  return goal.kind !== 'hold' && isBrakeConfirmed(goal.why);
}

function hasStood({ taskId, launchedAtMs }: Intent, { history, nowMs }: Snapshot, policy: Policy): boolean {
  const isOld = nowMs - launchedAtMs > policy.launchTimeMsMax + 2 * policy.registerTimeMsMax;
  return isOld || typeof history[taskId]?.upAtMs === 'number';
}

function speaker({ nodes, tasks, mesos, recent }: Snapshot, policy: Policy): (intent: Intent) => boolean {
  const taskOf = new Map((tasks.state === 'fresh' ? tasks.value : []).map((task) => [task.id, task]));
  const shown = nodes.state === 'fresh' ? nodes.value : [];
  const names = new Set(shown.map(({ name }) => name));
  const marks = new Set(shown.map(({ requestId }) => requestId));
  return ({ taskId, nodeName, goal }) => {
    const task = taskOf.get(taskId);
    if (goal.kind !== 'hold' || task === undefined) return false;
    const frameworkId = mesos.frameworkId ?? '';
    const isMissing = !names.has(nodeName) && recent.nodeActs[nodeName]?.act !== 'create';
    if (isMissing && standingOf(task.state) === 'ended') return true;
    if (inferredByMaster.includes(task.state)) {
      return marks.has(requestIdOf(policy.ownerMark, { frameworkId, taskId }));
    }
    return (
      isMissing && task.state === 'TASK_RUNNING' && task.stage !== 'prepared' && isItsName(task, nodeName)
    );
  };
}

function isItsName({ momName }: TaskFacts, nodeName: string): boolean {
  return momName === null || momName.toLowerCase() === nodeName.toLowerCase();
}
