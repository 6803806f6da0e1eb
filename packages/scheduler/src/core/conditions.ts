/** Conditions around us that others make and that change seldom: our disk, maintenance, the role's quota. */
import type { FairShare, QuotaLimits } from './role-limits.ts';

export interface Conditions {
  /**
   * Why the state or the journal cannot be written, null while both can. What cannot be recorded is not
   * begun: nothing is launched, and nothing shrinks.
   */
  readonly diskProblem: string | null;
  /** Announced windows of agents on which we hold or are offered something, at most one for each. */
  readonly maintenance: readonly MaintenanceWindow[];
  /** Agents of which we have said that we will be gone when their window begins. */
  readonly promised: readonly string[];
  /** The limits of our role's quota as last read; null where they were never read, or are not looked at. */
  readonly quota: QuotaLimits | null;
  /** What our role may count on when every role wants all; null where that is not asked for, or was never read. */
  readonly fairShare: FairShare | null;
}

/** A time in which an agent is not to be relied on. Milliseconds since the epoch. */
export interface MaintenanceWindow {
  readonly agentId: string;
  readonly fromMs: number;
  /** Null: until somebody says otherwise. */
  readonly untilMs: number | null;
}

export const usualConditions: Conditions = {
  diskProblem: null,
  maintenance: [],
  promised: [],
  quota: null,
  fairShare: null,
};
