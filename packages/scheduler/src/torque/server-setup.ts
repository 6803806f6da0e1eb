/**
 * What pbs_server needs so that jobs may wait for nodes that do not exist yet. Stock pbs_sched deletes
 * a job that asks for more slots than all known nodes have, or for more nodes than
 * `resources_available.nodect`; a placeholder node that is down for ever and a `nodect` keep it queued.
 *
 * Planned from what the server has, so that doing it twice changes nothing; each step says why.
 */
import { grouped } from '@mesos-torque/common/units.ts';
import type { TorqueNode } from '../core/facts.ts';
import { checkHostName } from './node-names.ts';
import { serverRules, type ServerRule } from './server-rules.ts';
import {
  managersOf,
  placeholderText,
  valueOf,
  type ServerView,
  type SetupTarget,
  type SetupValue,
} from './server-view.ts';

export interface WantedSetup {
  readonly placeholder: {
    /** A name that resolves on the server's host and where no mom runs; the head itself by default. */
    readonly node: string;
    /** Slots of the safe allocation, from 1 to 65,535. */
    readonly np: number;
    /** The mark by which a placeholder of ours is known: its `requestid`, on 4.2 a property. */
    readonly requestId: string;
  };
  /**
   * At least the slots of the safe allocation: pbs_sched lets a job wait that asks for no more nodes than
   * this, and adds up the nodes of running jobs against it ("Not enough nodes available").
   */
  readonly nodect: number;
  /** How often pbs_sched looks by itself, in seconds. A node turning free does not wake it. */
  readonly schedulerIterationS: number;
  /** After how many seconds without a word from its mom a node reads down. */
  readonly nodeCheckRateS: number;
  /** How long jobs stay listed that have ended, in seconds. */
  readonly keepCompletedS: number;
  /** What qsub shall refuse at once; null: only what the placeholder makes it refuse. */
  readonly limits: QueueLimits | null;
  /** The queue to make where there is none; null: none. */
  readonly queue: string | null;
  /** `user@host` each, who shall be managers. */
  readonly managers: readonly string[];
}

/** The most that one job may ask for of our nodes alone. Null: not limited. */
export interface QueueLimits {
  readonly nodes: number | null;
  readonly slots: number | null;
  readonly memMib: number | null;
  /** The first word of the marks of our nodes; nodes of others come on top of the limits. */
  readonly ownerMark: string;
}

export interface SetupChange {
  readonly target: SetupTarget;
  readonly before: SetupValue;
  readonly after: SetupValue;
}

export interface SetupStep {
  /** For `qmgr -c`. */
  readonly sentence: string;
  readonly why: string;
  readonly change: SetupChange;
}

/** Something that is as wanted already. */
export interface SetupRight {
  readonly what: string;
  readonly found: string;
  readonly why: string;
}

export type SetupPlan =
  | { readonly ok: true; readonly steps: readonly SetupStep[]; readonly right: readonly SetupRight[] }
  /** Something of the administrator's stands in the way. */
  | { readonly ok: false; readonly why: string; readonly remedy: string };

/** It lets pbs_sched loose on the queue, and so comes when the queue is safe. */
export function isSchedulingStep({ change: { target } }: SetupStep): boolean {
  return target.kind === 'server' && target.attribute === 'scheduling';
}

interface Part {
  readonly steps: readonly SetupStep[];
  readonly right: readonly SetupRight[];
}

/**
 * The steps that are missing, in the order in which they are to be done; none when all is as wanted.
 * `recorded` are changes that earlier set-ups made: what they set is ours to change again.
 */
export function planSetup(
  view: ServerView,
  wanted: WantedSetup,
  recorded: readonly SetupChange[] = [],
): SetupPlan {
  const placeholder = placeholderPart(view, wanted.placeholder);
  if (!placeholder.ok) return placeholder;
  const limits = wanted.limits === null ? null : limitsWith(view.nodes, wanted.limits);
  const rules = serverRules({ ...wanted, limits }, (attribute) =>
    ownValue(recorded, { kind: 'server', attribute }),
  );
  const parts = [
    queuePart(view, wanted.queue),
    ...wanted.managers.map((user) => managerPart(view, user)),
    placeholder,
    ...rules.map((rule) => rulePart(view, rule)),
  ];
  return {
    ok: true,
    steps: parts.flatMap(({ steps }) => steps),
    right: parts.flatMap(({ right }) => right),
  };
}

/** Jobs may run on the administrator's own nodes too, beside ours. */
function limitsWith(nodes: readonly TorqueNode[], limits: QueueLimits): QueueLimits {
  const theirs = nodes.filter(
    ({ requestId, properties }) =>
      ![requestId ?? '', ...properties].some((word) => word.startsWith(`${limits.ownerMark}.`)),
  );
  const plus = (most: number | null, more: readonly (number | null)[]): number | null =>
    more.reduce((sum, each) => (sum === null || each === null ? null : sum + each), most);
  return {
    ...limits,
    nodes: plus(limits.nodes, [theirs.length]),
    slots: plus(
      limits.slots,
      theirs.map(({ np }) => np),
    ),
    // A node that was never up has not said how much memory it has.
    memMib: plus(
      limits.memMib,
      theirs.map(({ memMib }) => memMib),
    ),
  };
}

/** What the last set-up left in the target; null where none touched it. */
function ownValue(recorded: readonly SetupChange[], target: SetupTarget & { kind: 'server' }): SetupValue {
  const last = recorded.findLast(
    (change) => change.target.kind === 'server' && change.target.attribute === target.attribute,
  );
  return last?.after ?? null;
}

function rulePart(view: ServerView, { attribute, value, why, suits }: ServerRule): Part {
  const target: SetupTarget = { kind: 'server', attribute };
  const before = valueOf(view, target);
  if (before !== null && suits(before)) return asItIs(`server ${attribute}`, before, why);
  return oneStep(`set server ${attribute}=${value}`, why, { target, before, after: value });
}

/** A queue of any name will do: the administrator's own queues are not for us to change. */
function queuePart(view: ServerView, queue: string | null): Part {
  if (queue === null) return { steps: [], right: [] };
  const why = 'jobs need an execution queue that takes and starts them';
  const present = [...view.queues.keys()];
  const first = present[0];
  if (first !== undefined) {
    const asDefault = present.length === 1 ? first : queue;
    if (!present.includes(asDefault)) return asItIs('queues', present.join(', '), why);
    return join(asItIs('queues', present.join(', '), why), defaultQueuePart(view, asDefault));
  }
  const created = oneStep(`create queue ${queue} queue_type=execution,enabled=true,started=true`, why, {
    target: { kind: 'queue', queue },
    before: null,
    after: 'enabled=True queue_type=Execution started=True',
  });
  return join(created, defaultQueuePart(view, queue));
}

function defaultQueuePart(view: ServerView, queue: string): Part {
  const target: SetupTarget = { kind: 'server', attribute: 'default_queue' };
  const before = valueOf(view, target);
  const why = 'qsub without -q goes there';
  if (before !== null) return asItIs('server default_queue', before, why);
  return oneStep(`set server default_queue=${queue}`, why, { target, before, after: queue });
}

function managerPart(view: ServerView, user: string): Part {
  const why = 'only a manager may create and delete nodes';
  const [name = '', host = ''] = user.split('@');
  const known = managersOf(view).find((manager) => manager === `${name}@${host}` || manager === `${name}@*`);
  if (known !== undefined) return asItIs(`manager ${user}`, known, why);
  return oneStep(`set server managers += ${user}`, why, {
    target: { kind: 'manager', user },
    before: null,
    after: 'manager',
  });
}

function placeholderPart(
  view: ServerView,
  wanted: WantedSetup['placeholder'],
): ({ readonly ok: true } & Part) | Exclude<SetupPlan, { ok: true }> {
  const name = checkHostName(wanted.node);
  if (!name.ok) return { ok: false, why: name.error, remedy: 'name another torque.placeholder.node' };
  const node = view.nodes.find((candidate) => candidate.name === name.value);
  const slots = `${grouped(wanted.np)} slots of the safe allocation`;
  const whyThere = `jobs for up to the ${slots} shall wait; pbs_sched deletes those larger than all known nodes`;
  const target: SetupTarget = { kind: 'node', node: name.value };
  if (node === undefined) {
    const made = markedNode(view, wanted);
    const sentence = `create node ${name.value} ${made.words}`;
    return {
      ok: true,
      ...oneStep(sentence, whyThere, { target, before: null, after: placeholderText(made.node) }),
    };
  }
  if (node.np >= wanted.np)
    return { ok: true, ...asItIs(`placeholder ${node.name}`, `np=${node.np}`, whyThere) };
  if (!isOurs(node, wanted.requestId)) {
    return {
      ok: false,
      why: `node ${name.value} was not made by us and has ${grouped(node.np)} slots, less than the ${slots}`,
      remedy: 'name another torque.placeholder.node, or give the node the slots yourself',
    };
  }
  const why = `the placeholder has ${grouped(node.np)} slots, less than the ${slots}`;
  const change = {
    target,
    before: placeholderText(node),
    after: placeholderText({ ...node, np: wanted.np }),
  };
  return { ok: true, ...oneStep(`set node ${name.value} np=${wanted.np}`, why, change) };
}

/** Nodes of 4.2 have no `requestid`: there a property says whose they are. */
function markedNode(
  view: ServerView,
  { np, requestId }: WantedSetup['placeholder'],
): { readonly words: string; readonly node: Pick<TorqueNode, 'np' | 'requestId' | 'properties'> } {
  return /^[0-4]\./.test(view.version ?? '')
    ? {
        words: `np=${np},properties="${requestId}"`,
        node: { np, requestId: null, properties: [requestId] },
      }
    : { words: `np=${np},requestid=${requestId}`, node: { np, requestId, properties: [] } };
}

/** Whether the placeholder carries our mark. */
function isOurs(node: TorqueNode, mark: string): boolean {
  return node.requestId === mark || node.properties.includes(mark);
}

function oneStep(sentence: string, why: string, change: SetupChange): Part {
  return { steps: [{ sentence, why, change }], right: [] };
}

function asItIs(what: string, found: string, why: string): Part {
  return { steps: [], right: [{ what, found, why }] };
}

function join(a: Part, b: Part): Part {
  return { steps: [...a.steps, ...b.steps], right: [...a.right, ...b.right] };
}
