/** Rules of launches: only for a need, within the safe allocation, one mom per agent, named right. */
import { add, firstShort, nothing, resourceKinds } from '@mesos-torque/common/units.ts';
import type { CheckedFacts } from './check-offers.ts';
import { impossibleRequests } from './check-possible.ts';
import type { LaunchDecision } from './decisions.ts';
import type { AgentTrouble, JobFacts, Snapshot, TaskStateName } from './facts.ts';
import { nodeNameOf, requestIdOf, serialOf } from './names.ts';
import type { Policy } from './policy.ts';
import type { Sliced } from './sliced.ts';

export function* checkLaunches(facts: CheckedFacts): Sliced<readonly string[]> {
  const launches = facts.plan.decisions.filter((decision) => decision.kind === 'launch');
  if (launches.length === 0) return [];
  return [
    ...withinSafeAllocation(facts, launches),
    ...(yield* forANeed(facts)),
    ...notTooManyAtOnce(facts, launches),
    ...asOperatorsWish(facts, launches),
    ...oneMomPerAgent(facts, launches),
    ...launches.flatMap((launch) => [...wellSized(facts, launch), ...wellNamed(facts, launch)]),
    ...serialsDiffer(launches),
  ];
}

/** Safe allocation on every dimension, with everything that is in flight. */
function withinSafeAllocation(
  { snapshot, policy }: CheckedFacts,
  launches: readonly LaunchDecision[],
): string[] {
  const over = new Set<TaskStateName>(['TASK_FINISHED', 'TASK_FAILED', 'TASK_KILLED', 'TASK_ERROR']);
  const tasks = snapshot.tasks.state === 'unknown' ? [] : snapshot.tasks.value;
  const ended = new Set(tasks.filter((task) => over.has(task.state)).map((task) => task.id));
  const held = snapshot.intents.filter((intent) => !ended.has(intent.taskId));
  const all = [...held, ...launches.map((launch) => launch.intent)];
  const sum = all.reduce((total, intent) => add(total, intent.resources), nothing);
  const { safeAllocation: safe } = policy;
  const exceeded = resourceKinds.filter((kind) => {
    const allowed = safe[kind];
    const grows = launches.some((launch) => launch.intent.resources[kind] > 0);
    return allowed !== null && grows && sum[kind] > allowed;
  });
  return [
    ...exceeded.map((kind) => `safe allocation: ${kind} would be ${sum[kind]} of ${safe[kind] ?? 0}`),
    ...(safe.nodes !== null && all.length > safe.nodes
      ? [`safe allocation: nodes would be ${all.length} of ${safe.nodes}`]
      : []),
  ];
}

/** Without a job that may wait for nodes and could run, and with the floor held, nothing is launched. */
function* forANeed({ snapshot, policy }: CheckedFacts): Sliced<readonly string[]> {
  const jobs = snapshot.queue.state === 'fresh' ? snapshot.queue.value.jobs : [];
  const isImpossible = impossibleRequests(snapshot, policy);
  const isNeed = (job: JobFacts): boolean => mayWaitForNodes(job) && !isImpossible(job.request);
  for (const [index, job] of jobs.entries()) {
    if (isNeed(job)) return [];
    if (index % 512 === 511) yield;
  }
  if (sureOfFloor(snapshot, policy) < policy.minSlotsHeld) return [];
  return ['a launch without demand and with the floor held'];
}

/** Whether a job can be demand at all, going by its state, its request and its comment. */
export function mayWaitForNodes(job: JobFacts): boolean {
  const saysOther = /^Not Running: (?:Dedicated time|Job would cross|Max token usage)/.test(
    job.comment ?? '',
  );
  return (
    job.state === 'queued' && !job.isArrayTemplate && !saysOther && job.request.kind !== 'not-understood'
  );
}

/** Nodes that are certainly up: the floor cannot be missing when there are enough of them. */
function sureOfFloor({ nodes, tasks, intents, mesos, wishes }: Snapshot, policy: Policy): number {
  if (nodes.state !== 'fresh' || tasks.state !== 'fresh') return 0;
  const free = new Set(
    nodes.value
      .filter((node) => node.states.every((state) => state === 'free'))
      .map((node) => node.requestId),
  );
  const running = new Set(
    tasks.value
      .filter((task) => task.state === 'TASK_RUNNING' && task.healthy !== false)
      .map((task) => `${task.id} as ${task.momName ?? ''}`),
  );
  return intents.filter(({ goal, taskId, nodeName, agentId, np, resources }) => {
    const mark = requestIdOf(policy.ownerMark, { frameworkId: mesos.frameworkId ?? '', taskId });
    const isLarge =
      np >= policy.minComputeNode.np &&
      resources.memMib - policy.executor.memMib >= policy.minComputeNode.memMib;
    const runs = running.has(`${taskId} as `) || running.has(`${taskId} as ${nodeName}`);
    // What an operator drains does not count, though it is up for a moment yet.
    const isDrained = wishes.drains.some(({ target }) =>
      target.kind === 'node' ? target.node === nodeName : target.agentId === agentId,
    );
    return goal.kind === 'hold' && isLarge && runs && free.has(mark) && !isDrained;
  }).length;
}

/** Counted here are those that are certainly in flight: neither side shows anything of them yet. */
function notTooManyAtOnce(
  { snapshot, policy, plan }: CheckedFacts,
  launches: readonly LaunchDecision[],
): string[] {
  const spoken = new Set(
    (snapshot.tasks.state === 'fresh' ? snapshot.tasks.value : [])
      .filter((task) => task.state !== 'TASK_STAGING')
      .map((task) => task.id),
  );
  const names = namesKnown(snapshot);
  const killed = new Set(plan.decisions.flatMap((one) => (one.kind === 'kill-task' ? [one.taskId] : [])));
  const inFlight = snapshot.intents.filter(({ goal, taskId, nodeName, launchedAtMs }) => {
    const isSeen = spoken.has(taskId) || names.has(nodeName);
    const isLate = snapshot.nowMs - launchedAtMs >= policy.launchTimeMsMax;
    return goal.kind === 'hold' && !isSeen && !isLate && !killed.has(taskId);
  }).length;
  if (inFlight + launches.length <= policy.launchesInFlightMax) return [];
  return [
    `${launches.length} launches on top of ${inFlight} in flight, ${policy.launchesInFlightMax} allowed`,
  ];
}

/** Nothing is launched while growth is held, and nothing where an operator drains. */
function asOperatorsWish({ snapshot }: CheckedFacts, launches: readonly LaunchDecision[]): string[] {
  const { growthHeld, drains } = snapshot.wishes;
  const drained = new Set(
    drains.map(({ target }) => (target.kind === 'node' ? `node ${target.node}` : `agent ${target.agentId}`)),
  );
  return launches.flatMap(({ intent: { taskId, nodeName, agentId } }) => [
    ...(growthHeld === null ? [] : [`launch of ${taskId} while growth is held`]),
    ...[`node ${nodeName}`, `agent ${agentId}`]
      .filter((place) => drained.has(place))
      .map((place) => `launch of ${taskId} on ${place}, which is drained`),
  ]);
}

function namesKnown({ nodes }: Snapshot): ReadonlySet<string> {
  return new Set(nodes.state === 'unknown' ? [] : nodes.value.map((node) => node.name));
}

function oneMomPerAgent({ snapshot, policy }: CheckedFacts, launches: readonly LaunchDecision[]): string[] {
  const agents = new Set(snapshot.intents.map((intent) => intent.agentId));
  const nodes = new Set([...snapshot.intents.map((intent) => intent.nodeName), ...namesKnown(snapshot)]);
  const trouble = new Map(snapshot.trouble.map((one) => [one.agentId, one]));
  return launches.flatMap(({ intent: { agentId, nodeName, taskId } }) => {
    const problems = [
      ...(agents.has(agentId) ? [`launch of ${taskId} on agent ${agentId}, which has one already`] : []),
      ...(nodes.has(nodeName) ? [`launch of ${taskId}: node ${nodeName} is there already`] : []),
      ...(backsOff(trouble.get(agentId), snapshot.nowMs, policy)
        ? [`launch of ${taskId} on agent ${agentId}, which backs off`]
        : []),
    ];
    agents.add(agentId);
    return problems;
  });
}

function backsOff(trouble: AgentTrouble | undefined, nowMs: number, policy: Policy): boolean {
  if (trouble === undefined || trouble.failures < 1) return false;
  let waitMs = policy.agentBackoffMs;
  for (let n = 1; n < trouble.failures && waitMs < policy.agentBackoffMsMax; n += 1) waitMs *= 2;
  const restMs = Math.min(waitMs, policy.agentBackoffMsMax);
  const isQuarantined = trouble.failures >= policy.quarantineFailures;
  return nowMs < trouble.lastMs + (isQuarantined ? Math.max(restMs, policy.quarantineMs) : restMs);
}

/** A node has what its slots stand for, the executor's share on top, and is neither too small nor too large. */
function wellSized({ policy }: CheckedFacts, { intent }: LaunchDecision): string[] {
  const { taskId, np, resources, gpus } = intent;
  const { minComputeNode, executor } = policy;
  const least = {
    cpuMilli: np * policy.cpuMilliPerSlot + executor.cpuMilli,
    memMib: Math.max(np * policy.memMibPerSlot, minComputeNode.memMib) + executor.memMib,
    diskMib: executor.diskMib,
    gpus,
  };
  const short = firstShort(least, resources);
  return [
    ...(short === null ? [] : [`launch of ${taskId}: ${np} slots need more ${short}`]),
    ...(np > policy.npMax ? [`launch of ${taskId}: ${np} slots, npMax is ${policy.npMax}`] : []),
    ...(np < minComputeNode.np ? [`launch of ${taskId}: ${np} slots, less than minComputeNode`] : []),
  ];
}

function wellNamed(
  { snapshot, policy }: CheckedFacts,
  { intent, host, requestId }: LaunchDecision,
): string[] {
  const { taskId, nodeName, launchedAtMs } = intent;
  const frameworkId = snapshot.mesos.frameworkId ?? '';
  const serial = serialOf(taskId);
  return [
    ...(nodeNameOf(taskId) === nodeName ? [] : [`launch of ${taskId} is not named for node ${nodeName}`]),
    ...(nodeName === host.toLowerCase()
      ? []
      : [`launch of ${taskId}: node ${nodeName} is not named for host ${host}`]),
    ...(launchedAtMs === snapshot.nowMs
      ? []
      : [`launch of ${taskId} is dated ${launchedAtMs}, now is ${snapshot.nowMs}`]),
    ...(serial !== null && serial >= snapshot.nextSerial
      ? []
      : [`launch of ${taskId} uses a serial number again`]),
    ...(requestId === requestIdOf(policy.ownerMark, { frameworkId, taskId })
      ? []
      : [`launch of ${taskId} carries the mark ${requestId}`]),
    ...(intent.goal.kind === 'hold' ? [] : [`launch of ${taskId} is to leave at once`]),
  ];
}

function serialsDiffer(launches: readonly LaunchDecision[]): string[] {
  const serials = launches.map((launch) => serialOf(launch.intent.taskId));
  return new Set(serials).size === serials.length ? [] : ['two launches share a serial number'];
}
