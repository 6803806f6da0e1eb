/** Rules of nodes: none with jobs is removed, none of theirs is touched, the floor holds against our own acts. */
import { unreachable } from '@mesos-torque/common/units.ts';
import { mayWaitForNodes } from './check-launches.ts';
import type { CheckedFacts } from './check-offers.ts';
import type { Decision } from './decisions.ts';
import type { Intent, MomPorts, Snapshot, TaskFacts, TaskStateName, TorqueNode } from './facts.ts';
import { requestIdOf } from './names.ts';
import type { Policy } from './policy.ts';
import { isGivenUp } from './reasons-life.ts';
import type { Sliced } from './sliced.ts';

/** What is known about the subject of a decision. */
interface Known {
  readonly intent: Intent;
  readonly task: TaskFacts | null;
  /** The node of that name, whoever's it is. */
  readonly node: TorqueNode | null;
  readonly isOurs: boolean;
  /** Jobs on it, by pbsnodes or by qstat. */
  readonly jobs: number;
}

export function* checkNodes(facts: CheckedFacts): Sliced<string[]> {
  const { snapshot, policy, plan } = facts;
  const look = lookUp(snapshot, policy);
  yield;
  const found = plan.decisions.flatMap((decision) => {
    if (!('taskId' in decision)) return [];
    const known = look(decision.taskId);
    if (known === null) return checkStray(decision, snapshot, policy);
    const where = 'node' in decision && decision.node !== known.intent.nodeName;
    return [
      ...(where ? [`${decision.kind} of ${decision.taskId} on another node than its own`] : []),
      ...checkOne(decision, known, snapshot, policy),
    ];
  });
  yield;
  return [...found, ...floorHolds(facts, look), ...fewActs(facts)];
}

/** Of what no intent speaks of, only a living task without a node may be touched: it may be killed. */
function checkStray(decision: NodeDecision, snapshot: Snapshot, policy: Policy): string[] {
  const frameworkId = snapshot.mesos.frameworkId ?? '';
  const mark = requestIdOf(policy.ownerMark, { frameworkId, taskId: decision.taskId });
  const nodes = snapshot.nodes.state === 'fresh' ? snapshot.nodes.value : [];
  const tasks = snapshot.tasks.state === 'fresh' ? snapshot.tasks.value : [];
  const hasNode = nodes.some((node) => node.requestId === mark);
  const task = tasks.find((one) => one.id === decision.taskId && !isOver(one.state));
  if (decision.kind === 'kill-task' && task !== undefined && !hasNode) {
    return [...onItsAgent(decision, task.agentId), ...graceCanBe(decision)];
  }
  return [`${decision.kind} of ${decision.taskId}, which no intent speaks of`];
}

type NodeDecision = Extract<Decision, { taskId: string }>;

function checkOne(decision: NodeDecision, known: Known, snapshot: Snapshot, policy: Policy): string[] {
  switch (decision.kind) {
    case 'create-node':
      return checkCreate(decision, known, snapshot, policy);
    case 'start-mom':
      return [
        ...mustBeOurs(decision, known),
        ...onItsAgent(decision, known.intent.agentId),
        ...(known.intent.goal.kind === 'hold'
          ? []
          : [`start-mom of ${decision.taskId}, whose node is to leave`]),
        ...(known.node?.states.includes('mom-list-not-sent') === true
          ? [`start-mom of ${decision.taskId} before its host list was sent`]
          : []),
      ];
    case 'offline':
      return [
        ...mustBeOurs(decision, known),
        ...(known.intent.goal.kind === 'hold' && isForeignOffline(known, snapshot)
          ? [`offline of ${decision.node}, which others set offline`]
          : []),
      ];
    case 'online':
      return checkOnline(decision, known, snapshot);
    case 'delete-node':
      return [
        ...mustBeOurs(decision, known),
        ...mustBeEmpty(decision, known),
        ...(known.node?.states.includes('offline') === true
          ? []
          : [`delete of ${decision.node}, not seen offline`]),
        ...(known.intent.goal.kind === 'hold' ? [`delete of ${decision.node}, which is to stay`] : []),
        ...seenAfterOrder(decision, known, snapshot),
      ];
    case 'kill-task':
      return [
        ...onItsAgent(decision, known.intent.agentId),
        ...graceCanBe(decision),
        ...(mayBeForced(known, snapshot) ? [] : mustBeRemoved(decision, known)),
        ...missingTwice(decision, known, snapshot),
      ];
    case 'forget':
      return [
        ...(known.isOurs ? [`forget of ${decision.taskId} while its node is there`] : []),
        ...(known.task !== null && isOver(known.task.state)
          ? []
          : [`forget of ${decision.taskId}, which has not ended`]),
      ];
    default:
      return unreachable(decision);
  }
}

function mustBeRemoved(decision: NodeDecision, known: Known): string[] {
  return [
    ...(known.isOurs ? [`kill of ${decision.taskId} while its node is there`] : []),
    ...(known.isOurs || known.node === null ? mustBeEmpty(decision, known) : []),
  ];
}

/** An operator ordered its jobs to be ended by now, and no new ones can come to it. */
function mayBeForced({ intent, node, isOurs }: Known, { wishes, nowMs }: Snapshot): boolean {
  if (!isOurs || node?.states.includes('offline') !== true || intent.goal.kind === 'hold') return false;
  const wished = wishes.drains.filter(({ target }) =>
    target.kind === 'node' ? target.node === intent.nodeName : target.agentId === intent.agentId,
  );
  return wished.some(({ force, deadlineMs }) => force && deadlineMs !== null && deadlineMs <= nowMs);
}

/** Mesos delivers to the agent that is named, and says nothing when the task is elsewhere. */
function onItsAgent(
  { kind, taskId, agentId }: Extract<Decision, { agentId: string }>,
  itsAgentId: string | null,
): string[] {
  if (agentId === itsAgentId) return [];
  return [`${kind} of ${taskId} on agent ${agentId}, its agent is ${itsAgentId ?? 'not known'}`];
}

function graceCanBe({ taskId, graceMs }: Extract<Decision, { kind: 'kill-task' }>): string[] {
  return Number.isFinite(graceMs) && graceMs >= 0 ? [] : [`kill-task of ${taskId} within ${graceMs} ms`];
}

function checkCreate(
  decision: Extract<Decision, { kind: 'create-node' }>,
  { intent, node }: Known,
  snapshot: Snapshot,
  policy: Policy,
): string[] {
  const frameworkId = snapshot.mesos.frameworkId ?? '';
  const mark = requestIdOf(policy.ownerMark, { frameworkId, taskId: intent.taskId });
  return [
    ...(node === null ? [] : [`create of ${decision.node}, which is there already`]),
    ...(decision.requestId === mark ? [] : [`create of ${decision.node} without our mark`]),
    ...(decision.np === intent.np
      ? []
      : [`create of ${decision.node} with ${decision.np} slots, held are ${intent.np}`]),
    ...(decision.gpus === intent.gpus
      ? []
      : [`create of ${decision.node} with ${decision.gpus} gpus, held are ${intent.gpus}`]),
    ...(sameTexts(decision.properties, intent.properties)
      ? []
      : [`create of ${decision.node} with other properties than planned`]),
    ...(samePorts(decision.ports, intent.ports)
      ? []
      : [`create of ${decision.node} with other ports than planned`]),
    ...(intent.goal.kind === 'hold' ? [] : [`create of ${decision.node}, which is to leave`]),
  ];
}

function sameTexts(some: readonly string[], others: readonly string[]): boolean {
  const [one, other] = [new Set(some), new Set(others)];
  return one.size === other.size && some.every((text) => other.has(text));
}

function samePorts(one: MomPorts | null, other: MomPorts | null): boolean {
  return one?.service === other?.service && one?.manager === other?.manager;
}

/** A node that came to nothing stays away, and so does one that was seen offline and is being deleted. */
function checkOnline(
  decision: NodeDecision & { readonly node: string },
  known: Known,
  snapshot: Snapshot,
): string[] {
  const { goal } = known.intent;
  const last = snapshot.recent.nodeActs[decision.node];
  const isDeleted = goal.kind === 'leave' && known.node?.states.includes('offline') === true;
  const isGone = goal.kind !== 'hold' && (isDeleted || isGivenUp(goal.why));
  const isRepeated = goal.kind === 'hold' && last?.act === 'online' && last.problem !== null;
  return [
    ...mustBeOurs(decision, known),
    ...(goal.kind !== 'hold' || isRepeated ? [] : [`online of ${decision.node}, which we did not drain`]),
    ...(isGone ? [`online of ${decision.node}, which is to leave`] : []),
  ];
}

function isForeignOffline({ node, intent }: Known, snapshot: Snapshot): boolean {
  if (node?.states.includes('offline') !== true || node.states.includes('mom-list-not-sent')) return false;
  const task =
    snapshot.tasks.state === 'fresh' ? snapshot.tasks.value.find((one) => one.id === intent.taskId) : null;
  return (
    task !== null &&
    task !== undefined &&
    !isOver(task.state) &&
    snapshot.recent.nodeActs[node.name]?.act !== 'online'
  );
}

/** A mom that may have jobs is not ended because one reading did not show its node. */
function missingTwice(
  { kind, taskId, node: name }: { kind: string; taskId: string; node?: string },
  { intent, node, task }: Known,
  snapshot: Snapshot,
): string[] {
  const sinceMs = snapshot.history[taskId]?.absentSinceMs ?? null;
  const last = snapshot.recent.nodeActs[name ?? intent.nodeName];
  const wasDeleted = last?.act === 'delete' && last.problem === null;
  if (task === null || task.stage === 'prepared' || !isRunning(task.state)) return [];
  if (node !== null || sinceMs === null || wasDeleted || snapshot.nodes.state !== 'fresh') return [];
  return snapshot.nodes.atMs > sinceMs ? [] : [`${kind} of ${taskId}, whose node only one reading missed`];
}

function isRunning(state: TaskStateName): boolean {
  return state === 'TASK_RUNNING' || state === 'TASK_KILLING';
}

function mustBeOurs(decision: NodeDecision, { isOurs, intent }: Known): string[] {
  return isOurs ? [] : [`${decision.kind} of ${intent.nodeName}, which does not carry our mark`];
}

function mustBeEmpty(decision: NodeDecision, { jobs, intent }: Known): string[] {
  return jobs === 0 ? [] : [`${decision.kind} of ${intent.nodeName} with ${jobs} jobs on it`];
}

/** The second look: both of TORQUE's views were begun after the node was ordered offline. */
function seenAfterOrder(decision: NodeDecision, { intent }: Known, snapshot: Snapshot): string[] {
  const act = snapshot.recent.nodeActs[intent.nodeName];
  const orderedMs = Math.max(intent.goal.kind === 'hold' ? 0 : intent.goal.sinceMs, act?.endedAtMs ?? 0);
  return (['queue', 'nodes'] as const).flatMap((what) => {
    const reading = snapshot[what];
    const isLate = reading.state === 'fresh' && reading.atMs >= orderedMs;
    return isLate
      ? []
      : [`${decision.kind} of ${intent.nodeName} on a ${what} reading from before its offline`];
  });
}

/**
 * Nodes that are up and stay are not brought below the floor by us, unless they make room for a
 * job that may wait for nodes.
 */
function floorHolds(
  { snapshot, policy, plan }: CheckedFacts,
  look: (taskId: string) => Known | null,
): string[] {
  const drained = new Set(plan.decisions.flatMap((one) => (one.kind === 'offline' ? [one.taskId] : [])));
  const up = snapshot.intents.filter((intent) => {
    const known = look(intent.taskId);
    const isWished = snapshot.wishes.drains.some(({ target }) =>
      target.kind === 'node' ? target.node === intent.nodeName : target.agentId === intent.agentId,
    );
    return known !== null && known.isOurs && isUp(known) && isLargeEnough(intent, policy) && !isWished;
  });
  const left = up.filter((intent) => !drained.has(intent.taskId)).length;
  if (left === up.length || left >= policy.minSlotsHeld) return [];
  const jobs = snapshot.queue.state === 'fresh' ? snapshot.queue.value.jobs : [];
  if (jobs.some(mayWaitForNodes)) return [];
  return [`${up.length - left} nodes are drained and ${left} are left, the floor is ${policy.minSlotsHeld}`];
}

function isUp({ intent, task, node }: Known): boolean {
  const bad = ['down', 'offline', 'state-unknown', 'mom-list-not-sent', 'other'];
  const isFree = node !== null && !node.states.some((state) => bad.includes(state));
  const momName = task?.momName?.toLowerCase() ?? intent.nodeName;
  const runs = task?.state === 'TASK_RUNNING' && task.healthy !== false && momName === intent.nodeName;
  return intent.goal.kind === 'hold' && isFree && runs;
}

function isLargeEnough({ np, resources }: Intent, { minComputeNode, executor }: Policy): boolean {
  return np >= minComputeNode.np && resources.memMib - executor.memMib >= minComputeNode.memMib;
}

function fewActs({ policy, plan }: CheckedFacts): string[] {
  const acts = plan.decisions.filter(({ kind }) =>
    ['create-node', 'offline', 'online', 'delete-node'].includes(kind),
  ).length;
  return acts <= policy.nodeActsMax ? [] : [`${acts} acts on nodes, ${policy.nodeActsMax} are allowed`];
}

function isOver(state: TaskStateName): boolean {
  const going: readonly TaskStateName[] = [
    'TASK_STAGING',
    'TASK_STARTING',
    'TASK_RUNNING',
    'TASK_KILLING',
    'TASK_UNREACHABLE',
    'UNRECOGNIZED',
  ];
  return !going.includes(state);
}

function lookUp(snapshot: Snapshot, policy: Policy): (taskId: string) => Known | null {
  const intents = new Map(snapshot.intents.map((intent) => [intent.taskId, intent]));
  const tasks = new Map(
    (snapshot.tasks.state === 'unknown' ? [] : snapshot.tasks.value).map((task) => [task.id, task]),
  );
  const nodes = new Map(
    (snapshot.nodes.state === 'unknown' ? [] : snapshot.nodes.value).map((node) => [node.name, node]),
  );
  const running = jobCounts(snapshot);
  const frameworkId = snapshot.mesos.frameworkId ?? '';
  return (taskId) => {
    const intent = intents.get(taskId);
    if (intent === undefined) return null;
    const node = nodes.get(intent.nodeName) ?? null;
    return {
      intent,
      task: tasks.get(taskId) ?? null,
      node,
      isOurs: node?.requestId === requestIdOf(policy.ownerMark, { frameworkId, taskId }),
      jobs: Math.max(node?.jobs.length ?? 0, running.get(intent.nodeName) ?? 0),
    };
  };
}

function jobCounts({ queue }: Snapshot): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  if (queue.state === 'unknown') return counts;
  for (const job of queue.value.jobs) {
    if (!['running', 'exiting', 'suspended'].includes(job.state)) continue;
    for (const node of job.execNodes) counts.set(node, (counts.get(node) ?? 0) + 1);
  }
  return counts;
}
