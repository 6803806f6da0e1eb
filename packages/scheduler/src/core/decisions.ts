/**
 * What `plan` returns: decisions, complete enough that carrying them out leaves no choice, and a
 * report with a reason for everything that was not done.
 */
import type { ResourceVector } from '@mesos-torque/common/units.ts';
import type { Intent, MomPorts } from './facts.ts';
import type { Brake } from './brake.ts';
import type { Phase } from './nodes.ts';
import type { Quarantine } from './quarantine.ts';
import type { Reason } from './reasons.ts';

export type Decision =
  | LaunchDecision
  | CreateNodeDecision
  | StartMomDecision
  | OfflineDecision
  | OnlineDecision
  | DeleteNodeDecision
  | KillTaskDecision
  | ForgetDecision
  | DeclineDecision
  | SuppressDecision
  | ReviveDecision
  | KickDecision;

/** Accept these offers of one agent and launch one mom there. The intent is recorded first. */
export interface LaunchDecision {
  readonly kind: 'launch';
  readonly offerIds: readonly string[];
  readonly host: string;
  readonly intent: Intent;
  /** `requestid` that the node will carry. */
  readonly requestId: string;
  readonly why: Reason;
}

/** `qmgr -c "create node …"`, once the executor has said under which name the mom goes. */
export interface CreateNodeDecision {
  readonly kind: 'create-node';
  readonly taskId: string;
  readonly node: string;
  readonly np: number;
  readonly gpus: number;
  readonly properties: readonly string[];
  readonly ports: MomPorts | null;
  readonly requestId: string;
  /** The agent's own, which the name has to lead to; empty while its executor has not told. */
  readonly hostAddresses: readonly string[];
  readonly why: Reason;
}

/** Tell the executor to start pbs_mom: pbs_server has sent its host list. */
export interface StartMomDecision {
  readonly kind: 'start-mom';
  readonly taskId: string;
  readonly agentId: string;
  readonly node: string;
  readonly why: Reason;
}

/** Begin to drain: record the goal, then `pbsnodes -o`. Repeated while the node is not seen offline. */
export interface OfflineDecision {
  readonly kind: 'offline';
  readonly taskId: string;
  readonly node: string;
  /** Whether the reading showed it offline already: a mark that comes up since is somebody else's. */
  readonly seenOffline: boolean;
  readonly why: Reason;
}

/** Take a draining node back: `pbsnodes -c`, then record the goal; until then the offline mark is known as ours. */
export interface OnlineDecision {
  readonly kind: 'online';
  readonly taskId: string;
  readonly node: string;
  readonly why: Reason;
}

/** The node was seen offline and without jobs, twice: record the goal, then `qmgr delete node`. */
export interface DeleteNodeDecision {
  readonly kind: 'delete-node';
  readonly taskId: string;
  readonly node: string;
  readonly why: Reason;
}

/** The node is gone, or never came to be: KILL the task. Repeated until a terminal state is seen. */
export interface KillTaskDecision {
  readonly kind: 'kill-task';
  readonly taskId: string;
  readonly agentId: string;
  readonly graceMs: number;
  readonly why: Reason;
}

/** Neither task nor node is left: drop the intent. */
export interface ForgetDecision {
  readonly kind: 'forget';
  readonly taskId: string;
  readonly node: string;
  /** Whether the launch came to nothing, which counts against the agent for a while. */
  readonly failed: boolean;
  readonly why: Reason;
}

export interface DeclineDecision {
  readonly kind: 'decline';
  readonly offerIds: readonly string[];
  readonly refuseS: number;
  /** Keys of the requests that wait for offers and that these do not serve. */
  readonly inVainFor: readonly string[];
  readonly why: Reason;
}

export interface SuppressDecision {
  readonly kind: 'suppress';
  readonly why: Reason;
}

export interface ReviveDecision {
  readonly kind: 'revive';
  readonly why: Reason;
}

/** Ask the TORQUE scheduler for a cycle: a node turning free does not wake pbs_sched. */
export interface KickDecision {
  readonly kind: 'kick-scheduler';
  readonly why: Reason;
}

/** How a job stands with us. */
export type JobVerdict =
  | {
      readonly kind: 'served';
      readonly jobId: string;
      readonly nodes: readonly string[];
      readonly why: Reason;
    }
  | { readonly kind: 'waiting'; readonly jobId: string; readonly why: Reason }
  | { readonly kind: 'impossible'; readonly jobId: string; readonly why: Reason }
  | { readonly kind: 'not-demand'; readonly jobId: string; readonly why: Reason };

export interface NodeVerdict {
  readonly node: string;
  readonly taskId: string | null;
  readonly phase: Phase | 'static' | 'placeholder' | 'foreign';
  readonly np: number;
  readonly jobs: readonly string[];
  readonly why: Reason;
}

export type OfferVerdict =
  | { readonly kind: 'accepted'; readonly offerId: string; readonly host: string; readonly why: Reason }
  | {
      readonly kind: 'declined';
      readonly offerId: string;
      readonly host: string;
      readonly refuseS: number;
      readonly why: Reason;
    }
  | {
      readonly kind: 'held';
      readonly offerId: string;
      readonly host: string;
      readonly untilMs: number;
      readonly why: Reason;
    };

export interface Report {
  readonly jobs: readonly JobVerdict[];
  readonly nodes: readonly NodeVerdict[];
  readonly offers: readonly OfferVerdict[];
  /** What we hold now, and with the launches of this plan. */
  readonly held: ResourceVector & { readonly nodes: number };
  readonly heldAfter: ResourceVector & { readonly nodes: number };
  /** Removals that the brake holds back in this plan; null when it stands in the way of none. */
  readonly brake: Brake | null;
  /** Agents on which too many launches failed, by id. */
  readonly quarantined: readonly Quarantine[];
  /** Things that hold the whole plan back, such as a queue that could not be read. */
  readonly notices: readonly Reason[];
  /**
   * The next moment at which time alone changes the plan (an idle time-out, the end of a hold, a
   * repetition), or null. The loop wakes then at the latest.
   */
  readonly wakeAtMs: number | null;
}

export interface Plan {
  readonly decisions: readonly Decision[];
  readonly report: Report;
}
