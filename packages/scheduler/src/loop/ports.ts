/**
 * What the loop needs of the world, in the planner's words. The real adapters (`torque/`, `mesos/`,
 * files) and the simulation's fakes implement the same interfaces.
 */
import type { Intent, MomStage, OfferFacts, QueueFacts, TaskStateName, TorqueNode } from '../core/facts.ts';
import type { CreateNodeDecision, LaunchDecision } from '../core/decisions.ts';
import type { QueueSettings } from '../core/settings.ts';
import type { FairShare, QuotaLimits } from '../core/role-limits.ts';
import type { InverseOffer } from './inverse-offers.ts';
import type { Wishes } from '../core/wishes.ts';

/** Why a call to the outside did not give what was asked. `detail` is one line, outside-in. */
export interface Problem {
  readonly kind:
    | 'unreachable' // nobody answered: server down, connection refused
    | 'timed-out' // no answer in time: the act may still have taken effect
    | 'refused' // it answered no
    | 'garbled' // it answered something that cannot be read
    | 'not-found' // the thing acted upon is not there
    | 'conflict' // the thing is there already, or another one stands in its way
    | 'theirs'; // somebody else did it first: the mark is not ours to touch
  readonly detail: string;
}

export type Outcome<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly problem: Problem };

/** TORQUE's server. Every act may be repeated: doing it twice is as good as once. */
export interface TorquePort {
  readQueue(): Promise<Outcome<QueueFacts>>;
  readNodes(): Promise<Outcome<readonly TorqueNode[]>>;
  /** Limits of queues and server; read seldom. */
  readSettings(): Promise<Outcome<QueueSettings>>;
  createNode(node: CreateNodeDecision): Promise<Outcome<null>>;
  /**
   * `pbsnodes -o`; success only when reading back shows the node offline. Unless it was `seenOffline`
   * already, a mark found there beforehand is somebody else's: problem `theirs`, and nothing is done.
   */
  setOffline(node: string, seenOffline: boolean): Promise<Outcome<null>>;
  /** `pbsnodes -c`; success only when reading back shows the node not offline. */
  clearOffline(node: string): Promise<Outcome<null>>;
  /** Success when the node is not there, whoever removed it. */
  deleteNode(node: string): Promise<Outcome<null>>;
  /** Asks the TORQUE scheduler for a cycle. */
  kickScheduler(): Promise<Outcome<null>>;
}

/** One status update, in our words. */
export interface StatusFacts {
  readonly taskId: string;
  readonly agentId: string | null;
  readonly state: TaskStateName;
  /** Mesos' reason without `REASON_`, null if none. */
  readonly reason: string | null;
  readonly source: 'master' | 'agent' | 'executor' | 'unknown';
  readonly message: string;
  readonly healthy: boolean | null;
  readonly stage: MomStage;
  readonly momName: string | null;
  /** See `TaskFacts`; null: this update does not say. */
  readonly trusted: readonly string[] | null;
  readonly addresses: readonly string[];
  /** Hands back to `acknowledge`; null when there is nothing to acknowledge. */
  readonly ackToken: AckToken | null;
}

export interface AckToken {
  readonly taskId: string;
  readonly agentId: string;
  /** The update's uuid, in hexadecimal. */
  readonly uuid: string;
}

export type MesosEvent =
  | { readonly kind: 'subscribed'; readonly frameworkId: string; readonly master: string }
  | { readonly kind: 'disconnected'; readonly why: string }
  | { readonly kind: 'offers'; readonly offers: readonly OfferFacts[] }
  | { readonly kind: 'rescinded'; readonly offerId: string }
  /** Maintenance was announced for agents on which we hold something, or its announcement taken back. */
  | { readonly kind: 'inverse-offers'; readonly offers: readonly InverseOffer[] }
  | { readonly kind: 'inverse-rescinded'; readonly offerId: string }
  | { readonly kind: 'status'; readonly status: StatusFacts }
  | { readonly kind: 'agent-lost'; readonly agentId: string }
  | {
      readonly kind: 'executor-lost';
      readonly agentId: string;
      readonly executorId: string;
      readonly waitStatus: number | null;
    }
  /** One event could not be read; the stream goes on. */
  | { readonly kind: 'garbled'; readonly why: string }
  /** Mesos will have no more of us: the framework was removed, the role is refused. Stop. */
  | { readonly kind: 'fatal'; readonly why: string; readonly remedy: string };

/** What the subscription needs to know beforehand. */
export interface SubscribeWith {
  /** Null for a framework that was never registered. */
  readonly frameworkId: string | null;
}

/**
 * The Mesos master. Calls resolve when the master took them (202), which does not mean that they had
 * an effect; effects come as events.
 */
export interface MesosPort {
  /**
   * Subscribes and stays subscribed: reconnects with back-off, follows the leader, until `close`.
   * Events come one at a time; the next one waits until the promise of the last has settled.
   */
  open(subscription: SubscribeWith, onEvent: (event: MesosEvent) => Promise<void>): void;
  accept(launch: LaunchDecision): Promise<Outcome<null>>;
  decline(offerIds: readonly string[], refuseS: number): Promise<Outcome<null>>;
  suppress(): Promise<Outcome<null>>;
  revive(): Promise<Outcome<null>>;
  kill(taskId: string, agentId: string, graceMs: number): Promise<Outcome<null>>;
  acknowledge(token: AckToken): Promise<Outcome<null>>;
  /** Explicit for the tasks named, implicit when none is. */
  reconcile(
    tasks: readonly { readonly taskId: string; readonly agentId: string | null }[],
  ): Promise<Outcome<null>>;
  /** Whether we will be off an agent when its announced maintenance begins; if not, Mesos asks again after `refuseS`. */
  answerInverse(inverseOfferId: string, isAccepted: boolean, refuseS: number): Promise<Outcome<null>>;
  /** The limits that the master's quotas set for our role. */
  readQuota(): Promise<Outcome<QuotaLimits>>;
  /** What our role may count on when every role wants all; null where that is not asked for. */
  readFairShare(): Promise<Outcome<FairShare | null>>;
  /** Framework message START_MOM to the executor of a task. May be lost. */
  startMom(taskId: string, agentId: string): Promise<Outcome<null>>;
  /** Unregisters the framework: every task ends. */
  teardown(): Promise<Outcome<null>>;
  /** Ends the connection; the framework stays registered. */
  close(): Promise<void>;
}

/** What executors have written into their sandboxes, which agents keep for some time after their end. */
export interface SandboxPort {
  /** The end of one file. An agent that does not answer in a few seconds is `unreachable` or `timed-out`. */
  readTail(wanted: SandboxFile): Promise<Outcome<FileTail>>;
}

export interface SandboxFile {
  readonly frameworkId: string;
  readonly agentId: string;
  readonly executorId: string;
  readonly file: 'stderr' | 'stdout';
  /** At most so much of its end. */
  readonly bytesMax: number;
}

export interface FileTail {
  /** Who answered: `http://10.0.0.7:5051`. */
  readonly agent: string;
  readonly text: string;
  /** Of the whole file. */
  readonly bytes: number;
  /** Where in the file the text begins. */
  readonly offset: number;
}

/** What survives us. Written as a whole, atomically, before any act that it announces. */
export interface DurableState {
  readonly frameworkId: string | null;
  readonly nextSerial: number;
  readonly intents: readonly Intent[];
  /** What operators asked for. */
  readonly wishes: Wishes;
}

export interface StatePort {
  /** Null when nothing was ever saved. A state that cannot be read throws: going on would forget tasks. */
  load(): Promise<DurableState | null>;
  /** Resolves once the state is on disk; rejects when it is not, and then nothing may be begun. */
  save(state: DurableState): Promise<void>;
}

/** One line of the journal: what happened, when, to what, and why. */
export interface JournalEntry {
  readonly atMs: number;
  /** One past-tense event, such as `node created` or `offer declined`. */
  readonly event: string;
  readonly node?: string;
  readonly taskId?: string;
  readonly jobId?: string;
  readonly offerId?: string;
  readonly why?: string;
  /** Further fields, such as durations in milliseconds. */
  readonly data?: Readonly<Record<string, string | number | boolean | null>>;
}

/** An entry with its place in the journal; places only grow, over restarts too. */
export interface NumberedEntry {
  readonly sequence: number;
  readonly entry: JournalEntry;
}

/** Entries with a lower sequence than `below`, and none later than `beforeMs`. */
export interface JournalBound {
  readonly below: number;
  readonly beforeMs: number;
}

export interface JournalPort {
  append(entry: JournalEntry): void;
  /** Why the last entry is not in it, null when it is: see `Conditions.diskProblem`. */
  problem(): string | null;
}
