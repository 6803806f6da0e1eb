/** Rules of offers: each is accepted, declined or held until a stated time, and none is used twice. */
import { add, firstShort, nothing } from '@mesos-torque/common/units.ts';
import type { LaunchDecision, OfferVerdict, Plan } from './decisions.ts';
import type { OfferFacts, Snapshot } from './facts.ts';
import type { Policy } from './policy.ts';
import type { Sliced } from './sliced.ts';

export interface CheckedFacts {
  readonly snapshot: Snapshot;
  readonly policy: Policy;
  readonly plan: Plan;
}

export function* checkOffers(facts: CheckedFacts): Sliced<string[]> {
  const broken: string[] = [];
  for (const rule of [eachSettledOnce, verdictsAgree, declinesAgree, holdsEnd, launchesFit, revivesRarely]) {
    broken.push(...rule(facts));
    yield;
  }
  return broken;
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
  const known = new Set(snapshot.offers.map((offer) => offer.id));
  const verdicts = new Map<string, OfferVerdict>();
  const twice: string[] = [];
  const strange: string[] = [];
  for (const verdict of plan.report.offers) {
    if (verdicts.has(verdict.offerId)) twice.push(`offer ${verdict.offerId} has two verdicts`);
    if (!known.has(verdict.offerId))
      strange.push(`a verdict on offer ${verdict.offerId}, which was never made`);
    verdicts.set(verdict.offerId, verdict);
  }
  return [
    ...twice,
    ...strange,
    ...snapshot.offers.flatMap(({ id }) => {
      const verdict = verdicts.get(id);
      if (verdict === undefined) return [`offer ${id} is neither accepted, declined nor held`];
      const done = used.get(id) ?? 'held';
      return verdict.kind === done ? [] : [`offer ${id} is said to be ${verdict.kind}, and is ${done}`];
    }),
  ];
}

/** A year: Mesos takes no refusal for longer. */
const refuseSMax = 31_536_000;

/** An offer is declined for a time that Mesos takes, and for the time that its verdict tells. */
function declinesAgree({ plan }: CheckedFacts): string[] {
  const told = new Map<string, number>();
  for (const verdict of plan.report.offers) {
    if (verdict.kind === 'declined') told.set(verdict.offerId, verdict.refuseS);
  }
  return plan.decisions.flatMap((decision) => {
    if (decision.kind !== 'decline') return [];
    const { offerIds, refuseS } = decision;
    const isTaken = Number.isFinite(refuseS) && refuseS >= 0 && refuseS <= refuseSMax;
    const others = offerIds.filter((id) => told.has(id) && told.get(id) !== refuseS);
    return [
      ...(isTaken ? [] : [`decline of ${offerIds.join(', ')} for ${refuseS} s, at most ${refuseSMax} s`]),
      ...others.map(
        (id) => `offer ${id} is declined for ${refuseS} s, its verdict says ${told.get(id) ?? ''} s`,
      ),
    ];
  });
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
    return [
      ...takesNoMore(decision, used),
      ...portsAreOffered(decision, used, policy),
      ...propertiesAreOffered(decision, used, policy),
    ];
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

/** A node's properties come from attributes that the policy names, and TORQUE takes them. */
function propertiesAreOffered(
  { intent }: LaunchDecision,
  used: readonly OfferFacts[],
  policy: Policy,
): string[] {
  const attributes = used.flatMap((offer) =>
    policy.propertyAttributes.flatMap((name) => {
      const value = offer.attributes[name];
      return value === undefined ? [] : [{ name, value }];
    }),
  );
  const strange = intent.properties.filter(
    (property) =>
      !/^[A-Za-z][A-Za-z0-9_.-]*$/.test(property) ||
      !attributes.some(({ name, value }) => mayStandFor(property, name, value)),
  );
  return strange.map(
    (property) =>
      `launch of ${intent.taskId} has property ${property}, which no attribute of its offers gives`,
  );
}

/**
 * Whether a property tells an attribute: its name if it is `true`, otherwise its value, with the name in
 * front where no letter leads. It may be cut short, and has `_` for what TORQUE does not take.
 */
function mayStandFor(property: string, name: string, value: string): boolean {
  if (value === 'false' || value === '') return false;
  const led = /^[A-Za-z]/.test(value) ? value : `${name}-${value}`;
  const text = value === 'true' ? name : led;
  return (
    (text.length === property.length || (text.length > property.length && property.length === 64)) &&
    Array.from(property).every((letter, index) => {
      const told = text[index] ?? '';
      return letter === told || (letter === '_' && !/[A-Za-z0-9.-]/.test(told));
    })
  );
}

/** REVIVE comes at most once in its interval, unless SUPPRESS was sent since, and so often only until offers come. SUPPRESS not with offers kept. */
function revivesRarely({ snapshot, policy, plan }: CheckedFacts): string[] {
  const { suppressed, lastReviveMs, revivesUnanswered } = snapshot.mesos;
  const kinds = plan.decisions.map((decision) => decision.kind);
  const isWithin = lastReviveMs !== null && snapshot.nowMs - lastReviveMs < policy.reviveIntervalMs;
  const tooSoon = isWithin && !suppressed;
  const tooOften = !suppressed && revivesUnanswered >= policy.revivesUnansweredMax;
  const keeps = plan.report.offers.some((verdict) => verdict.kind === 'held');
  return [
    ...(kinds.includes('revive') && tooSoon ? ['revive before its interval is over'] : []),
    ...(kinds.includes('revive') && tooOften ? ['revive once more than allowed without an answer'] : []),
    ...(kinds.includes('suppress') && keeps ? ['suppress although offers are held'] : []),
    ...(kinds.includes('suppress') && suppressed ? ['suppress although suppressed'] : []),
  ];
}
