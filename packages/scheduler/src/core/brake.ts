/**
 * The brake. When the answers of pbs_server or of Mesos, taken at their word, would have us remove more
 * than a share of our nodes, they are rather wrong than true: nothing more is removed on their account
 * until somebody confirms it, or until the answers recover.
 *
 * What counts are nodes that had stood and that an *answer* speaks against: pbsnodes does not show them
 * (an intent is not forgotten either then, or the count would fall with every task that ends meanwhile),
 * shows them down, their executors find their moms ill, or the master infers that their tasks are gone.
 * What does not count: idle shrinking and making room, which we decide on fresh readings, only of nodes
 * that queue and pbsnodes both show without jobs, and which an emptied qstat cannot hasten below the idle
 * time; ends that agents tell task by task; launches that never came up.
 */
import { unreachable } from '@mesos-torque/common/units.ts';
import type { Snapshot } from './facts.ts';
import type { ElasticNode } from './nodes.ts';
import { byText } from './order.ts';
import type { Policy } from './policy.ts';
import type { Reason } from './reasons.ts';
import { brakeHolds, isBrakeConfirmed, isUnrecorded } from './reasons-brake.ts';
import { isGivenUp } from './reasons-life.ts';
import { holdsNothing, momStarted, standingOf } from './task-states.ts';

export interface Brake {
  /** Stands for exactly these nodes: whoever confirms it has seen them. */
  readonly id: string;
  /** Task ids and names of the nodes whose removal is stopped, in the order of the task ids. */
  readonly stopped: readonly { readonly taskId: string; readonly node: string; readonly cause: BrakeCause }[];
  /** Those and others that are being removed for the same causes already ... */
  readonly affected: number;
  /** ... of so many nodes that stand or stood ... */
  readonly standing: number;
  /** ... of which so many may be affected at once. */
  readonly allowed: number;
  readonly why: Reason;
}

/**
 * - `missing`: pbsnodes does not show it. `down`: pbs_server does not hear its mom.
 * - `unhealthy`: its executor finds the mom ill. `task-gone`: the master infers that its task is over.
 * - `unrecorded`: nothing was recorded about it, and only one side knows of it.
 */
export type BrakeCause = 'missing' | 'down' | 'unhealthy' | 'task-gone' | 'unrecorded';

/** Null while the answers speak against few enough nodes. */
export function brakeOf(ours: readonly ElasticNode[], snapshot: Snapshot, policy: Policy): Brake | null {
  const standing = ours.filter(
    (node) => !isConfirmed(node) && (hasStood(node, snapshot, policy) || hasMom(node)),
  );
  const spokenAgainst = standing.flatMap((node) => {
    const isOld = hasStood(node, snapshot, policy);
    const cause = isOld || isMissing(node) ? causeOf(node) : null;
    return cause === null ? [] : [{ node, cause }];
  });
  const allowed = Math.floor(standing.length * policy.brakeShare);
  const affected = spokenAgainst.length;
  if (affected < policy.brakeNodesMin || affected <= allowed) return null;
  const stopped = spokenAgainst
    .filter(({ node }) => !isBegun(node))
    .map(({ node: { intent }, cause }) => ({ taskId: intent.taskId, node: intent.nodeName, cause }))
    .sort((a, b) => byText(a.taskId, b.taskId));
  if (stopped.length === 0) return null;
  const id = idOf(stopped.map(({ taskId }) => taskId));
  const counts = { affected, standing: standing.length, allowed };
  const causes = countedCauses(spokenAgainst.map(({ cause }) => cause));
  return { id, stopped, ...counts, why: brakeHolds(id, counts, causes) };
}

/**
 * Whether the node was up once. After a restart of ours that is forgotten; a launch as old as this came
 * up or was given up, and one that was adopted is of unknown age.
 */
function hasStood({ intent }: ElasticNode, { history, nowMs }: Snapshot, policy: Policy): boolean {
  if (typeof history[intent.taskId]?.upAtMs === 'number') return true;
  if (intent.goal.kind !== 'hold' && isUnrecorded(intent.goal.why)) return true;
  return nowMs - intent.launchedAtMs > policy.launchTimeMsMax + 2 * policy.registerTimeMsMax;
}

/** A mom is started only on a node that pbs_server showed. One that has ended stands no more. */
function hasMom({ task }: ElasticNode): boolean {
  return task !== null && standingOf(task.state) !== 'ended' && momStarted(task);
}

function isMissing(node: ElasticNode): boolean {
  return node.phase === 'suspect' && node.trouble === 'vanished';
}

/** With age launches come to count as nodes that have stood. */
export function brakeMayChangeAtMs(view: {
  readonly ours: readonly ElasticNode[];
  readonly snapshot: Snapshot;
  readonly policy: Policy;
}): readonly number[] {
  if (!view.ours.some((node) => causeOf(node) !== null)) return [];
  const { launchTimeMsMax, registerTimeMsMax } = view.policy;
  return view.snapshot.intents.map(
    ({ launchedAtMs }) => launchedAtMs + launchTimeMsMax + 2 * registerTimeMsMax + 1,
  );
}

function causeOf(node: ElasticNode): BrakeCause | null {
  switch (node.phase) {
    case 'launching':
    case 'up':
      return null;
    // Its task ended, and that alone would leave the node in pbsnodes: only we delete it, after `leave`.
    case 'gone':
      return node.intent.goal.kind === 'leave' ? null : 'missing';
    case 'starting':
    case 'registering':
      return 'down';
    case 'draining':
      return isBegun(node) && !toldItsEnd(node) ? 'down' : null;
    case 'leaving':
      return causeOfLeaving(node);
    case 'suspect':
      return causeOfSuspect(node);
    default:
      return unreachable(node);
  }
}

function causeOfLeaving(node: Extract<ElasticNode, { phase: 'leaving' }>): BrakeCause | null {
  const { goal } = node.intent;
  if (toldItsEnd(node)) return null;
  if (isBegun(node)) return 'missing';
  // We recorded `leave` before we deleted the node; from `drain` somebody else did, or pbsnodes is wrong.
  if (goal.kind !== 'drain' || node.node !== null) return null;
  return isUnrecorded(goal.why) ? 'unrecorded' : 'missing';
}

function causeOfSuspect(node: Extract<ElasticNode, { phase: 'suspect' }>): BrakeCause | null {
  switch (node.trouble) {
    case 'vanished':
      return 'missing';
    case 'down':
      return 'down';
    case 'unhealthy':
      return 'unhealthy';
    case 'ended':
      return toldItsEnd(node) ? null : 'task-gone';
    // It is not removed, but that its node is missing tells of pbsnodes all the same.
    case 'unreachable':
      return node.node === null ? 'missing' : null;
    case 'offline-by-others':
    case 'being-killed':
    case 'name-taken':
    case 'name-differs':
    case 'not-read':
    case 'contradictory':
      return null;
    default:
      return unreachable(node.trouble);
  }
}

/**
 * TASK_FAILED and its like come from the agent or executor of each task; a machine room that lost its
 * power tells many of them, and they are true. LOST, GONE and UNKNOWN are what a master concludes. An
 * operator who marks an agent as gone says so of each.
 */
function toldItsEnd({ task }: ElasticNode): boolean {
  return task !== null && (holdsNothing(task.state) || task.state === 'TASK_GONE_BY_OPERATOR');
}

/** Given up already: under the brake's limit at that time, or confirmed. */
function isBegun({ intent: { goal } }: ElasticNode): boolean {
  return goal.kind !== 'hold' && isGivenUp(goal.why);
}

function isConfirmed({ intent: { goal } }: ElasticNode): boolean {
  return goal.kind !== 'hold' && isBrakeConfirmed(goal.why);
}

function countedCauses(causes: readonly BrakeCause[]): Readonly<Partial<Record<BrakeCause, number>>> {
  const counts: Partial<Record<BrakeCause, number>> = {};
  for (const cause of causes) counts[cause] = (counts[cause] ?? 0) + 1;
  return counts;
}

/** Short enough to be typed, the same for the same nodes (FNV-1a, 32 bits). */
function idOf(taskIds: readonly string[]): string {
  let hash = 0x811c9dc5;
  for (const char of taskIds.join(' ')) {
    hash = Math.imul(hash ^ (char.codePointAt(0) ?? 0), 0x01000193);
  }
  return `brake-${(hash >>> 0).toString(16).padStart(8, '0')}`;
}
