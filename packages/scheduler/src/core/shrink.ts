/** Drains nodes that have been idle long enough, never below the floor. */
import { offline, online } from './acts.ts';
import type { Collected } from './collected.ts';
import { countsForFloor } from './floor.ts';
import type { UpNode } from './nodes.ts';
import { by, byName, inTurn } from './order.ts';
import type { RoomMade } from './make-room.ts';
import type { Pass } from './pass.ts';
import * as because from './reasons-life.ts';
import { notConnected, readingsMissing } from './reasons-trust.ts';
import { sortSliced, type Sliced } from './sliced.ts';
import { stepsOf, wait, type Step, type Steps } from './steps.ts';
import type { Survey } from './survey.ts';
import { jobsOn } from './jobs-on.ts';
import { drainWished } from './reasons-wishes.ts';
import { drainOf, type DrainWish } from './wishes.ts';

/** Nodes that stay for jobs, however long they have been idle. */
export interface Kept {
  /** Task ids of nodes that queued jobs were placed on. */
  readonly needed: ReadonlySet<string>;
  readonly collected: Collected | null;
}

/** `room`: nodes that leave for a job that waits. */
export function* shrink(survey: Survey, kept: Kept, room: RoomMade | null, pass: Pass): Sliced<Steps> {
  const { policy, snapshot } = survey;
  const up = survey.ours.filter((node) => node.phase === 'up');
  const wish = (node: UpNode): DrainWish | null => drainOf(node.intent, snapshot.wishes);
  const idleSince = (node: UpNode): number => snapshot.idleSinceMs[node.node.name] ?? Infinity;
  const longestIdleFirst = yield* sortSliced(
    up,
    inTurn<UpNode>(
      (a, b) => Math.sign(idleSince(a) - idleSince(b)) || 0,
      by((node) => node.intent.np),
      byName((node) => node.intent.taskId),
    ),
  );
  const leavesAnyway = ({ intent: { taskId } }: UpNode): boolean =>
    survey.overLimit.has(taskId) || room?.leaving.has(taskId) === true;
  // What is idle is kept for the floor where others leave: what does not count as held is known beforehand.
  let held = up.filter(
    (node) =>
      !node.returning && wish(node) === null && !leavesAnyway(node) && countsForFloor(node.intent, policy),
  ).length;
  return yield* stepsOf(longestIdleFirst, (node) => {
    if (node.phase !== 'up') return null;
    const wished = wish(node);
    if (wished !== null) return drain(node, wished, survey, pass);
    const over = survey.overLimit.get(node.intent.taskId);
    if (over !== undefined) {
      return survey.trust.mayShrink ? offline(node, over, survey, pass) : wait(readingsMissing());
    }
    if (room?.leaving.has(node.intent.taskId) === true) {
      return offline(node, because.makesRoom(room.jobId), survey, pass);
    }
    const counts = countsForFloor(node.intent, policy);
    const isFloor = counts && held <= policy.minSlotsHeld;
    const step = keepOrDrain(node, { ...kept, isFloor }, survey, pass);
    if (counts && step.decision?.kind === 'offline') held -= 1;
    return step;
  });
}

function keepOrDrain(
  node: UpNode,
  { needed, collected, isFloor }: Kept & { readonly isFloor: boolean },
  survey: Survey,
  pass: Pass,
): Step {
  const { snapshot, policy, trust } = survey;
  const { nowMs } = snapshot;
  if (node.returning) return comeBack(node, survey, pass);
  const jobs = jobsOn(node.node, survey);
  if (jobs.length > 0) return wait(because.upAndBusy(jobs.length));
  if (needed.has(node.intent.taskId)) return wait(because.upAndNeeded());
  if (collected?.taskIds.has(node.intent.taskId) === true)
    return wait(because.upAndCollected(collected.jobId));
  if (isFloor) return wait(because.upForFloor(policy.minSlotsHeld));
  const sinceMs = snapshot.idleSinceMs[node.node.name] ?? nowMs;
  if (!pass.due(sinceMs, policy.idleMs)) {
    return wait(because.notIdleLongEnough(nowMs - sinceMs, policy.idleMs));
  }
  if (!trust.mayShrink) return wait(readingsMissing());
  if (!snapshot.mesos.connected) return wait(notConnected());
  return offline(node, because.idleTooLong(nowMs - sinceMs, policy.idleMs), survey, pass);
}

/** Its jobs go on: an offline node takes no new ones. */
function drain(node: UpNode, wish: DrainWish, survey: Survey, pass: Pass): Step {
  if (!survey.trust.mayShrink) return wait(readingsMissing());
  return offline(node, drainWished(wish), survey, pass);
}

/** Clearing the offline mark is tried again as long as it fails. */
function comeBack(node: UpNode, survey: Survey, pass: Pass): Step {
  const last = survey.snapshot.recent.nodeActs[node.intent.nodeName];
  if (!survey.trust.allRead || typeof last?.problem !== 'string') return wait(because.comesBack());
  return online(node, because.clearAgain(last.problem), survey, pass);
}
