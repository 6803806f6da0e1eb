/** What pbs_server keeps: plain data, written to its database as it is. */

export type JobLetter = 'Q' | 'H' | 'W' | 'R' | 'E' | 'C';

/** User, other, system (as dependencies use it), and the slot limit of an array. */
export type Hold = 'u' | 'o' | 's' | 'l';

export type Role =
  | { readonly kind: 'single' }
  /** The array's own entry, `100[].head`: it never runs. */
  | { readonly kind: 'template'; readonly request: string; readonly slotLimit: number | null }
  | { readonly kind: 'element'; readonly templateId: string; readonly index: number };

export type DependencyKind = 'afterok' | 'afternotok' | 'afterany' | 'after';

export interface Dependency {
  readonly kind: DependencyKind;
  /** Ids of the jobs it waits for that have not released it yet. */
  jobs: string[];
}

/** A slot set on one node, `node3/0-1` in exec_host. */
export interface Slots {
  readonly node: string;
  readonly slots: readonly number[];
}

export interface ResourcesUsed {
  readonly walltimeS: number;
  readonly memKb: number;
  readonly vmemKb: number;
}

export interface Job {
  readonly id: string;
  readonly seq: number;
  readonly role: Role;
  readonly name: string;
  readonly owner: string;
  readonly submitHost: string;
  readonly queue: string;
  readonly script: string;
  readonly submitArgs: string;
  /** `name=value`, as in Variable_List. */
  readonly variables: readonly string[];
  /** As in Resource_List, in its order. */
  readonly resources: readonly (readonly [string, string])[];
  readonly lRequest: string | null;
  readonly account: string | null;
  readonly shell: string | null;
  readonly join: 'n' | 'oe' | 'eo';
  readonly keep: string;
  readonly mailPoints: string;
  readonly priority: number;
  readonly rerunable: boolean;
  readonly outputPath: string;
  readonly errorPath: string;
  readonly workDir: string;
  readonly queueRank: number;
  readonly ctimeS: number;
  readonly qtimeS: number;
  readonly executionTimeS: number | null;
  state: JobLetter;
  holds: Hold[];
  dependencies: Dependency[];
  comment: string | null;
  mtimeS: number;
  etimeS: number | null;
  exec: Slots[];
  sessionId: number | null;
  startCount: number;
  startMs: number | null;
  exitStatus: number | null;
  used: ResourcesUsed | null;
  completedMs: number | null;
  totalRuntimeS: number | null;
  /** Told to end by qdel, walltime or deletion of a node; what becomes of it when it has ended. */
  ending: 'no' | 'deleted' | 'requeued';
}

export interface Node {
  readonly name: string;
  readonly address: string;
  np: number;
  properties: string[];
  note: string | null;
  requestId: string | null;
  ttl: string | null;
  servicePort: number;
  managerPort: number;
  offline: boolean;
  down: boolean;
  busy: boolean;
  /** False is the state MOM-list-not-sent: the hosts that trust each other do not know it yet. */
  listSent: boolean;
  /** The mom's last report, without `rectime`. */
  status: string | null;
  statusAtMs: number | null;
}

/** A setting of server or queue as qmgr set it: `resources_max.walltime` has a resource. */
export interface Setting {
  readonly name: string;
  readonly resource: string | null;
  value: string;
}

export interface Queue {
  readonly name: string;
  mtimeS: number;
  settings: Setting[];
}

export interface Database {
  readonly version: 1;
  nextJobNumber: number;
  nextQueueRank: number;
  /** Whether a node was ever created: pbsnodes words the two kinds of emptiness differently. */
  everHadNode: boolean;
  settings: Setting[];
  queues: Queue[];
  nodes: Node[];
  jobs: Job[];
}

export function settingOf(
  settings: readonly Setting[],
  name: string,
  resource: string | null = null,
): string | null {
  return settings.find((s) => s.name === name && s.resource === resource)?.value ?? null;
}

export function isTrue(value: string | null): boolean {
  return value === 'True';
}

/** 3:ppn=2 of `nodes`, or null. */
export function resourceOf(job: Pick<Job, 'resources'>, name: string): string | null {
  return job.resources.find(([key]) => key === name)?.[1] ?? null;
}

/** Jobs whose slots are taken. */
export function holdsSlots(job: Job): boolean {
  return (job.state === 'R' || job.state === 'E') && job.exec.length > 0;
}
