/** What can be set about the loop itself; what it decides is set by the policy. */
import type { BackoffLimits } from '@mesos-torque/common/backoff.ts';

export interface LoopOptions {
  /** Events that come within this time are planned for together. Milliseconds. */
  readonly debounceMs: number;
  /** From the beginning of one reading of TORQUE to that of the next while something is expected. */
  readonly readFastMs: number;
  /**
   * The same when nothing is expected, at the most: how late a new job may be noticed. A reading that was
   * short is followed by the next one sooner.
   */
  readonly readSlowMs: number;
  /** The nodes alone are read so often while one is about to change. */
  readonly readEagerMs: number;
  /** Rest after an act that failed, before planning for its sake. */
  readonly failureRestMs: number;
  /** While state or journal cannot be written, writing is tried again so often. */
  readonly diskRestMs: number;
  /** Acts on TORQUE nodes at once; a deletion holds pbs_server for 2 s. */
  readonly nodeActsAtOnce: number;
  /** Waits between explicit RECONCILEs for tasks that Mesos has not told about. */
  readonly reconcileBackoff: BackoffLimits;
  /** Unanswered RECONCILEs after which the silence is reported; asking goes on at the slowest rate. */
  readonly reconcileLoudAfter: number;
  /** Tasks that Mesos lost from sight, or never spoke of since their launch, are asked about so often. */
  readonly reconcileDoubtMs: number;
  /** All tasks are reconciled so often, explicitly and implicitly. */
  readonly reconcilePeriodMs: number;
  /** Withdrawing the offers of a launch that was not answered: the waits between attempts ... */
  readonly withdrawBackoff: BackoffLimits;
  /** ... and how many there are. */
  readonly withdrawAttemptsMax: number;
  /** How long `stop` waits for acts under way. */
  readonly stopTimeMsMax: number;
}

export const defaultLoopOptions: LoopOptions = {
  debounceMs: 5,
  readFastMs: 500,
  readSlowMs: 2000,
  readEagerMs: 100,
  failureRestMs: 500,
  diskRestMs: 2000,
  nodeActsAtOnce: 8,
  reconcileBackoff: { firstMs: 1000, mostMs: 60_000 },
  reconcileLoudAfter: 6,
  reconcileDoubtMs: 60_000,
  reconcilePeriodMs: 15 * 60_000,
  withdrawBackoff: { firstMs: 1000, mostMs: 15_000 },
  withdrawAttemptsMax: 10,
  stopTimeMsMax: 10_000,
};
