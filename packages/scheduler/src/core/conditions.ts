/** Conditions around us that others make and that change seldom: our disk, maintenance, the role's quota. */
import type { Policy } from './policy.ts';
import { resourceKinds, type ResourceVector } from '@mesos-torque/common/units.ts';

export interface Conditions {
  /**
   * Why the state or the journal cannot be written, null while both can. What cannot be recorded is not
   * begun: nothing is launched, and nothing shrinks.
   */
  readonly diskProblem: string | null;
  /** Announced windows of agents on which we hold or are offered something, at most one for each. */
  readonly maintenance: readonly MaintenanceWindow[];
  /** The limits of our role's quota as last read; null where they were never read, or are not looked at. */
  readonly quota: QuotaLimits | null;
}

/** A time in which an agent is not to be relied on. Milliseconds since the epoch. */
export interface MaintenanceWindow {
  readonly agentId: string;
  readonly fromMs: number;
  /** Null: until somebody says otherwise. */
  readonly untilMs: number | null;
}

/** Null: this kind has no limit. */
export type QuotaLimits = { readonly [kind in keyof ResourceVector]: number | null };

/** The policy with the quota's limits in it: the smaller of the two for each kind. */
export function withinQuota(policy: Policy, quota: QuotaLimits | null): Policy {
  if (quota === null) return policy;
  const { safeAllocation: safe } = policy;
  return {
    ...policy,
    quotaKinds: resourceKinds.filter((kind) => (quota[kind] ?? Infinity) < (safe[kind] ?? Infinity)),
    safeAllocation: {
      ...safe,
      cpuMilli: smaller(safe.cpuMilli, quota.cpuMilli),
      memMib: smaller(safe.memMib, quota.memMib),
      diskMib: smaller(safe.diskMib, quota.diskMib),
      gpus: smaller(safe.gpus, quota.gpus),
    },
  };
}

function smaller(one: number | null, other: number | null): number | null {
  return one === null ? other : other === null ? one : Math.min(one, other);
}

export const usualConditions: Conditions = { diskProblem: null, maintenance: [], quota: null };
