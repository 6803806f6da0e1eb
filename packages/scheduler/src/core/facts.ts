/**
 * What the planner is told: facts read from TORQUE and Mesos, in our words and units. Nothing here
 * is decided; how a fact was read (XML, protobuf) stays outside.
 */
import type { ResourceVector } from '@mesos-torque/common/units.ts';
import type { Conditions } from './conditions.ts';
import type { CountedAmounts, Limiting } from './settings.ts';
import type { Wishes } from './wishes.ts';

/**
 * A reading that may have failed. Unknown is not zero: the planner shrinks nothing on a reading
 * that is not fresh.
 *
 * `atMs` is when the reading was *begun*: what it shows was true at that moment or later.
 */
export type Reading<T> =
  | { readonly state: 'fresh'; readonly atMs: number; readonly value: T }
  | { readonly state: 'stale'; readonly atMs: number; readonly value: T; readonly why: string }
  | { readonly state: 'unknown'; readonly why: string };

/** Job states of TORQUE (`job_state`, one letter in qstat). */
export type JobState =
  'queued' | 'held' | 'waiting' | 'running' | 'exiting' | 'suspended' | 'transit' | 'complete';

/**
 * One `+`-part of `-l nodes=`: `count` nodes, each with `ppn` slots, the properties, the gpus; or
 * the one host that is named (`count` is then 1). A property may be a node's name all the same, for
 * TORQUE takes a node's name for one of its properties: see `core/host-words`.
 */
export interface NodeRequest {
  readonly count: number;
  readonly ppn: number;
  readonly gpus: number;
  readonly properties: readonly string[];
  readonly host: string | null;
}

/**
 * What a job asks for, as TORQUE will place it.
 *
 * - `nodes`: distinct nodes, one slot set on each (`-l nodes=`; a bare job is `nodes=1`). Each node
 *   needs `memMibPerNode`, or `memMibPerSlot` for each of its slots, whichever is more. `exclusive`:
 *   TORQUE starts it on nodes without any other job, and lets no other in beside it (`qsub -n`).
 * - `procs`: that many slots anywhere (`-l procs=`).
 * - `not-understood`: `text` is the offending piece of the request, `why` says what about it. The
 *   job waits for something that we cannot give; it counts neither as nothing nor as everything.
 */
export type JobRequest =
  | {
      readonly kind: 'nodes';
      readonly parts: readonly NodeRequest[];
      readonly memMibPerNode: number;
      readonly memMibPerSlot: number;
      readonly exclusive: boolean;
    }
  | { readonly kind: 'procs'; readonly slots: number; readonly memMibPerSlot: number }
  | { readonly kind: 'not-understood'; readonly text: string; readonly why: string };

export interface JobFacts {
  /** As qstat prints it: `42.head.example.org`, `100[3].head.example.org`. */
  readonly id: string;
  readonly name: string;
  /** The user's name, without the host. */
  readonly owner: string;
  readonly queue: string;
  readonly state: JobState;
  readonly request: JobRequest;
  readonly walltimeS: number | null;
  /**
   * The TORQUE scheduler's words about the job, null where it has said nothing: `comment`, which
   * pbs_sched sets; for other schedulers what stands in its place. `core/scheduler-words` reads them.
   */
  readonly comment: string | null;
  /** The user's group (`egroup`), by which group limits count; empty where qstat does not show it. */
  readonly group: string;
  /** What it asks for of the kinds that limits count, as its `Resource_List` says. */
  readonly counted: CountedAmounts;
  /** Who holds it: letters of `Hold_Types`, such as `u` or `so`; empty where nobody does. */
  readonly holds: string;
  /** What it depends on, as TORQUE prints it (`afterok:96.head`); null without. */
  readonly depend: string | null;
  /** Not before this moment (`qsub -a`); null without. */
  readonly startsAfterMs: number | null;
  /** Names of the nodes it runs on (`exec_host`), each once, the mother superior first. */
  readonly execNodes: readonly string[];
  /** Gpus that it uses, by node (`exec_gpus`). */
  readonly execGpus: Readonly<Record<string, number>>;
  /** When it became eligible, or was queued; orders demand first come, first served. */
  readonly queuedAtMs: number;
  /** For a template entry of an array (`100[].head`): its slot limit; the elements are jobs of their own. */
  readonly arraySlotLimit: number | null;
  /** For an array's own entry: its indices, as TORQUE prints them (`1-400`, `1,3,5-7`); null for other jobs. */
  readonly arrayRange: string | null;
  /** True for `100[].head`, the array itself, when its elements are listed too. */
  readonly isArrayTemplate: boolean;
}

export interface QueueFacts {
  readonly jobs: readonly JobFacts[];
  /** Elements of arrays that were not made yet and are so many that not all are among the jobs; left out where all are. */
  readonly unmade?: { readonly counted: number; readonly leftOut: number };
  /** What speaks for the TORQUE scheduler being dead; left out where nothing does. */
  readonly schedulerSilence?: SchedulerSilence;
}

/** Cycles were asked for while a job fitted on free nodes, and no job was started, nor anything new said of one. */
export interface SchedulerSilence {
  readonly cycles: number;
  /** Since the first of them. Milliseconds. */
  readonly forMs: number;
}

/** Node states of TORQUE, as `pbsnodes -x` lists them. `other` keeps what we do not know by name. */
export type NodeStateWord =
  | 'free'
  | 'down'
  | 'offline'
  | 'busy'
  | 'job-exclusive'
  | 'job-sharing'
  | 'reserve'
  | 'state-unknown'
  | 'mom-list-not-sent'
  | 'other';

export interface TorqueNode {
  readonly name: string;
  readonly np: number;
  readonly gpus: number;
  readonly states: readonly NodeStateWord[];
  readonly properties: readonly string[];
  /** `note`: belongs to people; we never read meaning into it. */
  readonly note: string | null;
  /** `requestid` (6.1): the mark of ownership, see `core/names`. */
  readonly requestId: string | null;
  /** Slots in use, and by which jobs. */
  readonly jobs: readonly { readonly jobId: string; readonly slots: number }[];
  /** `physmem` as the mom reported it; null until it has. */
  readonly memMib: number | null;
  readonly momServicePort: number | null;
  readonly momManagerPort: number | null;
  /** Addresses of its name as this host resolves it; empty where that is not known. */
  readonly addresses: readonly string[];
}

/** Task states of Mesos v1; `UNRECOGNIZED` is a state of a later Mesos. */
export type TaskStateName =
  | 'TASK_STAGING'
  | 'TASK_STARTING'
  | 'TASK_RUNNING'
  | 'TASK_KILLING'
  | 'TASK_FINISHED'
  | 'TASK_FAILED'
  | 'TASK_KILLED'
  | 'TASK_ERROR'
  | 'TASK_LOST'
  | 'TASK_DROPPED'
  | 'TASK_UNREACHABLE'
  | 'TASK_GONE'
  | 'TASK_GONE_BY_OPERATOR'
  | 'TASK_UNKNOWN'
  | 'UNRECOGNIZED';

/** Where the executor stands with its mom (`MomReport.stage`). */
export type MomStage = 'unknown' | 'prepared' | 'started' | 'answering' | 'stopped';

/** The latest word of Mesos about one of our tasks. */
export interface TaskFacts {
  readonly id: string;
  /** Null only when Mesos never named one. */
  readonly agentId: string | null;
  readonly state: TaskStateName;
  readonly healthy: boolean | null;
  readonly stage: MomStage;
  /** The name under which the mom goes, as the executor found it; null until told. */
  readonly momName: string | null;
  /** Mesos' or the executor's explanation, empty if none. */
  readonly message: string;
  /** When the state was first seen by us. */
  readonly sinceMs: number;
  /** When TASK_STARTING or TASK_RUNNING was first seen by us: registration is timed from then. */
  readonly aliveSinceMs: number | null;
  /** Hosts that its mom trusts, as `address:port`; null where the executor has not told (all of) them. */
  readonly trusted: readonly string[] | null;
  /** Addresses of the agent's machine as the executor finds them; empty where it has not told. */
  readonly addresses: readonly string[];
}

/** What one agent holds out to us, summed over its resources that we may use. */
export interface OfferFacts {
  readonly id: string;
  readonly agentId: string;
  readonly host: string;
  readonly resources: ResourceVector;
  /** Free ports, as ranges with both ends in them. */
  readonly ports: readonly { readonly begin: number; readonly end: number }[];
  /** Attributes as text: scalars and ranges in Mesos' own spelling. */
  readonly attributes: Readonly<Record<string, string>>;
  readonly receivedAtMs: number;
  /** A maintenance window, if one is announced: its start. */
  readonly unavailableFromMs: number | null;
}

/** Ports of a mom that does not use TORQUE's defaults. */
export interface MomPorts {
  readonly service: number;
  readonly manager: number;
}

/**
 * What we have set out to do about one task, recorded before the first act and kept until both the
 * task and its node are gone. Together with what TORQUE and Mesos say it yields the node's phase.
 *
 * - `hold`: the node is to exist.
 * - `drain`: offline (ours) was or is about to be set; it is to leave once its jobs have ended.
 * - `leave`: it was seen offline without jobs; delete the node, kill the task.
 */
export interface Intent {
  readonly taskId: string;
  readonly agentId: string;
  readonly nodeName: string;
  readonly np: number;
  readonly gpus: number;
  readonly properties: readonly string[];
  /** What the task takes from the offer, executor included. */
  readonly resources: ResourceVector;
  readonly ports: MomPorts | null;
  readonly launchedAtMs: number;
  /** The executor it was launched with, see `Policy.executorId`; null where that was not recorded. */
  readonly executorId: string | null;
  readonly goal: Goal;
}

export type Goal =
  | { readonly kind: 'hold' }
  | { readonly kind: 'drain'; readonly sinceMs: number; readonly why: string }
  | { readonly kind: 'leave'; readonly sinceMs: number; readonly why: string };

/** Trouble that launches on an agent have had lately; forgotten after a success. */
export interface AgentTrouble {
  readonly agentId: string;
  readonly failures: number;
  readonly lastMs: number;
  readonly lastMessage: string;
  /** The last failures, the oldest first; see `core/quarantine`. */
  readonly evidence: readonly { readonly atMs: number; readonly message: string }[];
}

/** Where we stand with Mesos' offers. */
export interface MesosFacts {
  readonly connected: boolean;
  readonly frameworkId: string | null;
  /** Whether the last of SUPPRESS and REVIVE that we sent was SUPPRESS. */
  readonly suppressed: boolean;
  readonly lastReviveMs: number | null;
  /** REVIVEs sent since the last offers came. */
  readonly revivesUnanswered: number;
  /** What we declined in this subscription, and Mesos keeps from us: not all of it where it is much. */
  readonly declined: readonly DeclinedOffer[];
}

export interface DeclinedOffer {
  readonly offer: OfferFacts;
  /** When Mesos offers it again by itself. */
  readonly untilMs: number;
  /** Keys of the requests that waited for offers and were not served by it, see `core/declined`. */
  readonly inVainFor: ReadonlySet<string>;
}

/** Things already ordered whose effect is not seen yet, so that repeating them waits its turn. */
export interface RecentActs {
  /** By task id: when START_MOM was last sent. */
  readonly startMomMs: Readonly<Record<string, number>>;
  /** By task id: when KILL was last sent. */
  readonly killMs: Readonly<Record<string, number>>;
  /** By node name: when create, offline, online or delete last ended, and how. */
  readonly nodeActs: Readonly<Record<string, NodeAct>>;
  /** When the TORQUE scheduler was last asked for a cycle. */
  readonly kickMs: number | null;
}

export interface NodeAct {
  readonly act: 'create' | 'offline' | 'online' | 'delete';
  readonly endedAtMs: number;
  /** Null when it succeeded. */
  readonly problem: string | null;
  /** Failures of this act in a row. */
  readonly failures: number;
  /** Those of them that were an answer of no, and not the lack of one. */
  readonly refusals: number;
}

/** What we have seen of one node of ours since this process began. */
export interface NodeHistory {
  /** When the first of the readings in a row was begun that did not show it; null while it is shown. */
  readonly absentSinceMs: number | null;
  /** When it was first up; null if that was not seen. */
  readonly upAtMs: number | null;
  /** Since when, reading after reading, it has been unfit: not reached by pbs_server, or its mom ill. */
  readonly unwellSinceMs: number | null;
}

/** Everything `plan` looks at. Times are milliseconds since the epoch, on one clock. */
export interface Snapshot {
  readonly nowMs: number;
  readonly queue: Reading<QueueFacts>;
  /** Read seldom: a stale one still limits, and an unknown one is not taken for no limits. */
  readonly settings: Reading<Limiting>;
  readonly nodes: Reading<readonly TorqueNode[]>;
  /** Fresh once every task of our intents was accounted for after the last (re)subscription. */
  readonly tasks: Reading<readonly TaskFacts[]>;
  readonly offers: readonly OfferFacts[];
  readonly intents: readonly Intent[];
  readonly mesos: MesosFacts;
  readonly recent: RecentActs;
  readonly trouble: readonly AgentTrouble[];
  /** What others make of our surroundings. */
  readonly conditions: Conditions;
  /** What operators asked for. Persisted. */
  readonly wishes: Wishes;
  /** By node name: since when it has been seen without jobs, without a break. */
  readonly idleSinceMs: Readonly<Record<string, number>>;
  /** By task id. */
  readonly history: Readonly<Record<string, NodeHistory>>;
  /** The number that the next launch takes; makes task ids unique. Persisted. */
  readonly nextSerial: number;
}
