/** Builders for tests: each makes a whole, plausible thing and takes only what the story is about. */
import { nothing, type ResourceVector } from '@mesos-torque/common/units.ts';
import { usualConditions } from '../conditions.ts';
import type {
  Intent,
  JobFacts,
  JobRequest,
  MesosFacts,
  NodeRequest,
  OfferFacts,
  Reading,
  RecentActs,
  Snapshot,
  TaskFacts,
  TorqueNode,
} from '../facts.ts';
import { requestIdOf, taskIdOf } from '../names.ts';
import type { Policy } from '../policy.ts';
import {
  noAmounts,
  noLimits,
  nothingLimited,
  type Limiting,
  type QueueLimits,
  type QueueSettings,
} from '../settings.ts';
import { noWishes } from '../wishes.ts';

/** The moment at which stories take place, unless they say otherwise. */
export const storyMs = 1_000_000;

export const storyFramework = 'fw-1';

export function fresh<T>(value: T, atMs = storyMs): Reading<T> {
  return { state: 'fresh', atMs, value };
}

export function stale<T>(value: T, why = 'timed out', atMs = storyMs - 60_000): Reading<T> {
  return { state: 'stale', atMs, value, why };
}

export function unknown<T>(why = 'pbs_server does not answer'): Reading<T> {
  return { state: 'unknown', why };
}

/** A snapshot in which everything was read and nothing is there; lists stand for fresh readings. */
export function aSnapshot(
  parts: Partial<Omit<Snapshot, 'queue' | 'settings' | 'nodes' | 'tasks' | 'mesos' | 'recent'>> & {
    readonly jobs?: readonly JobFacts[];
    readonly queue?: Snapshot['queue'];
    readonly settings?: Limiting | Snapshot['settings'];
    readonly nodes?: readonly TorqueNode[] | Snapshot['nodes'];
    readonly tasks?: readonly TaskFacts[] | Snapshot['tasks'];
    readonly mesos?: Partial<MesosFacts>;
    readonly recent?: Partial<RecentActs>;
  } = {},
): Snapshot {
  const {
    jobs = [],
    queue,
    settings = nothingLimited,
    nodes = [],
    tasks = [],
    mesos,
    recent,
    ...rest
  } = parts;
  return {
    nowMs: storyMs,
    offers: [],
    intents: [],
    trouble: [],
    conditions: usualConditions,
    wishes: noWishes,
    idleSinceMs: {},
    history: {},
    nextSerial: 100,
    ...rest,
    queue: queue ?? fresh({ jobs }),
    settings: 'state' in settings ? settings : fresh(settings),
    nodes: 'state' in nodes ? nodes : fresh(nodes),
    tasks: 'state' in tasks ? tasks : fresh(tasks),
    mesos: {
      connected: true,
      frameworkId: storyFramework,
      suppressed: false,
      lastReviveMs: null,
      revivesUnanswered: 0,
      declined: [],
      ...mesos,
    },
    recent: { startMomMs: {}, killMs: {}, nodeActs: {}, kickMs: null, ...recent },
  };
}

/** A started queue without limits, unless said otherwise. */
export function aQueue(name: string, parts: Partial<QueueLimits> = {}): QueueLimits {
  return { ...noLimits, name, kind: 'execution', isStarted: true, propertiesRequired: [], ...parts };
}

/** A server without limits, with these queues, open for all. */
export function openQueues(...names: readonly string[]): QueueSettings {
  return { server: noLimits, queues: names.map((name) => aQueue(name)) };
}

/** Small round numbers: a slot is 1 cpu and 100 MiB, an executor 0.1 cpus and 32 MiB, no floor. */
export function aPolicy(parts: Partial<Policy> = {}): Policy {
  return {
    minSlotsHeld: 0,
    minComputeNode: { np: 1, memMib: 100 },
    safeAllocation: { cpuMilli: null, memMib: null, diskMib: null, gpus: null, nodes: null },
    limitedBy: {},
    nodeSize: 'fit',
    npMax: 64,
    cpuMilliPerSlot: 1000,
    memMibPerSlot: 100,
    executor: { cpuMilli: 100, memMib: 32, diskMib: 0, gpus: 0 },
    portsFromOffer: false,
    propertyAttributes: [],
    constraints: [],
    idleMs: 300_000,
    launchesInFlightMax: 100,
    launchTimeMsMax: 120_000,
    registerTimeMsMax: 120_000,
    declineIdleS: 600,
    declineUnfitS: 5,
    gangHoldMs: 30_000,
    reviveIntervalMs: 5_000,
    revivesUnansweredMax: 3,
    repeatMs: 2_000,
    killGraceMs: 5_000,
    agentBackoffMs: 10_000,
    agentBackoffMsMax: 600_000,
    maintenanceLeadMs: 600_000,
    quarantineFailures: 100,
    quarantineMs: 3_600_000,
    nodeActsMax: 1_000,
    brakeShare: 0.5,
    brakeNodesMin: 5,
    executorId: null,
    upgradesAtOnceMax: 1,
    ownerMark: 'mesos-torque',
    placeholderNodes: [],
    ...parts,
  };
}

/** `-l nodes=` of one part, one slot unless said otherwise. */
export function nodesOf(part: Partial<NodeRequest> = {}, memMibPerNode = 0): JobRequest {
  const whole: NodeRequest = { count: 1, ppn: 1, gpus: 0, properties: [], host: null, ...part };
  return { kind: 'nodes', parts: [whole], memMibPerNode, memMibPerSlot: 0, exclusive: false };
}

/** A queued job of one slot. */
export function aJob(id: number | string, parts: Partial<JobFacts> = {}): JobFacts {
  return {
    id: typeof id === 'number' ? `${id}.head` : id,
    name: 'story',
    owner: 'ada',
    queue: 'batch',
    state: 'queued',
    request: nodesOf(),
    walltimeS: 3600,
    comment: null,
    group: 'staff',
    counted: noAmounts,
    holds: '',
    depend: null,
    startsAfterMs: null,
    execNodes: [],
    execGpus: {},
    queuedAtMs: storyMs - 10_000,
    arraySlotLimit: null,
    arrayRange: null,
    isArrayTemplate: false,
    ...parts,
  };
}

/** A job that runs on the nodes named. */
export function aRunningJob(id: number | string, ...execNodes: readonly string[]): JobFacts {
  return aJob(id, { state: 'running', execNodes });
}

/** A free node of the administrator's, with two slots. */
export function aNode(name: string, parts: Partial<TorqueNode> = {}): TorqueNode {
  return {
    name,
    np: 2,
    gpus: 0,
    states: ['free'],
    properties: [],
    note: null,
    requestId: null,
    jobs: [],
    memMib: null,
    momServicePort: null,
    momManagerPort: null,
    addresses: [],
    ...parts,
  };
}

export function anIntent(
  nodeName: string,
  parts: Partial<Intent> & { readonly serial?: number } = {},
): Intent {
  const { serial = 1, ...rest } = parts;
  const np = rest.np ?? 2;
  return {
    taskId: taskIdOf(nodeName, serial),
    agentId: `agent-of-${nodeName}`,
    nodeName,
    np,
    gpus: 0,
    properties: [],
    resources: { cpuMilli: np * 1000 + 100, memMib: Math.max(100, np * 100) + 32, diskMib: 0, gpus: 0 },
    ports: null,
    launchedAtMs: storyMs - 60_000,
    executorId: null,
    goal: { kind: 'hold' },
    ...rest,
  };
}

/** The task of an intent: running, healthy, its mom answering. */
export function aTask(intent: Intent, parts: Partial<TaskFacts> = {}): TaskFacts {
  return {
    id: intent.taskId,
    agentId: intent.agentId,
    state: 'TASK_RUNNING',
    healthy: true,
    stage: 'answering',
    momName: intent.nodeName,
    message: '',
    sinceMs: storyMs - 30_000,
    aliveSinceMs: parts.sinceMs ?? storyMs - 30_000,
    trusted: null,
    addresses: [],
    ...parts,
  };
}

/** The task of an intent whose executor waits for the node. */
export function aStartingTask(intent: Intent, parts: Partial<TaskFacts> = {}): TaskFacts {
  return aTask(intent, { state: 'TASK_STARTING', healthy: null, stage: 'prepared', ...parts });
}

/** The TORQUE node of an intent: free, with our mark. */
export function ourNode(intent: Intent, parts: Partial<TorqueNode> = {}): TorqueNode {
  return aNode(intent.nodeName, {
    np: intent.np,
    gpus: intent.gpus,
    properties: intent.properties,
    requestId: requestIdOf('mesos-torque', { frameworkId: storyFramework, taskId: intent.taskId }),
    ...parts,
  });
}

/** An offer of 4 cpus and 4,000 MiB, just received. */
export function anOffer(
  host: string,
  parts: Partial<Omit<OfferFacts, 'resources'>> & { readonly resources?: Partial<ResourceVector> } = {},
): OfferFacts {
  const { resources, ...rest } = parts;
  return {
    id: `offer-of-${host}`,
    agentId: `agent-of-${host}`,
    host,
    resources: { ...nothing, cpuMilli: 4_000, memMib: 4_000, diskMib: 10_000, ...resources },
    ports: [{ begin: 31_000, end: 32_000 }],
    attributes: {},
    receivedAtMs: storyMs,
    unavailableFromMs: null,
    ...rest,
  };
}

/** One node of ours with intent, task and TORQUE node, all well; for several of them see `together`. */
export interface Trio {
  readonly intents: readonly Intent[];
  readonly tasks: readonly TaskFacts[];
  readonly nodes: readonly TorqueNode[];
}

export function anUpNode(
  name: string,
  parts: {
    readonly intent?: Parameters<typeof anIntent>[1];
    readonly task?: Partial<TaskFacts>;
    readonly node?: Partial<TorqueNode>;
  } = {},
): Trio {
  const intent = anIntent(name, parts.intent);
  return { intents: [intent], tasks: [aTask(intent, parts.task)], nodes: [ourNode(intent, parts.node)] };
}

export function together(...trios: readonly Trio[]): Trio {
  return {
    intents: trios.flatMap((trio) => trio.intents),
    tasks: trios.flatMap((trio) => trio.tasks),
    nodes: trios.flatMap((trio) => trio.nodes),
  };
}
