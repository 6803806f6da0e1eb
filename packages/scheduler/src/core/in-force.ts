/**
 * What a plan obeys: the configuration, narrowed by what operators wish and by the role's quota, and the snapshot with
 * what announced maintenance and a new executor ask for. Whoever decides, checks or explains looks through here, so that they agree.
 */
import { withinRole } from './role-limits.ts';
import type { Snapshot } from './facts.ts';
import { withMaintenance, type Maintained } from './maintenance.ts';
import type { Policy } from './policy.ts';
import { withUpgrades } from './upgrade.ts';
import { policyInForce } from './wishes.ts';

export interface InForce extends Maintained {
  readonly policy: Policy;
}

export function inForce(given: Snapshot, configured: Policy): InForce {
  const maintained = withMaintenance(given, configured);
  const snapshot = withUpgrades(maintained.snapshot, configured);
  return { ...maintained, snapshot, policy: limitsInForce(given, configured) };
}

/** The policy alone. Maintenance changes none of it. */
export function limitsInForce(
  { wishes, conditions }: Pick<Snapshot, 'wishes' | 'conditions'>,
  configured: Policy,
): Policy {
  return withinRole(policyInForce(configured, wishes), conditions.quota, conditions.fairShare);
}
