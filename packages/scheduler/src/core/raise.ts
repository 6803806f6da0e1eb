/**
 * Brings launched nodes up, one step each: create the node, start its mom, or give it up when that
 * takes too long.
 */
import { unreachable } from '@mesos-torque/common/units.ts';
import { killTask, offline } from './acts.ts';
import type { CreateNodeDecision, StartMomDecision } from './decisions.ts';
import { wasUp } from './derive.ts';
import type { TaskFacts } from './facts.ts';
import { jobsOn } from './jobs-on.ts';
import { requestIdOf } from './names.ts';
import type { ElasticNode, LaunchingNode, RegisteringNode, StartingNode } from './nodes.ts';
import type { Pass } from './pass.ts';
import type { Policy } from './policy.ts';
import * as because from './reasons-life.ts';
import type { Reason } from './reasons.ts';
import { cannotBeCreated, downForNow } from './reasons-trouble.ts';
import { notConnected, readingsMissing } from './reasons-trust.ts';
import { drainWished } from './reasons-wishes.ts';
import { drainOf } from './wishes.ts';
import type { Sliced } from './sliced.ts';
import { act, nodeAct, stepsOf, wait, type Step } from './steps.ts';
import type { Survey } from './survey.ts';

export interface Raised {
  readonly steps: ReadonlyMap<string, Step>;
  /** Task ids of nodes that are given up in this plan: nothing is placed on them. */
  readonly givenUp: ReadonlySet<string>;
}

export function* raise(survey: Survey, pass: Pass): Sliced<Raised> {
  const steps = yield* stepsOf(survey.ours, (node) => raiseOne(node, survey, pass));
  const late = survey.ours.filter((node) => isLate(node, survey));
  return { steps, givenUp: new Set(late.map((node) => node.intent.taskId)) };
}

/** Whether a node has been on its way for longer than the policy allows. */
function isLate(node: ElasticNode, survey: Survey): boolean {
  const { snapshot, policy } = survey;
  switch (node.phase) {
    case 'launching':
      return snapshot.nowMs - node.intent.launchedAtMs >= policy.launchTimeMsMax;
    case 'starting':
    case 'registering':
      return !wasUp({ ...node, snapshot }) && waitedMs(node, survey) >= limitOf(node, policy);
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
      return turnBack(node, survey, pass) ?? raiseLaunching(node, survey, pass);
    case 'starting':
      return turnBack(node, survey, pass) ?? raiseStarting(node, survey, pass);
    case 'registering':
      return turnBack(node, survey, pass) ?? raiseRegistering(node, survey, pass);
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

/** What an operator drains does not come up any more. */
function turnBack(
  node: LaunchingNode | StartingNode | RegisteringNode,
  survey: Survey,
  pass: Pass,
): Step | null {
  const wish = drainOf(node.intent, survey.snapshot.wishes);
  if (wish === null) return null;
  if (!survey.trust.mayShrink) return wait(readingsMissing());
  const why = drainWished(wish);
  return node.node === null ? killTask(node, why, survey, pass) : offline(node, why, survey, pass);
}

function raiseLaunching(node: LaunchingNode, survey: Survey, pass: Pass): Step {
  const { snapshot, policy, trust } = survey;
  const { launchedAtMs } = node.intent;
  if (!pass.due(launchedAtMs, policy.launchTimeMsMax)) {
    return createdAhead(node, survey, pass) ?? wait(because.waitsForExecutor());
  }
  if (!trust.mayShrink) return wait(readingsMissing());
  const why = because.gaveUp(because.launchTooLong(snapshot.nowMs - launchedAtMs, policy.launchTimeMsMax));
  return node.node === null ? killTask(node, why, survey, pass) : offline(node, why, survey, pass);
}

/**
 * The node is created while the executor is on its way: 6.1.3 announces it to the hosts 10 s after its
 * creation, and that is most of what a job waits for. Agents that failed lately have to speak first, so
 * that no node comes and goes with each of their tries.
 */
function createdAhead(node: LaunchingNode, survey: Survey, pass: Pass): Step | null {
  const { snapshot, policy, trust, namesKnown } = survey;
  const { agentId, nodeName } = node.intent;
  const isTroubled = snapshot.trouble.some((one) => one.agentId === agentId);
  const mayCreate = trust.mayGrow && node.node === null && !namesKnown.has(nodeName) && !isTroubled;
  if (!mayCreate || snapshot.recent.nodeActs[nodeName] !== undefined) return null;
  return nodeAct(pass, policy, createNode(node, because.createAhead(nodeName), survey));
}

/** By then it counts as down and no longer as on its way, see `derive`. */
function wakeWhenDownForLong(
  node: StartingNode | RegisteringNode,
  { snapshot, policy }: Survey,
  pass: Pass,
): void {
  const unwellSinceMs = snapshot.history[node.intent.taskId]?.unwellSinceMs ?? null;
  if (unwellSinceMs !== null) pass.wakeAt(unwellSinceMs + policy.registerTimeMsMax);
  pass.wakeAt(aliveSinceMs(node) + 2 * policy.registerTimeMsMax);
}

/** Refusals of `create node` in a row, such as a name that does not resolve, until the launch is given up. */
const creationTriesMax = 3;

function raiseStarting(node: StartingNode, survey: Survey, pass: Pass): Step {
  const { policy, trust } = survey;
  if (!trust.phasesKnown) return wait(readingsMissing());
  wakeWhenDownForLong(node, survey, pass);
  const late = giveUpIfLate(node, survey, pass);
  if (late !== null) return late;
  if (node.node !== null) return wait(because.waitsForHostList());
  const last = survey.snapshot.recent.nodeActs[node.intent.nodeName];
  if (last?.act === 'create') {
    const isRefused = last.refusals >= creationTriesMax;
    if (isRefused && trust.mayShrink)
      return killTask(node, because.gaveUp(cannotBeCreated(last)), survey, pass);
    if (last.problem === null && last.endedAtMs > readAtMs(survey))
      return wait(because.waitsToBeSeen('create'));
    if (!pass.due(last.endedAtMs, policy.repeatMs)) return wait(because.waitsToRepeat(last));
  }
  if (!nameKnown(node.task)) return wait(because.waitsForName());
  return nodeAct(pass, policy, createNode(node, because.readyToCreate(node.intent.nodeName), survey));
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
  if (!trust.phasesKnown) return wait(readingsMissing());
  wakeWhenDownForLong(node, survey, pass);
  const late = giveUpIfLate(node, survey, pass);
  if (late !== null) return late;
  if (node.doubt !== null) return wait(node.doubt);
  if (wasUp({ ...node, snapshot })) return wait(downForNow(node.node.states));
  const { stage, state } = node.task;
  const isPrepared = stage === 'prepared' || (stage === 'unknown' && state === 'TASK_STARTING');
  if (!isPrepared) return wait(because.waitsForMom());
  if (!snapshot.mesos.connected) return wait(notConnected());
  const lastMs = snapshot.recent.startMomMs[node.intent.taskId];
  return pass.due(lastMs, policy.repeatMs) ? act(startMom(node)) : wait(because.waitsForMom());
}

function giveUpIfLate(node: StartingNode | RegisteringNode, survey: Survey, pass: Pass): Step | null {
  const { snapshot, policy, trust } = survey;
  if (wasUp({ ...node, snapshot })) return null;
  const limitMs = limitOf(node, policy);
  if (!pass.due(aliveSinceMs(node), limitMs)) return null;
  if (!trust.mayShrink) return wait(readingsMissing());
  const jobs = node.node === null ? [] : jobsOn(node.node, survey);
  const doubt = node.phase === 'registering' ? node.doubt : null;
  // A job on a node in doubt may hang for ever, and others would follow it there.
  if (jobs.length > 0 && doubt === null) return wait(because.jobsRemain(jobs));
  const why = because.gaveUp(doubt ?? because.registerTooLong(waitedMs(node, survey), limitMs));
  return node.node === null ? killTask(node, why, survey, pass) : offline(node, why, survey, pass);
}

function aliveSinceMs({ task }: StartingNode | RegisteringNode): number {
  return task.aliveSinceMs ?? task.sinceMs;
}

function waitedMs(node: StartingNode | RegisteringNode, { snapshot }: Survey): number {
  return snapshot.nowMs - aliveSinceMs(node);
}

/** A mom learns whom to trust when it registers; one that has not 30 s later never may (6.1.3). */
const doubtMsMax = 30_000;

function limitOf(node: StartingNode | RegisteringNode, { registerTimeMsMax }: Policy): number {
  if (node.phase !== 'registering' || node.doubt === null) return registerTimeMsMax;
  const answeredAfterMs = node.task.sinceMs - aliveSinceMs(node);
  return Math.min(registerTimeMsMax, answeredAfterMs + doubtMsMax);
}

function readAtMs(survey: Survey): number {
  const { nodes } = survey.snapshot;
  return nodes.state === 'unknown' ? 0 : nodes.atMs;
}

function createNode(
  { intent, task }: StartingNode | LaunchingNode,
  why: Reason,
  { policy, snapshot }: Survey,
): CreateNodeDecision {
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
    hostAddresses: task?.addresses ?? [],
    why,
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
