/**
 * Takes nodes away that are to leave, one step each: offline → seen offline and without jobs → delete
 * the node → seen gone → kill the task → ended → forget. Also says what becomes of suspect nodes.
 */
import { unreachable } from '@mesos-torque/common/units.ts';
import { deleteNode, heldBack, kill, killTask, offline, seenSince } from './acts.ts';
import { isOffline } from './derive.ts';
import type { DrainingNode, ElasticNode, GoneNode, LeavingNode, SuspectNode } from './nodes.ts';
import type { Pass } from './pass.ts';
import * as because from './reasons-life.ts';
import type { Reason } from './reasons.ts';
import { taskEnded, unwellTooLong } from './reasons-trouble.ts';
import { readingsMissing } from './reasons-trust.ts';
import type { Sliced } from './sliced.ts';
import { act, stepsOf, wait, type Step, type Steps } from './steps.ts';
import type { Survey } from './survey.ts';
import { jobsOn } from './jobs-on.ts';
import { drainForced, drainWaits } from './reasons-wishes.ts';
import { momStarted } from './task-states.ts';
import { drainOf, isForcedNow } from './wishes.ts';

/** `takenBack`: task ids of draining nodes that are used again instead. */
export function* leave(survey: Survey, takenBack: ReadonlySet<string>, pass: Pass): Sliced<Steps> {
  return yield* stepsOf(survey.ours, (node) =>
    takenBack.has(node.intent.taskId) ? null : leaveOne(node, survey, pass),
  );
}

function leaveOne(node: ElasticNode, survey: Survey, pass: Pass): Step | null {
  switch (node.phase) {
    case 'launching':
    case 'starting':
    case 'registering':
    case 'up':
      return null;
    case 'draining':
      return leaveDraining(node, survey, pass);
    case 'leaving':
      return leaveLeaving(node, survey, pass);
    case 'suspect':
      return leaveSuspect(node, survey, pass);
    case 'gone':
      return forget(node, survey);
    default:
      return unreachable(node);
  }
}

function leaveDraining(node: DrainingNode, survey: Survey, pass: Pass): Step {
  const { snapshot, trust } = survey;
  if (!trust.mayShrink) return wait(readingsMissing());
  if (!isOffline(node.node)) return offline(node, offlineAgainWhy(node), survey, pass);
  const jobs = jobsOn(node.node, survey);
  if (jobs.length > 0) return waitForJobs(node, jobs, survey, pass);
  if (!seenSince(node, snapshot)) return wait(because.waitsToBeSeen('offline'));
  return deleteNode(node, because.offlineAndEmpty(goalWhy(node)), survey, pass);
}

/** Only an operator who said so ends jobs, and not before the deadline. */
function waitForJobs(node: DrainingNode, jobs: readonly string[], survey: Survey, pass: Pass): Step {
  const { nowMs, wishes } = survey.snapshot;
  const wish = drainOf(node.intent, wishes);
  if (wish === null) return wait(because.jobsRemain(jobs));
  if (isForcedNow(wish, nowMs)) return kill(node.intent, drainForced(wish, jobs.length, nowMs), survey, pass);
  if (wish.deadlineMs !== null) pass.wakeAt(wish.deadlineMs);
  return wait(drainWaits(wish, because.jobsRemain(jobs), nowMs));
}

/** A node that came to nothing keeps saying so, because the goal's reason is recorded anew. */
function offlineAgainWhy(node: DrainingNode): Reason {
  const why = goalWhy(node);
  return because.isGivenUp(why) ? { code: 'gave-up-again', text: why } : because.notSeenOffline();
}

function leaveLeaving(node: LeavingNode, survey: Survey, pass: Pass): Step {
  const { snapshot, trust } = survey;
  if (!trust.mayShrink) return wait(readingsMissing());
  if (node.node !== null) return leaveDraining({ ...node, node: node.node, phase: 'draining' }, survey, pass);
  if (!seenSince(node, snapshot)) return wait(because.waitsToBeSeen('delete'));
  return killTask(node, because.nodeIsGone(goalWhy(node)), survey, pass);
}

function leaveSuspect(node: SuspectNode, survey: Survey, pass: Pass): Step {
  if (!survey.trust.mayShrink) return wait(node.why);
  switch (node.trouble) {
    case 'unhealthy':
    case 'down':
      return giveUpIfLong(node, survey, pass);
    case 'unreachable':
    case 'offline-by-others':
    case 'being-killed':
    case 'not-read':
    case 'contradictory':
      return wait(node.why);
    case 'name-taken':
      // A mom that runs may serve jobs of that other node; one that never started serves nobody.
      return node.task !== null && momStarted(node.task) ? wait(node.why) : giveUp(node, survey, pass);
    case 'ended':
    case 'vanished':
    case 'name-differs':
      return giveUp(node, survey, pass);
    default:
      return unreachable(node.trouble);
  }
}

/**
 * A node that was up and is not may come back; if it does not, it goes the usual way: offline, so that
 * no job starts there, and deleted once pbs_server itself shows no job on it any more.
 */
function giveUpIfLong(node: SuspectNode, survey: Survey, pass: Pass): Step {
  const { snapshot, policy } = survey;
  const sinceMs = snapshot.history[node.intent.taskId]?.unwellSinceMs ?? null;
  const limitMs = 2 * policy.registerTimeMsMax;
  if (sinceMs === null || node.node === null || isOffline(node.node)) return wait(node.why);
  if (!pass.due(sinceMs, limitMs)) return wait(node.why);
  const why = unwellTooLong(node.why, snapshot.nowMs - sinceMs, limitMs);
  return offline(node, because.gaveUp(why), survey, pass);
}

/** No job starts on an offline node; one that pbs_server shows there keeps it until it is gone. */
function giveUp(node: SuspectNode, survey: Survey, pass: Pass): Step {
  const cause = node.trouble === 'ended' && node.task !== null ? taskEnded(node.task) : node.why;
  const why = because.gaveUp(cause);
  if (node.node !== null) {
    const mustWait = isOffline(node.node) && jobsOn(node.node, survey).length > 0;
    return mustWait ? wait(node.why) : offline(node, why, survey, pass);
  }
  return seenSince(node, survey.snapshot) ? killTask(node, why, survey, pass) : wait(node.why);
}

function forget(node: GoneNode, survey: Survey): Step {
  const { trust, snapshot } = survey;
  const { goal, taskId, nodeName } = node.intent;
  if (!trust.mayShrink) return wait(readingsMissing());
  if (!seenSince(node, snapshot)) return wait(because.waitsToBeSeen('delete'));
  const why = because.bothGone(node.task);
  const failed = goal.kind === 'hold' || because.isGivenUp(goal.why);
  const held = heldBack(taskId, why, survey);
  return held ?? act({ kind: 'forget', taskId, node: nodeName, failed, why });
}

function goalWhy({ intent }: ElasticNode): string {
  return intent.goal.kind === 'hold' ? '' : intent.goal.why;
}
