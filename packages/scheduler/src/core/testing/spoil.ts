/** Ways to spoil a good plan, so that the checker has something to find. */
import { expect } from 'vitest';
import { checkPlan } from '../check-plan.ts';
import type { Decision, LaunchDecision, Plan } from '../decisions.ts';
import type { Intent, Snapshot } from '../facts.ts';
import { plan } from '../plan.ts';
import type { Policy } from '../policy.ts';
import type { Reason } from '../reasons.ts';
import { aPolicy } from './builders.ts';

export const storyWhy: Reason = { code: 'story', text: 'because the story says so' };

/** The good plan with a change; the good plan itself has nothing against it. */
export function check(
  snapshot: Snapshot,
  change: (good: Plan) => Plan,
  policy: Policy = aPolicy(),
): readonly string[] {
  const good = plan(snapshot, policy);
  expect(checkPlan(snapshot, policy, good)).toEqual([]);
  return checkPlan(snapshot, policy, change(good));
}

/** Other decisions in place of those of the good plan; its offers, if any, are held. */
export const decide =
  (...decisions: readonly Decision[]) =>
  (good: Plan): Plan => ({ ...good, decisions });

/** Further decisions on top. */
export const more =
  (...decisions: readonly Decision[]) =>
  (good: Plan): Plan => ({ ...good, decisions: [...good.decisions, ...decisions] });

/** Every decision of that kind, changed. */
export function each<K extends Decision['kind']>(
  kind: K,
  change: (decision: Extract<Decision, { kind: K }>) => Decision,
): (good: Plan) => Plan {
  const isOfKind = (decision: Decision): decision is Extract<Decision, { kind: K }> => decision.kind === kind;
  return (good) => {
    expect(good.decisions.map((decision) => decision.kind)).toContain(kind);
    return { ...good, decisions: good.decisions.map((one) => (isOfKind(one) ? change(one) : one)) };
  };
}

/** Every launch, changed. */
export const launches = (change: (launch: LaunchDecision) => LaunchDecision): ((good: Plan) => Plan) =>
  each('launch', change);
/** The intent of every launch, changed. */
export const intents = (change: Partial<Intent>): ((good: Plan) => Plan) =>
  launches((launch) => ({ ...launch, intent: { ...launch.intent, ...change } }));

/** Other verdicts on offers. */
export const offerVerdicts = (...offers: Plan['report']['offers']): ((good: Plan) => Plan) => {
  return (good) => ({ ...good, report: { ...good.report, offers } });
};
