/**
 * The life of an elastic node. The phase is *derived* from the intent, the task and the TORQUE node,
 * so that a restarted scheduler derives the same phase.
 *
 *     launching → starting → registering → up ⇄ draining → leaving → gone
 *          \___________\___________\_______ \__ suspect (unreachable, unhealthy, ended) → up | gone
 */
import type { Intent, TaskFacts, TorqueNode } from './facts.ts';
import type { Reason } from './reasons.ts';

/** See `docs/node-life.md` for what each phase is derived from. */
export type Phase =
  'launching' | 'starting' | 'registering' | 'up' | 'draining' | 'leaving' | 'suspect' | 'gone';

/** An elastic node as it stands, with exactly what its phase implies. */
export type ElasticNode =
  | LaunchingNode
  | StartingNode
  | RegisteringNode
  | UpNode
  | DrainingNode
  | LeavingNode
  | SuspectNode
  | GoneNode;

/** Accepted; the executor has not spoken yet. */
export interface LaunchingNode {
  readonly phase: 'launching';
  readonly intent: Intent;
  readonly task: TaskFacts | null;
  /** Null until pbsnodes shows it: it is created while the executor is on its way. */
  readonly node: TorqueNode | null;
}

/** The executor waits; the node is still to be created, or its host list is not sent yet. */
export interface StartingNode {
  readonly phase: 'starting';
  readonly intent: Intent;
  readonly task: TaskFacts;
  /** Null until pbsnodes shows it. */
  readonly node: TorqueNode | null;
}

/** The node exists and knows its hosts; the mom is to start and to report. */
export interface RegisteringNode {
  readonly phase: 'registering';
  readonly intent: Intent;
  readonly task: TaskFacts;
  readonly node: TorqueNode;
  /** Why a node that pbs_server calls free is not believed: a job of several nodes would hang there. */
  readonly doubt: Reason | null;
}

/** Jobs can run on it. */
export interface UpNode {
  readonly phase: 'up';
  readonly intent: Intent;
  readonly task: TaskFacts;
  readonly node: TorqueNode;
  /** True while its offline mark was just cleared and no reading since shows it. */
  readonly returning: boolean;
}

/** Offline by us, or about to be; its jobs may end. */
export interface DrainingNode {
  readonly phase: 'draining';
  readonly intent: Intent;
  /** Null when Mesos has not said anything about the task. */
  readonly task: TaskFacts | null;
  readonly node: TorqueNode;
}

/** Being taken apart: first the node, then the task. */
export interface LeavingNode {
  readonly phase: 'leaving';
  readonly intent: Intent;
  readonly task: TaskFacts | null;
  /** Null once pbsnodes no longer shows it. */
  readonly node: TorqueNode | null;
}

/** Something is wrong with it; `trouble` says what. */
export interface SuspectNode {
  readonly phase: 'suspect';
  readonly intent: Intent;
  readonly task: TaskFacts | null;
  readonly node: TorqueNode | null;
  readonly trouble: Trouble;
  readonly why: Reason;
}

/** Task ended, node not there: only the intent is left. */
export interface GoneNode {
  readonly phase: 'gone';
  readonly intent: Intent;
  readonly task: TaskFacts;
}

/**
 * What can be wrong with a node.
 *
 * - `unreachable`: Mesos lost the agent from sight; it may come back.
 * - `unhealthy`: the executor says that the mom does not answer.
 * - `ended`: the task is over and its node remains.
 * - `vanished`: the mom runs, and its node was deleted by somebody.
 * - `down`: pbs_server does not hear the mom of a node that had been running for long.
 * - `offline-by-others`: an administrator or a health check set it offline.
 * - `being-killed`: Mesos is ending the task, and not on our order.
 * - `name-taken`: a node of that name is there, and it is not ours.
 * - `name-differs`: the mom goes by another name than the agent, or the name leads to another machine.
 * - `not-read`: one side could not be read, so nothing can be said.
 * - `contradictory`: what Mesos and TORQUE say cannot both be, or is of a later Mesos.
 */
export type Trouble =
  | 'unreachable'
  | 'unhealthy'
  | 'ended'
  | 'vanished'
  | 'down'
  | 'offline-by-others'
  | 'being-killed'
  | 'name-taken'
  | 'name-differs'
  | 'not-read'
  | 'contradictory';
