/**
 * What the administrator has set about queues and server that decides which queued jobs may run. Read
 * seldom, for it rarely changes; jobs that are refused at qsub (`resources_max`, `max_queuable`,
 * `enabled`) never come as far as here, so what refuses them is not kept.
 */

/** Amounts that TORQUE's schedulers count over jobs; null where a job asks for none, or a limit sets none. */
export interface CountedAmounts {
  /** Nodes of `-l nodes=`, as TORQUE counts them itself. */
  readonly nodect: number | null;
  readonly ncpus: number | null;
  /** `-l mem=`, in MiB and fractions of it. */
  readonly memMib: number | null;
}

export const noAmounts: CountedAmounts = { nodect: null, ncpus: null, memMib: null };

/** Limits of a queue or of the server. Null: not limited. */
export interface RunLimits {
  /** Jobs running at once: of all, of one user, of one group. */
  readonly maxRunning: number | null;
  readonly maxUserRun: number | null;
  readonly maxGroupRun: number | null;
  /** What running jobs may use together (`resources_available`). */
  readonly available: CountedAmounts;
  /** What one job may use (`resources_max`); it counts only where `available` does not say. */
  readonly ofOneJob: CountedAmounts;
}

export const noLimits: RunLimits = {
  maxRunning: null,
  maxUserRun: null,
  maxGroupRun: null,
  available: noAmounts,
  ofOneJob: noAmounts,
};

export interface QueueLimits extends RunLimits {
  readonly name: string;
  /** Jobs of a routing queue run nowhere until they were moved on. */
  readonly kind: 'execution' | 'route';
  /** A queue that is not started runs nothing. One that is not enabled runs what it has. */
  readonly isStarted: boolean;
  /** Properties that the queue requires of every node of its jobs. */
  readonly propertiesRequired: readonly string[];
}

export interface QueueSettings {
  readonly server: RunLimits;
  readonly queues: readonly QueueLimits[];
}

/**
 * What limits jobs: the settings as read, or what the scheduler says of the jobs alone, where settings
 * are not looked at (plans on saved outputs). A failed reading is neither.
 */
export type Limiting = { readonly kind: 'not-looked-at' } | ({ readonly kind: 'settings' } & QueueSettings);

/** For plans on saved outputs, and for stories that are not about limits. */
export const nothingLimited: Limiting = { kind: 'not-looked-at' };
