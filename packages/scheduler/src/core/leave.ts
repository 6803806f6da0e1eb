/**
 * Takes nodes away that are to leave, one step each: offline → seen offline and without jobs → delete
 * the node → seen gone → kill the task → ended → forget. Also says what becomes of suspect nodes.
 */
import { unreachable } from '@mesos-torque/common/units.ts';
import { deleteNode, killTask, offline, seenSince } from './acts.ts';
import { isOffline } from './derive.ts';
import type { TorqueNode } from './facts.ts';
import type { DrainingNode, ElasticNode, GoneNode, LeavingNode, SuspectNode } from './nodes.ts';
import type { Pass } from './pass.ts';
import * as because from './reasons.ts';
import { act, stepsOf, wait, type Step, type Steps } from './steps.ts';
import { jobIds, type Survey } from './survey.ts';
import { momStarted } from './task-states.ts';

/** `takenBack`: task ids of draining nodes that are used again instead. */
export function leave(survey: Survey, takenBack: ReadonlySet<string>, pass: Pass): Steps {
  return stepsOf(survey.ours, (node) =>
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
  if (!trust.mayShrink) return wait(because.readingsMissing());
  if (!isOffline(node.node)) return offline(node, offlineAgainWhy(node), survey, pass);
  const jobs = jobsOn(node.node, survey);
  if (jobs.length > 0) return wait(because.jobsRemain(jobs));
  if (!seenSince(node, snapshot)) return wait(because.waitsToBeSeen('offline'));
  return deleteNode(node, because.offlineAndEmpty(goalWhy(node)), survey, pass);
}

/** A node that came to nothing keeps saying so, because the goal's reason is recorded anew. */
function offlineAgainWhy(node: DrainingNode): because.Reason {
  const why = goalWhy(node);
  return because.isGivenUp(why) ? { code: 'gave-up-again', text: why } : because.notSeenOffline();
}

function leaveLeaving(node: LeavingNode, survey: Survey, pass: Pass): Step {
  const { snapshot, trust } = survey;
  if (!trust.mayShrink) return wait(because.readingsMissing());
  if (node.node !== null) return leaveDraining({ ...node, node: node.node, phase: 'draining' }, survey, pass);
  if (!seenSince(node, snapshot)) return wait(because.waitsToBeSeen('delete'));
  return killTask(node, because.nodeIsGone(goalWhy(node)), survey, pass);
}

function leaveSuspect(node: SuspectNode, survey: Survey, pass: Pass): Step {
  if (!survey.trust.mayShrink) return wait(node.why);
  switch (node.trouble) {
    case 'unreachable':
    case 'unhealthy':
    case 'down':
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

function giveUp(node: SuspectNode, survey: Survey, pass: Pass): Step {
  const why = because.gaveUp(node.why);
  if (node.node !== null) {
    return jobsOn(node.node, survey).length > 0 ? wait(node.why) : offline(node, why, survey, pass);
  }
  return seenSince(node, survey.snapshot) ? killTask(node, why, survey, pass) : wait(node.why);
}

function forget(node: GoneNode, survey: Survey): Step {
  const { trust, snapshot } = survey;
  const { goal, taskId, nodeName } = node.intent;
  if (!trust.mayShrink) return wait(because.readingsMissing());
  if (!seenSince(node, snapshot)) return wait(because.waitsToBeSeen('delete'));
  return act({
    kind: 'forget',
    taskId,
    node: nodeName,
    failed: goal.kind === 'hold' || because.isGivenUp(goal.why),
    why: because.bothGone(node.task),
  });
}

/** Jobs on a node, by either of TORQUE's two views. */
export function jobsOn(node: TorqueNode, survey: Survey): readonly string[] {
  const running = survey.jobsOnNode.get(node.name) ?? [];
  return [...new Set([...jobIds(node), ...running])];
}

function goalWhy({ intent }: ElasticNode): string {
  return intent.goal.kind === 'hold' ? '' : intent.goal.why;
}
