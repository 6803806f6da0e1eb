/**
 * Derives the phase of one elastic node from what Mesos and TORQUE say and what we have set out to do.
 * Nothing else goes in, so a restarted scheduler derives the same phase.
 */
import { unreachable } from '@mesos-torque/common/units.ts';
import type { Intent, NodeAct, NodeStateWord, Snapshot, TaskFacts, TorqueNode } from './facts.ts';
import type { ElasticNode, SuspectNode, Trouble } from './nodes.ts';
import type { Policy } from './policy.ts';
import * as because from './reasons-trouble.ts';
import type { Reason } from './reasons.ts';
import { momStarted, standingOf } from './task-states.ts';
import { distrust, leadsElsewhere } from './trust.ts';

/** Everything that the phase of one node depends on. */
export interface Evidence {
  readonly intent: Intent;
  readonly task: TaskFacts | null;
  /** The node with our mark and this task's id. */
  readonly node: TorqueNode | null;
  /** Whether a node of that name is there without being this intent's. */
  readonly nameTaken: boolean;
  /** The last act on the node, if we remember one. */
  readonly act: NodeAct | null;
  readonly snapshot: Snapshot;
  readonly policy: Policy;
}

export function derivePhase(evidence: Evidence): ElasticNode {
  const { intent, task, node, snapshot } = evidence;
  if (snapshot.tasks.state === 'unknown') return suspect(evidence, 'not-read', because.notReadYet('tasks'));
  if (snapshot.nodes.state === 'unknown') return suspect(evidence, 'not-read', because.notReadYet('nodes'));
  if (task === null) return node === null ? wordless(evidence) : following(evidence, node);
  const standing = standingOf(task.state);
  switch (standing) {
    case 'ended':
      return ended(evidence, task);
    case 'lost-sight':
      return suspect(evidence, 'unreachable', because.agentUnreachable(intent.agentId));
    case 'strange':
      return suspect(evidence, 'contradictory', because.strangeState());
    case 'waiting':
      return node === null ? wordless(evidence) : following(evidence, node);
    case 'ending':
    case 'alive':
      return node === null ? nodeless(evidence, task) : following(evidence, node);
    default:
      return unreachable(standing);
  }
}

/** What must not be among the states of a node that jobs can run on. */
const unusable: readonly NodeStateWord[] = ['down', 'state-unknown', 'mom-list-not-sent', 'other'];

export function isReachable(node: TorqueNode): boolean {
  return !node.states.some((state) => unusable.includes(state));
}

export function isOffline(node: TorqueNode): boolean {
  return node.states.includes('offline');
}

/** Neither a node nor a word about the task: wait for the first, unless it is to go. */
function wordless({ intent, task }: Evidence): ElasticNode {
  if (intent.goal.kind === 'hold') return { phase: 'launching', intent, task, node: null };
  return { phase: 'leaving', intent, task, node: null };
}

function ended(evidence: Evidence, task: TaskFacts): ElasticNode {
  const { intent, node } = evidence;
  if (node === null) return { phase: 'gone', intent, task };
  if (node.jobs.length > 0) {
    return suspect(
      evidence,
      'ended',
      because.deadMomHasJobs(
        node.jobs.map((job) => job.jobId),
        task,
      ),
    );
  }
  switch (intent.goal.kind) {
    case 'hold':
      return suspect(evidence, 'ended', because.taskEnded(task));
    case 'drain':
    case 'leave':
      return onItsWayOut(evidence, node);
    default:
      return unreachable(intent.goal);
  }
}

/** A node whose offline mark somebody cleared has to be drained again, whatever we were about to do. */
function onItsWayOut({ intent, task }: Evidence, node: TorqueNode): ElasticNode {
  const isLeaving = intent.goal.kind === 'leave' && isOffline(node);
  return { phase: isLeaving ? 'leaving' : 'draining', intent, task, node };
}

/** A living task whose node pbsnodes does not show. */
function nodeless(evidence: Evidence, task: TaskFacts): ElasticNode {
  const { intent } = evidence;
  if (intent.goal.kind !== 'hold') return { phase: 'leaving', intent, task, node: null };
  if (task.state === 'TASK_KILLING') return suspect(evidence, 'being-killed', because.beingKilled());
  if (namesDiffer(intent, task)) return misnamed(evidence, task);
  if (evidence.nameTaken) return suspect(evidence, 'name-taken', because.nameTaken(intent.nodeName));
  if (momStarted(task) && !justCreated(evidence)) {
    return suspect(evidence, 'vanished', because.nodeVanished(intent.nodeName));
  }
  return { phase: 'starting', intent, task, node: null };
}

/** The node is there: what we have set out to do with it decides first. */
function following(evidence: Evidence, node: TorqueNode): ElasticNode {
  const { intent, task } = evidence;
  switch (intent.goal.kind) {
    case 'leave':
    case 'drain':
      return onItsWayOut(evidence, node);
    case 'hold':
      return task === null || task.state === 'TASK_STAGING'
        ? ahead(evidence, node)
        : held(evidence, task, node);
    default:
      return unreachable(intent.goal);
  }
}

/** The node was created while its executor is on its way. */
function ahead(evidence: Evidence, node: TorqueNode): ElasticNode {
  const { intent, task } = evidence;
  if (isOffline(node) && !node.states.includes('mom-list-not-sent')) {
    return suspect(evidence, 'offline-by-others', because.offlineByOthers());
  }
  return { phase: 'launching', intent, task, node };
}

/** A living task and its node, which are to stay. */
function held(evidence: Evidence, task: TaskFacts, node: TorqueNode): ElasticNode {
  const { intent } = evidence;
  if (task.state === 'TASK_KILLING') return suspect(evidence, 'being-killed', because.beingKilled());
  const isNew = node.states.includes('mom-list-not-sent') && !downForLong(evidence, task);
  const returning = justCleared(evidence, node);
  if (isOffline(node) && !isNew && !returning) {
    return suspect(evidence, 'offline-by-others', because.offlineByOthers());
  }
  if (namesDiffer(intent, task)) return misnamed(evidence, task);
  const elsewhere = leadsElsewhere(node, task);
  if (elsewhere !== null) return suspect(evidence, 'name-differs', elsewhere);
  if (isNew) return { phase: 'starting', intent, task, node };
  if (task.healthy === false) return suspect(evidence, 'unhealthy', because.unhealthy(task.message));
  if (task.state === 'TASK_RUNNING' && isReachable(node)) {
    const doubt = wasUp(evidence) ? null : distrust(node, task, evidence.snapshot);
    if (doubt !== null) return { phase: 'registering', intent, task, node, doubt };
    return { phase: 'up', intent, task, node, returning };
  }
  if (downForLong(evidence, task)) {
    return suspect(evidence, 'down', because.nodeDown(node.states));
  }
  return { phase: 'registering', intent, task, node, doubt: null };
}

/**
 * A node that was up is down for long when it has been so for the registration time. Where a restart
 * of ours forgot whether it was up, a node that is not free twice the registration time after its task
 * came alive must have been (otherwise it was given up at half that time).
 */
function downForLong(evidence: Evidence, task: TaskFacts): boolean {
  const { intent, snapshot, policy } = evidence;
  if (task.state !== 'TASK_RUNNING') return false;
  const unwellSinceMs = snapshot.history[intent.taskId]?.unwellSinceMs ?? null;
  if (wasUp(evidence) && unwellSinceMs !== null) {
    return snapshot.nowMs - unwellSinceMs >= policy.registerTimeMsMax;
  }
  return snapshot.nowMs - (task.aliveSinceMs ?? task.sinceMs) >= 2 * policy.registerTimeMsMax;
}

/** Whether we have seen it up since this process began. */
export function wasUp({ intent, snapshot }: Pick<Evidence, 'intent' | 'snapshot'>): boolean {
  return typeof snapshot.history[intent.taskId]?.upAtMs === 'number';
}

/** Whether a success of `act` ended after the reading began, which therefore need not show it. */
function unseen({ act, snapshot }: Evidence, kind: NodeAct['act']): boolean {
  if (act?.act !== kind || act.problem !== null) return false;
  return snapshot.nodes.state === 'unknown' || act.endedAtMs > snapshot.nodes.atMs;
}

const justCreated = (evidence: Evidence): boolean => unseen(evidence, 'create');
/** A failed clearing counts too while the mark is seen: it is ours, and clearing is tried again. */
const justCleared = (evidence: Evidence, node: TorqueNode): boolean =>
  unseen(evidence, 'online') ||
  (isOffline(node) && evidence.act?.act === 'online' && evidence.act.problem !== null);

export function namesDiffer(intent: Intent, task: TaskFacts): boolean {
  return task.momName !== null && task.momName.toLowerCase() !== intent.nodeName.toLowerCase();
}

function misnamed(evidence: Evidence, task: TaskFacts): SuspectNode {
  return suspect(evidence, 'name-differs', because.namesDiffer(evidence.intent.nodeName, task.momName ?? ''));
}

function suspect({ intent, task, node }: Evidence, trouble: Trouble, why: Reason): SuspectNode {
  return { phase: 'suspect', intent, task, node, trouble, why };
}
