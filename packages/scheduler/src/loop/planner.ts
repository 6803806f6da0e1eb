/** The planner and its checker, as the loop calls them. */
import { checkPlan } from '../core/check-plan.ts';
import type { Plan } from '../core/decisions.ts';
import type { Snapshot } from '../core/facts.ts';
import { plan } from '../core/plan.ts';
import type { Policy } from '../core/policy.ts';

export interface Planner {
  readonly plan: (snapshot: Snapshot, policy: Policy) => Plan;
  /** The rules that the plan breaks, as sentences; none is what it should be. */
  readonly checkPlan: (snapshot: Snapshot, policy: Policy, plan: Plan) => readonly string[];
}

export const corePlanner: Planner = { plan, checkPlan };
