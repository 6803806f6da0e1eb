/** What clients, pbs_sched and moms ask of pbs_server. */
import type { Directive } from './attribute.ts';

/** The user who asks; the stand-in believes it. */
interface By {
  readonly user: string;
}

export type ServerRequest =
  | (By & { readonly op: 'submit'; readonly job: Submission })
  | (By & { readonly op: 'stat-jobs'; readonly id: string | null; readonly expandArrays: boolean })
  | (By & { readonly op: 'stat-queues'; readonly name: string | null })
  | (By & { readonly op: 'stat-server' })
  | (By & { readonly op: 'stat-nodes'; readonly name: string | null })
  | (By & {
      readonly op: 'manage';
      readonly verb: 'create' | 'delete' | 'set';
      readonly object: ManagedObject;
      readonly name: string;
      readonly directives: readonly Directive[];
    })
  /** pbsnodes -o, -c and -r; a note of null leaves the note, an empty one removes it. */
  | (By & {
      readonly op: 'mark-node';
      readonly name: string;
      readonly mark: 'offline' | 'clear' | 'reset' | 'none';
      readonly note: string | null;
    })
  | (By & { readonly op: 'delete-job'; readonly id: string; readonly purge: boolean })
  | (By & { readonly op: 'rerun-job'; readonly id: string; readonly force: boolean })
  | (By & { readonly op: 'hold-job'; readonly id: string; readonly holds: string })
  | (By & { readonly op: 'release-job'; readonly id: string; readonly holds: string })
  | (By & { readonly op: 'run-job'; readonly id: string; readonly hosts: string | null })
  | (By & { readonly op: 'shutdown' })
  /** The connection stays open; the server sends `{"cycle":true}` on it whenever a cycle is due. */
  | (By & { readonly op: 'sched-attach' })
  | (By & { readonly op: 'sched-view' })
  | (By & { readonly op: 'check-nodes'; readonly spec: string })
  | (By & { readonly op: 'comment-job'; readonly id: string; readonly comment: string })
  | ({ readonly op: 'mom-status' } & MomReport)
  | { readonly op: 'mom-down'; readonly address: string; readonly servicePort: number }
  | { readonly op: 'job-started'; readonly id: string; readonly sessionId: number }
  | { readonly op: 'job-ended'; readonly id: string; readonly end: JobEnd }
  /** Which jobs a mom that was started again should go on with. */
  | { readonly op: 'jobs-known'; readonly ids: readonly string[] };

export type ManagedObject = 'server' | 'queue' | 'node';

export interface Submission {
  readonly name: string;
  readonly queue: string | null;
  readonly script: string;
  readonly submitArgs: string;
  readonly submitHost: string;
  readonly variables: readonly string[];
  readonly resources: readonly (readonly [string, string])[];
  readonly lRequest: string | null;
  readonly account: string | null;
  readonly shell: string | null;
  readonly join: 'n' | 'oe' | 'eo';
  readonly keep: string;
  readonly mailPoints: string;
  readonly priority: number;
  readonly rerunable: boolean;
  readonly hold: boolean;
  readonly executionTimeS: number | null;
  /** `afterok:96.head.torque.test` …, as given to `-W depend=`. */
  readonly depend: string | null;
  readonly arrayRequest: string | null;
  /** Null: `NAME.oSEQ` in the working directory. */
  readonly outputPath: string | null;
  readonly errorPath: string | null;
  readonly workDir: string;
}

export interface MomReport {
  /** The name it goes by, and the one given with `-A`. */
  readonly name: string;
  readonly alias: string | null;
  readonly address: string;
  readonly servicePort: number;
  readonly managerPort: number;
  readonly status: string;
  readonly busy: boolean;
  readonly list: 'has' | 'asks' | 'lacks';
}

/** What the server says to a mom's report. `hosts` is the list of trusted hosts, `ADDRESS:PORT`. */
export type MomReply =
  | { readonly kind: 'untrusted' }
  | { readonly kind: 'pending' }
  | { readonly kind: 'accepted'; readonly hosts: readonly string[] | null };

export type JobEnd =
  | {
      readonly kind: 'exit';
      readonly exitStatus: number;
      readonly walltimeS: number;
      readonly memKb: number;
      readonly vmemKb: number;
    }
  /** It could not be started; the server requeues it. */
  | { readonly kind: 'not-started'; readonly exitStatus: number };

/** What pbs_sched is told at the beginning of a cycle. */
export interface SchedView {
  readonly nowS: number;
  /** Queued jobs of started execution queues, in the order of their submission. */
  readonly jobs: readonly {
    readonly id: string;
    readonly owner: string;
    readonly queue: string;
    readonly nodes: string | null;
    /** Numbers of mem (kb), ncpus and nodect, where asked for. */
    readonly asks: Readonly<Record<string, number>>;
    readonly comment: string | null;
  }[];
  readonly running: readonly { readonly owner: string; readonly queue: string }[];
  readonly server: SchedLimits;
  readonly queues: Readonly<Record<string, SchedLimits>>;
}

export interface SchedLimits {
  readonly maxRunning: number | null;
  readonly maxUserRun: number | null;
  /** resources_available less resources_assigned, or resources_max: only what is set. */
  readonly left: Readonly<Record<string, number>>;
}

export type CheckNodes = 'now' | 'not-now' | 'never';

/** What the server and momctl ask of a mom, and what moms ask of each other. */
export type MomRequest =
  | { readonly op: 'start-job'; readonly job: JobOrder }
  | { readonly op: 'end-job'; readonly id: string }
  | { readonly op: 'host-list'; readonly hosts: readonly string[] }
  | { readonly op: 'report-now' }
  /** From the mother superior to a sister. */
  | {
      readonly op: 'join-job';
      readonly order: JobOrder;
      readonly nodeIndex: number;
      readonly from: string;
    }
  | { readonly op: 'leave-job'; readonly id: string; readonly end: JobEnd }
  /** From pbsdsh to its own mom, and from there to the sister's. */
  | {
      readonly op: 'spawn-task';
      readonly id: string;
      readonly vnode: number;
      readonly argv: readonly string[];
    }
  | {
      readonly op: 'run-task';
      readonly id: string;
      readonly from: string;
      readonly argv: readonly string[];
      readonly env: Readonly<Record<string, string>>;
      readonly cwd: string;
    }
  | { readonly op: 'diagnose'; readonly level: number }
  | { readonly op: 'query'; readonly name: string }
  | { readonly op: 'cycle' }
  | { readonly op: 'shutdown' }
  | { readonly op: 'clear-job'; readonly id: string };

/** Everything a mother superior needs to run a job. */
export interface JobOrder {
  readonly id: string;
  readonly name: string;
  readonly owner: string;
  readonly queue: string;
  /** As in Resource_List. */
  readonly resources: readonly (readonly [string, string])[];
  /** Empty where the user named none. */
  readonly account: string;
  readonly script: string;
  readonly shell: string | null;
  readonly variables: readonly string[];
  readonly join: 'n' | 'oe' | 'eo';
  readonly outputPath: string;
  readonly errorPath: string;
  readonly workDir: string;
  readonly walltimeS: number | null;
  readonly arrayIndex: number | null;
  /** In exec_host's order: the first is the mother superior. */
  readonly hosts: readonly JobHost[];
}

export interface JobHost {
  readonly node: string;
  readonly address: string;
  readonly managerPort: number;
  readonly slots: number;
}

export interface TaskResult {
  readonly exitStatus: number;
  /** Base64: outputs are bytes. */
  readonly stdout: string;
  readonly stderr: string;
}
