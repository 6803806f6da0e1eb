/**
 * What the Mesos role allows us: the limits of its quota, and its fair share of the cluster where we are told
 * to keep to it. The safe allocation is the smallest of these and of what was configured, kind by kind.
 */
import { resourceKinds, type ResourceKind, type ResourceVector } from '@mesos-torque/common/units.ts';
import type { Policy } from './policy.ts';

/** Null: this kind has no limit. */
export type QuotaLimits = { readonly [kind in keyof ResourceVector]: number | null };

export interface FairShare {
  readonly limits: QuotaLimits;
  /** The arithmetic, for people: "1/4 of the cluster: weight 1 of 4 among 3 roles". */
  readonly words: string;
}

/** Which limit of the role it is that counts, as reasons name it. */
export interface RoleLimit {
  readonly code: 'quota' | 'fair-share';
  readonly name: string;
}

/** The policy with the role's limits in it. What was never read limits nothing. */
export function withinRole(policy: Policy, quota: QuotaLimits | null, fairShare: FairShare | null): Policy {
  const byQuota = narrowed(policy, quota, { code: 'quota', name: 'quota of the Mesos role' });
  const words = fairShare?.words ?? '';
  return narrowed(byQuota, fairShare?.limits ?? null, {
    code: 'fair-share',
    name: `fair share of the Mesos role (${words})`,
  });
}

function narrowed(policy: Policy, limits: QuotaLimits | null, by: RoleLimit): Policy {
  if (limits === null) return policy;
  const { safeAllocation: safe, limitedBy } = policy;
  const kinds = resourceKinds.filter((kind) => (limits[kind] ?? Infinity) < (safe[kind] ?? Infinity));
  if (kinds.length === 0) return policy;
  const only = <T>(of: (kind: ResourceKind) => T): Partial<Record<ResourceKind, T>> =>
    Object.fromEntries(kinds.map((kind) => [kind, of(kind)]));
  return {
    ...policy,
    safeAllocation: { ...safe, ...only((kind) => limits[kind]) },
    limitedBy: { ...limitedBy, ...only(() => by) },
  };
}
