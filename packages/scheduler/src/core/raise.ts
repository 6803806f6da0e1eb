/**
 * Brings launched nodes up, one step each: create the node, start its mom, or give it up when that
 * takes too long.
 */
import { unreachable } from '@mesos-torque/common/units.ts';
import { killTask, offline } from './acts.ts';
import type { CreateNodeDecision, StartMomDecision } from './decisions.ts';
import type { TaskFacts } from './facts.ts';
import { jobsOn } from './leave.ts';
import { requestIdOf } from './names.ts';
import type { ElasticNode, LaunchingNode, RegisteringNode, StartingNode } from './nodes.ts';
import type { Pass } from './pass.ts';
import * as because from './reasons.ts';
import { act, nodeAct, stepsOf, wait, type Step } from './steps.ts';
import type { Survey } from './survey.ts';

export interface Raised {
  readonly steps: ReadonlyMap<string, Step>;
  /** Task ids of nodes that are given up in this plan: nothing is placed on them. */
  readonly givenUp: ReadonlySet<string>;
}

export function raise(survey: Survey, pass: Pass): Raised {
  const steps = stepsOf(survey.ours, (node) => raiseOne(node, survey, pass));
  const late = survey.ours.filter((node) => isLate(node, survey));
  return { steps, givenUp: new Set(late.map((node) => node.intent.taskId)) };
}

/** Whether a node has been on its way for longer than the policy allows. */
function isLate(node: ElasticNode, { snapshot, policy }: Survey): boolean {
  switch (node.phase) {
    case 'launching':
      return snapshot.nowMs - node.intent.launchedAtMs >= policy.launchTimeMsMax;
    case 'starting':
    case 'registering':
      return snapshot.nowMs - node.task.sinceMs >= policy.registerTimeMsMax;
    case 'up':
    case 'draining':
    case 'leaving':
    case 'suspect':
    case 'gone':
      return false;
    default:
      return unreachable(node);
  }
}

function raiseOne(node: ElasticNode, survey: Survey, pass: Pass): Step | null {
  switch (node.phase) {
    case 'launching':
      return raiseLaunching(node, survey, pass);
    case 'starting':
      return raiseStarting(node, survey, pass);
    case 'registering':
      return raiseRegistering(node, survey, pass);
    case 'up':
    case 'draining':
    case 'leaving':
    case 'suspect':
    case 'gone':
      return null;
    default:
      return unreachable(node);
  }
}

function raiseLaunching(node: LaunchingNode, survey: Survey, pass: Pass): Step {
  const { snapshot, policy, trust } = survey;
  const { launchedAtMs } = node.intent;
  if (!pass.due(launchedAtMs, policy.launchTimeMsMax)) return wait(because.waitsForExecutor());
  if (!trust.mayShrink) return wait(because.readingsMissing());
  const why = because.launchTooLong(snapshot.nowMs - launchedAtMs, policy.launchTimeMsMax);
  return killTask(node, because.gaveUp(why), survey, pass);
}

function raiseStarting(node: StartingNode, survey: Survey, pass: Pass): Step {
  const { policy, trust } = survey;
  if (!trust.phasesKnown) return wait(because.readingsMissing());
  const late = giveUpIfLate(node, survey, pass);
  if (late !== null) return late;
  if (node.node !== null) return wait(because.waitsForHostList());
  const last = survey.snapshot.recent.nodeActs[node.intent.nodeName];
  if (last?.act === 'create') {
    if (last.problem === null && last.endedAtMs > readAtMs(survey))
      return wait(because.waitsToBeSeen('create'));
    if (!pass.due(last.endedAtMs, policy.repeatMs)) return wait(because.waitsToRepeat(last));
  }
  if (!nameKnown(node.task)) return wait(because.waitsForName());
  return nodeAct(pass, policy, createNode(node, survey));
}

/**
 * Whether we know by which name the mom goes. After a restart of ours Mesos tells a task's state but
 * not what the executor reported with it; the name checked before the restart is then taken as good.
 */
function nameKnown(task: TaskFacts): boolean {
  return task.momName !== null || task.stage === 'unknown';
}

function raiseRegistering(node: RegisteringNode, survey: Survey, pass: Pass): Step {
  const { policy, trust, snapshot } = survey;
  if (!trust.phasesKnown) return wait(because.readingsMissing());
  const late = giveUpIfLate(node, survey, pass);
  if (late !== null) return late;
  const { stage, state } = node.task;
  const isPrepared = stage === 'prepared' || (stage === 'unknown' && state === 'TASK_STARTING');
  if (!isPrepared) return wait(because.waitsForMom());
  if (!snapshot.mesos.connected) return wait(because.notConnected());
  const lastMs = snapshot.recent.startMomMs[node.intent.taskId];
  return pass.due(lastMs, policy.repeatMs) ? act(startMom(node)) : wait(because.waitsForMom());
}

function giveUpIfLate(node: StartingNode | RegisteringNode, survey: Survey, pass: Pass): Step | null {
  const { snapshot, policy, trust } = survey;
  if (!pass.due(node.task.sinceMs, policy.registerTimeMsMax)) return null;
  if (!trust.mayShrink) return wait(because.readingsMissing());
  const jobs = node.node === null ? [] : jobsOn(node.node, survey);
  if (jobs.length > 0) return wait(because.jobsRemain(jobs));
  const waitedMs = snapshot.nowMs - node.task.sinceMs;
  const why = because.gaveUp(because.registerTooLong(waitedMs, policy.registerTimeMsMax));
  return node.node === null ? killTask(node, why, survey, pass) : offline(node, why, survey, pass);
}

function readAtMs(survey: Survey): number {
  const { nodes } = survey.snapshot;
  return nodes.state === 'unknown' ? 0 : nodes.atMs;
}

function createNode({ intent }: StartingNode, { policy, snapshot }: Survey): CreateNodeDecision {
  return {
    kind: 'create-node',
    taskId: intent.taskId,
    node: intent.nodeName,
    np: intent.np,
    gpus: intent.gpus,
    properties: intent.properties,
    ports: intent.ports,
    requestId: requestIdOf(policy.ownerMark, {
      frameworkId: snapshot.mesos.frameworkId ?? '',
      taskId: intent.taskId,
    }),
    why: because.readyToCreate(intent.nodeName),
  };
}

function startMom({ intent }: RegisteringNode): StartMomDecision {
  return {
    kind: 'start-mom',
    taskId: intent.taskId,
    agentId: intent.agentId,
    node: intent.nodeName,
    why: because.readyToStart(),
  };
}
