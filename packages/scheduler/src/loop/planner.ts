/** The planner and its checker, as the loop calls them: in small steps, between which other things happen. */
import { checkPlanSliced } from '../core/check-plan.ts';
import type { Plan } from '../core/decisions.ts';
import type { Snapshot } from '../core/facts.ts';
import { planSliced } from '../core/plan.ts';
import type { Policy } from '../core/policy.ts';
import type { Sliced } from '../core/sliced.ts';

export interface Planner {
  readonly plan: (snapshot: Snapshot, policy: Policy) => Sliced<Plan>;
  /** The rules that the plan breaks, as sentences; none is what it should be. */
  readonly checkPlan: (snapshot: Snapshot, policy: Policy, plan: Plan) => Sliced<readonly string[]>;
}

export const corePlanner: Planner = { plan: planSliced, checkPlan: checkPlanSliced };
