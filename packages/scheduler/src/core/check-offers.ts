/** Rules of offers: each is accepted, declined or held until a stated time, and none is used twice. */
import { add, firstShort, nothing } from '@mesos-torque/common/units.ts';
import type { LaunchDecision, OfferVerdict, Plan } from './decisions.ts';
import type { OfferFacts, Snapshot } from './facts.ts';
import type { Policy } from './policy.ts';

export interface CheckedFacts {
  readonly snapshot: Snapshot;
  readonly policy: Policy;
  readonly plan: Plan;
}

export function checkOffers(facts: CheckedFacts): string[] {
  return [
    ...eachSettledOnce(facts),
    ...verdictsAgree(facts),
    ...holdsEnd(facts),
    ...launchesFit(facts),
    ...revivesRarely(facts),
  ];
}

interface Use {
  readonly offerId: string;
  readonly by: 'accepted' | 'declined';
}

function usesOf({ decisions }: Plan): Use[] {
  return decisions.flatMap((decision): Use[] => {
    if (decision.kind === 'launch') return decision.offerIds.map((offerId) => ({ offerId, by: 'accepted' }));
    if (decision.kind === 'decline') return decision.offerIds.map((offerId) => ({ offerId, by: 'declined' }));
    return [];
  });
}

/** No offer is spent twice, and none that we were not made. */
function eachSettledOnce({ snapshot, plan }: CheckedFacts): string[] {
  const known = new Set(snapshot.offers.map((offer) => offer.id));
  const used = new Set<string>();
  return usesOf(plan).flatMap(({ offerId }) => {
    const problems = [
      ...(used.has(offerId) ? [`offer ${offerId} is used twice`] : []),
      ...(known.has(offerId) ? [] : [`offer ${offerId} was never made`]),
    ];
    used.add(offerId);
    return problems;
  });
}

/** Every offer has exactly one verdict, and it says what the decisions do. */
function verdictsAgree({ snapshot, plan }: CheckedFacts): string[] {
  const used = new Map(usesOf(plan).map(({ offerId, by }) => [offerId, by]));
  const verdicts = new Map<string, OfferVerdict>();
  const twice: string[] = [];
  for (const verdict of plan.report.offers) {
    if (verdicts.has(verdict.offerId)) twice.push(`offer ${verdict.offerId} has two verdicts`);
    verdicts.set(verdict.offerId, verdict);
  }
  return [
    ...twice,
    ...snapshot.offers.flatMap(({ id }) => {
      const verdict = verdicts.get(id);
      if (verdict === undefined) return [`offer ${id} is neither accepted, declined nor held`];
      const done = used.get(id) ?? 'held';
      return verdict.kind === done ? [] : [`offer ${id} is said to be ${verdict.kind}, and is ${done}`];
    }),
  ];
}

/** A hold ends, and no later than the policy says. */
function holdsEnd({ snapshot, policy, plan }: CheckedFacts): string[] {
  const offers = new Map(snapshot.offers.map((offer) => [offer.id, offer]));
  return plan.report.offers.flatMap((verdict) => {
    const offer = offers.get(verdict.offerId);
    if (verdict.kind !== 'held' || offer === undefined) return [];
    const latest = snapshot.mesos.connected
      ? offer.receivedAtMs + policy.gangHoldMs
      : snapshot.nowMs + policy.repeatMs;
    if (verdict.untilMs > snapshot.nowMs && verdict.untilMs <= latest) return [];
    return [`offer ${offer.id} is held until ${verdict.untilMs}, allowed is until ${latest}`];
  });
}

/** A launch uses offers of one agent, and takes no more than they hold. */
function launchesFit({ snapshot, policy, plan }: CheckedFacts): string[] {
  const offers = new Map(snapshot.offers.map((offer) => [offer.id, offer]));
  return plan.decisions.flatMap((decision) => {
    if (decision.kind !== 'launch') return [];
    const used = decision.offerIds.flatMap((id) => offers.get(id) ?? []);
    return [...takesNoMore(decision, used), ...portsAreOffered(decision, used, policy)];
  });
}

function takesNoMore({ intent, host }: LaunchDecision, used: readonly OfferFacts[]): string[] {
  const sum = used.reduce((total, offer) => add(total, offer.resources), nothing);
  const short = firstShort(intent.resources, sum);
  const elsewhere = used.filter((offer) => offer.agentId !== intent.agentId || offer.host !== host);
  return [
    ...(used.length === 0 ? [`launch of ${intent.taskId} uses no offer`] : []),
    ...(short === null ? [] : [`launch of ${intent.taskId} takes more ${short} than its offers hold`]),
    ...elsewhere.map((offer) => `launch of ${intent.taskId} uses offer ${offer.id} of another agent`),
  ];
}

function portsAreOffered({ intent }: LaunchDecision, used: readonly OfferFacts[], policy: Policy): string[] {
  if (!policy.portsFromOffer) {
    return intent.ports === null ? [] : [`launch of ${intent.taskId} takes ports without need`];
  }
  if (intent.ports === null) return [`launch of ${intent.taskId} takes no ports`];
  const ranges = used.flatMap((offer) => offer.ports);
  const { service, manager } = intent.ports;
  const strange = [service, manager].filter(
    (port) => !ranges.some(({ begin, end }) => begin <= port && port <= end),
  );
  return [
    ...strange.map((port) => `launch of ${intent.taskId} takes port ${port}, which is not offered`),
    ...(service === manager ? [`launch of ${intent.taskId} takes one port twice`] : []),
  ];
}

/** REVIVE comes at most once in its interval, and so often only until offers come. SUPPRESS not with offers kept. */
function revivesRarely({ snapshot, policy, plan }: CheckedFacts): string[] {
  const { suppressed, lastReviveMs, revivesUnanswered } = snapshot.mesos;
  const kinds = plan.decisions.map((decision) => decision.kind);
  const tooSoon = lastReviveMs !== null && snapshot.nowMs - lastReviveMs < policy.reviveIntervalMs;
  const tooOften = !suppressed && revivesUnanswered >= policy.revivesUnansweredMax;
  const keeps = plan.report.offers.some((verdict) => verdict.kind === 'held');
  return [
    ...(kinds.includes('revive') && tooSoon ? ['revive before its interval is over'] : []),
    ...(kinds.includes('revive') && tooOften ? ['revive once more than allowed without an answer'] : []),
    ...(kinds.includes('suppress') && keeps ? ['suppress although offers are held'] : []),
    ...(kinds.includes('suppress') && suppressed ? ['suppress although suppressed'] : []),
  ];
}
