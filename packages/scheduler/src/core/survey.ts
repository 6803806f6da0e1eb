/**
 * The first look at a snapshot: what can be relied on, which TORQUE node belongs to which intent, and
 * in which phase each of our nodes is. Everything later reads this and not the snapshot's lists.
 */
import { unreachable } from '@mesos-torque/common/units.ts';
import { brakeOf, type Brake } from './brake.ts';
import type { NodeVerdict } from './decisions.ts';
import { derivePhase } from './derive.ts';
import type { Intent, QueueFacts, Reading, Snapshot, TaskFacts, TorqueNode } from './facts.ts';
import { ownerOf, serialOf } from './names.ts';
import type { ElasticNode } from './nodes.ts';
import { byName, byText } from './order.ts';
import { jobIds } from './jobs-on.ts';
import { leavingForLimit } from './over-limit.ts';
import type { Policy } from './policy.ts';
import * as because from './reasons-trust.ts';
import type { Reason } from './reasons.ts';
import { foreign, orphan, placeholder, staticNode } from './reasons-bystanders.ts';
import { eachSliced, mapSliced, sortSliced, whole, type Sliced } from './sliced.ts';
import { settingsNotRead } from './reasons-limits.ts';
import { growthHeld } from './reasons-wishes.ts';
import { standingOf } from './task-states.ts';

export interface Survey {
  readonly snapshot: Snapshot;
  readonly policy: Policy;
  readonly trust: Trust;
  /** One per intent, in the order of their launches. */
  readonly ours: readonly ElasticNode[];
  /** Holds back what answers would remove, when it is too much at once; null when nothing is held back. */
  readonly brake: Brake | null;
  /** Task ids of what it holds back. */
  readonly braked: ReadonlySet<string>;
  /** The administrator's nodes, by name. */
  readonly statics: readonly TorqueNode[];
  /** Nodes that are neither counted nor touched, with what they are. */
  readonly bystanders: readonly NodeVerdict[];
  /** Every name that pbs_server knows. */
  readonly namesKnown: ReadonlySet<string>;
  /** Living tasks of ours that no intent speaks of and that hold no node. */
  readonly strays: readonly TaskFacts[];
  /** When the latest of our nodes came up or, if it is not yet known to be, was launched. */
  readonly lastGrowthMs: number;
  /** By task id: why a node that is up leaves though it may be needed: a quota or a limit shrank below what is held. */
  readonly overLimit: ReadonlyMap<string, Reason>;
  /** By node name: the running jobs that qstat shows on it. */
  readonly jobsOnNode: ReadonlyMap<string, readonly string[]>;
  /** By node name: gpus that running jobs use there. */
  readonly gpusInUse: ReadonlyMap<string, number>;
}

/** What the readings allow. Unknown is not zero. */
export interface Trust {
  /** Nodes and tasks are fresh, and what is done can be recorded: our nodes' phases are right, and may be acted on. */
  readonly phasesKnown: boolean;
  /** Queue, nodes and tasks are fresh: what is there may be used. */
  readonly allRead: boolean;
  /** Besides, the settings were read at some time, and Mesos would hear us: nodes may be launched. */
  readonly mayGrow: boolean;
  /** Everything is fresh, the settings too: nodes may be drained, deleted, killed, forgotten. */
  readonly mayShrink: boolean;
  readonly notices: readonly Reason[];
  /** Why an operator lets nothing be launched; null if nobody does. */
  readonly growthHeld: Reason | null;
}

export function survey(snapshot: Snapshot, policy: Policy): Survey {
  return whole(surveySliced(snapshot, policy));
}

export function* surveySliced(snapshot: Snapshot, policy: Policy): Sliced<Survey> {
  const intents = byLaunch(snapshot.intents);
  yield;
  const inOrder = yield* sortSliced(
    valueOf(snapshot.nodes, []),
    byName((node) => node.name),
  );
  const sorted = yield* sortOut(inOrder, intents, snapshot, policy);
  yield;
  const tasks = new Map(valueOf(snapshot.tasks, []).map((task) => [task.id, task]));
  const ours = yield* mapSliced(intents, (intent) =>
    derivePhase({
      intent,
      task: tasks.get(intent.taskId) ?? null,
      node: sorted.ours.get(intent.taskId) ?? null,
      nameTaken: !sorted.ours.has(intent.taskId) && sorted.names.has(intent.nodeName),
      act: snapshot.recent.nodeActs[intent.nodeName] ?? null,
      snapshot,
      policy,
    }),
  );
  const brake = brakeOf(ours, snapshot, policy);
  yield;
  const jobsOnNode = runningJobs(snapshot);
  yield;
  const gpus = gpusInUse(snapshot);
  yield;
  const lastGrowthMs = lastGrowthOf(snapshot);
  yield;
  const strays = straysAmong([...tasks.values()], intents, sorted.bystanders);
  yield;
  return {
    snapshot,
    policy,
    trust: trustOf(snapshot),
    ours,
    brake,
    braked: new Set(brake?.stopped.map(({ taskId }) => taskId)),
    statics: sorted.statics,
    bystanders: sorted.bystanders,
    namesKnown: sorted.names,
    strays,
    lastGrowthMs,
    overLimit: yield* leavingForLimit({ snapshot, policy, ours, jobsOnNode }),
    jobsOnNode,
    gpusInUse: gpus,
  };
}

/**
 * Tasks that came back to life after their end was told, or whose intents were lost. One whose node is
 * still there is left alone with it.
 */
function straysAmong(
  tasks: readonly TaskFacts[],
  intents: readonly Intent[],
  bystanders: readonly NodeVerdict[],
): readonly TaskFacts[] {
  const known = new Set([...intents, ...bystanders].map(({ taskId }) => taskId));
  return tasks
    .filter((task) => !known.has(task.id) && standingOf(task.state) !== 'ended')
    .sort(byName((task) => task.id));
}

/** Nodes that are to leave count too: they may have come while others were offline. */
function lastGrowthOf({ intents, history, nodes }: Snapshot): number {
  const shown = new Set(valueOf(nodes, []).map(({ name }) => name));
  return intents.reduce((latestMs, { taskId, nodeName, launchedAtMs }) => {
    const known = history[taskId];
    // Announced at any moment now, or since it was last looked at.
    const isComing = known?.upAtMs === null && shown.has(nodeName);
    return Math.max(latestMs, isComing ? Infinity : (known?.upAtMs ?? launchedAtMs));
  }, 0);
}

/** The value of a reading that succeeded at some time, or `otherwise`. */
export function valueOf<T>(reading: Reading<T>, otherwise: T): T {
  return reading.state === 'unknown' ? otherwise : reading.value;
}

function byLaunch(intents: readonly Intent[]): readonly Intent[] {
  const keyed = intents.map((intent) => ({ intent, serial: serialOf(intent.taskId) ?? 0 }));
  keyed.sort((a, b) => a.serial - b.serial || byText(a.intent.taskId, b.intent.taskId));
  return keyed.map(({ intent }) => intent);
}

function trustOf(snapshot: Snapshot): Trust {
  const { queue, nodes, tasks, mesos, wishes } = snapshot;
  const held = wishes.growthHeld === null ? null : growthHeld(wishes.growthHeld);
  const { diskProblem } = snapshot.conditions;
  const phasesKnown = nodes.state === 'fresh' && tasks.state === 'fresh' && diskProblem === null;
  const allFresh = phasesKnown && queue.state === 'fresh';
  const { settings } = snapshot;
  return {
    phasesKnown,
    allRead: allFresh,
    // Limits hold jobs back, so what they are must be known for certain before nodes leave for want of jobs.
    mayShrink: allFresh && settings.state === 'fresh',
    mayGrow: allFresh && settings.state !== 'unknown' && mesos.connected && mesos.frameworkId !== null,
    notices: [
      ...(diskProblem === null ? [] : [because.notRecorded(diskProblem)]),
      ...notFresh('queue', queue),
      ...leftOut(queue),
      ...silent(queue),
      ...(settings.state === 'fresh' ? [] : [settingsNotRead(settings.state, settings.why)]),
      ...notFresh('nodes', nodes),
      ...notFresh('tasks', tasks),
      ...(mesos.connected ? [] : [because.notConnected()]),
      ...forgotten(snapshot),
      ...(held === null ? [] : [held]),
    ],
    growthHeld: held,
  };
}

function silent(queue: Reading<QueueFacts>): Reason[] {
  const silence = queue.state === 'unknown' ? undefined : queue.value.schedulerSilence;
  return silence === undefined ? [] : [because.schedulerSilent(silence)];
}

/**
 * A master accepts the id of a framework that it removed, or never knew, without a word (1.12). That it
 * knows none of our tasks any more tells; one task alone may have been lost with its agent.
 */
function forgotten({ intents, tasks }: Snapshot): Reason[] {
  if (tasks.state !== 'fresh' || intents.length < 2) return [];
  const states = new Map(tasks.value.map(({ id, state }) => [id, state]));
  const isForgotten = intents.every(({ taskId }) => goneWords.has(states.get(taskId) ?? ''));
  return isForgotten ? [because.frameworkForgotten(intents.length)] : [];
}

const goneWords: ReadonlySet<string> = new Set(['TASK_GONE', 'TASK_UNKNOWN', 'TASK_LOST']);

function notFresh(what: 'queue' | 'nodes' | 'tasks', reading: Reading<unknown>): Reason[] {
  switch (reading.state) {
    case 'fresh':
      return [];
    case 'stale':
    case 'unknown':
      return [because.notRead(what, reading.state, reading.why)];
    default:
      return unreachable(reading);
  }
}

function leftOut(queue: Reading<QueueFacts>): Reason[] {
  const unmade = queue.state === 'unknown' ? undefined : queue.value.unmade;
  return unmade === undefined ? [] : [because.elementsLeftOut(unmade.counted, unmade.leftOut)];
}

interface SortedNodes {
  /** By task id. */
  readonly ours: ReadonlyMap<string, TorqueNode>;
  readonly statics: readonly TorqueNode[];
  readonly bystanders: readonly NodeVerdict[];
  readonly names: ReadonlySet<string>;
}

/** Tells our nodes from the administrator's, another framework's and left-over ones. `nodes` come by name. */
function* sortOut(
  nodes: readonly TorqueNode[],
  intents: readonly Intent[],
  snapshot: Snapshot,
  policy: Policy,
): Sliced<SortedNodes> {
  const nameByTask = new Map(intents.map((intent) => [intent.taskId, intent.nodeName]));
  const placeholders = new Set(policy.placeholderNodes);
  const ours = new Map<string, TorqueNode>();
  const statics: TorqueNode[] = [];
  const bystanders: NodeVerdict[] = [];
  yield* eachSliced(nodes, (node) => {
    const owner = ownerOf(policy.ownerMark, node.requestId);
    const common = { node: node.name, np: node.np, jobs: jobIds(node), taskId: null };
    if (owner === null && placeholders.has(node.name)) {
      bystanders.push({ ...common, phase: 'placeholder', why: placeholder() });
    } else if (owner === null) {
      statics.push(node);
      bystanders.push({ ...common, phase: 'static', why: staticNode(node.states) });
    } else if (owner.frameworkId !== snapshot.mesos.frameworkId) {
      bystanders.push({ ...common, phase: 'foreign', why: foreign(owner.frameworkId) });
    } else if (nameByTask.get(owner.taskId) === node.name) {
      ours.set(owner.taskId, node);
    } else {
      const why = orphan(owner.taskId);
      bystanders.push({ ...common, taskId: owner.taskId, phase: 'suspect', why });
    }
  });
  return { ours, statics, bystanders, names: new Set(nodes.map((node) => node.name)) };
}

/** Jobs that hold nodes, as qstat tells. A queued job's exec_host may be a left-over and says nothing. */
function runningJobs(snapshot: Snapshot): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>();
  for (const job of valueOf(snapshot.queue, { jobs: [] }).jobs) {
    if (job.state !== 'running' && job.state !== 'exiting' && job.state !== 'suspended') continue;
    for (const node of job.execNodes) {
      const jobs = found.get(node);
      if (jobs === undefined) found.set(node, [job.id]);
      else jobs.push(job.id);
    }
  }
  for (const jobs of found.values()) jobs.sort(byText);
  return found;
}

function gpusInUse(snapshot: Snapshot): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const job of valueOf(snapshot.queue, { jobs: [] }).jobs) {
    if (job.state === 'complete') continue;
    for (const [node, gpus] of Object.entries(job.execGpus)) counts.set(node, (counts.get(node) ?? 0) + gpus);
  }
  return counts;
}
