/** Every offer is accepted, declined or held until a stated time; then Mesos is told whether we want more. */
import { unreachable } from '@mesos-torque/common/units.ts';
import type { DeclineDecision, OfferVerdict, ReviveDecision, SuppressDecision } from './decisions.ts';
import { offersWantedBy, wantedBack, type OffersWanted } from './declined.ts';
import { refusal } from './fit.ts';
import type { Growth } from './growth.ts';
import type { AgentOffer } from './offers.ts';
import type { Pass } from './pass.ts';
import type { Want } from './pool.ts';
import type { Reason } from './reasons.ts';
import * as because from './reasons-demand.ts';
import { eachSliced, type Sliced } from './sliced.ts';
import type { Survey } from './survey.ts';

export interface Settlement {
  readonly verdicts: readonly OfferVerdict[];
  readonly declines: readonly DeclineDecision[];
  readonly signal: SuppressDecision | ReviveDecision | null;
}

/**
 * What more offers would be good for.
 *
 * - `offers`: somebody waits for them. `starting`: somebody waits, and offers are of use later.
 * - `none`: nobody waits, or (`atLimit`) only for the safe allocation.
 */
type Need =
  | {
      readonly kind: 'offers';
      readonly who: string;
      readonly want: Want;
      /** Since when, for all we know; null for the floor. */
      readonly sinceMs: number | null;
    }
  | { readonly kind: 'starting'; readonly who: string; readonly why: Reason }
  | { readonly kind: 'none'; readonly atLimit: boolean };

/** `accepted`: by agent id, why its offers are used. */
export function* settleOffers(
  survey: Survey,
  growth: Growth,
  accepted: ReadonlyMap<string, Reason>,
  pass: Pass,
): Sliced<Settlement> {
  const need = needOf(growth);
  const verdicts: OfferVerdict[] = [];
  yield* eachSliced(growth.agents, (agent) => {
    const why = accepted.get(agent.agentId);
    const outcome: Outcome =
      why === undefined ? settleAgent(agent, need, growth, survey, pass) : { kind: 'accepted', why };
    verdicts.push(...eachOffer(agent, outcome));
  });
  const wanted = offersWantedBy(growth);
  const signal = yield* signalFor(need, wanted, verdicts, survey, pass);
  return { verdicts, declines: declinesOf(verdicts, wanted), signal };
}

/** The first job in the order of service that offers would help, then the floor. */
function needOf({ waiting, floor, deferred }: Growth): Need {
  const floorNeed =
    floor.obstacle === null
      ? []
      : [{ ...floor.obstacle, jobId: 'the floor', queuedAtMs: null, want: floor.want }];
  const needs = [...waiting, ...floorNeed];
  const forOffers = needs.find((one) => one.blockedBy === 'offers');
  if (forOffers !== undefined) {
    const { jobId, want, queuedAtMs } = forOffers;
    return { kind: 'offers', who: jobId, want, sinceMs: queuedAtMs };
  }
  const later = needs.find((one) => one.blockedBy === 'starting') ?? deferred[0];
  if (later === undefined) return { kind: 'none', atLimit: needs.length > 0 };
  return { kind: 'starting', who: later.jobId, why: later.why };
}

type Outcome =
  | { readonly kind: 'accepted'; readonly why: Reason }
  | { readonly kind: 'declined'; readonly refuseS: number; readonly why: Reason }
  | { readonly kind: 'held'; readonly untilMs: number; readonly why: Reason };

function settleAgent(agent: AgentOffer, need: Need, growth: Growth, survey: Survey, pass: Pass): Outcome {
  const { policy, snapshot, trust } = survey;
  const hold = (untilMs: number, why: Reason): Outcome => {
    pass.wakeAt(untilMs);
    return { kind: 'held', untilMs, why };
  };
  if (!snapshot.mesos.connected) {
    return hold(snapshot.nowMs + policy.repeatMs, because.heldUntilConnected());
  }
  const unfit = (why: Reason): Outcome => ({
    kind: 'declined',
    refuseS: unfitS(agent, policy.declineUnfitS, snapshot.nowMs),
    why,
  });
  if (!trust.mayGrow) {
    const untilMs = agent.receivedAtMs + policy.gangHoldMs;
    return untilMs > snapshot.nowMs ? hold(untilMs, because.heldUntilRead()) : unfit(because.notReadInTime());
  }
  const held = growth.held.get(agent.agentId);
  if (held !== undefined) return hold(held.untilMs, held.why);
  const letGo = growth.letGo.get(agent.agentId);
  if (letGo !== undefined) return unfit(letGo);
  switch (need.kind) {
    case 'none':
      return {
        kind: 'declined',
        refuseS: policy.declineIdleS,
        why: (need.atLimit ? trust.growthHeld : null) ?? because.noUse(need.atLimit),
      };
    case 'starting':
      return unfit(because.unfitFor(need.who, need.why));
    case 'offers': {
      const refused = refusal(need.want, agent, policy, snapshot.nowMs);
      if (refused !== null) return unfit(because.unfitFor(need.who, refused.why()));
      return unfit(because.othersTaken(need.who));
    }
    default:
      return unreachable(need);
  }
}

/** An agent that will be of use again soon is not sent away for longer than that. */
function unfitS({ refusedUntilMs }: AgentOffer, mostS: number, nowMs: number): number {
  if (refusedUntilMs === null) return mostS;
  return Math.min(mostS, Math.max(1, Math.ceil((refusedUntilMs - nowMs) / 1000)));
}

function eachOffer(agent: AgentOffer, outcome: Outcome): OfferVerdict[] {
  return agent.offers.map((offer) => ({ ...outcome, offerId: offer.id, host: offer.host }));
}

/** One call for all offers that are declined for the same time. */
function declinesOf(verdicts: readonly OfferVerdict[], wanted: OffersWanted): DeclineDecision[] {
  const inVainFor = [...wanted.keys()];
  const byTime = new Map<number, { readonly offerIds: string[]; readonly why: Reason }>();
  for (const verdict of verdicts) {
    if (verdict.kind !== 'declined') continue;
    const group = byTime.get(verdict.refuseS);
    if (group === undefined) byTime.set(verdict.refuseS, { offerIds: [verdict.offerId], why: verdict.why });
    else group.offerIds.push(verdict.offerId);
  }
  return [...byTime].map(([refuseS, { offerIds, why }]) => ({
    kind: 'decline',
    offerIds,
    refuseS,
    inVainFor,
    why,
  }));
}

function* signalFor(
  need: Need,
  wanted: OffersWanted,
  verdicts: readonly OfferVerdict[],
  survey: Survey,
  pass: Pass,
): Sliced<SuppressDecision | ReviveDecision | null> {
  const { snapshot, trust } = survey;
  if (!trust.mayGrow) return null;
  switch (need.kind) {
    case 'starting':
      return null;
    case 'none': {
      const isHolding = verdicts.some((verdict) => verdict.kind === 'held');
      if (snapshot.mesos.suppressed || isHolding) return null;
      const held = need.atLimit ? trust.growthHeld : null;
      return { kind: 'suppress', why: held ?? because.nothingToAsk(need.atLimit) };
    }
    case 'offers': {
      if (mayRevive(need.sinceMs, survey, pass))
        return { kind: 'revive', why: because.offersWanted(need.who) };
      const back = yield* wantedBack(wanted, survey, pass);
      if (back === null || !mayReviveSoon(survey, pass)) return null;
      return { kind: 'revive', why: because.declinedWanted(back, snapshot.nowMs) };
    }
    default:
      return unreachable(need);
  }
}

/** For what is known to come with it: as often as REVIVE is allowed at all. */
function mayReviveSoon({ snapshot, policy }: Survey, pass: Pass): boolean {
  const { lastReviveMs, revivesUnanswered } = snapshot.mesos;
  if (revivesUnanswered >= policy.revivesUnansweredMax) return false;
  return pass.due(lastReviveMs, policy.reviveIntervalMs);
}

/** What we declined for a short time comes back by itself; waiting ten times that long is patience enough. */
const patience = 10;

/**
 * REVIVE undoes SUPPRESS and our declines. It is repeated, because Mesos does not promise the order of
 * REVIVE and DECLINE, but only until offers come. Once they came, what we declined since was declined
 * for a short time (for a long time only together with SUPPRESS), so another REVIVE is a rare precaution.
 */
function mayRevive(needSinceMs: number | null, { snapshot, policy }: Survey, pass: Pass): boolean {
  const { suppressed, lastReviveMs, revivesUnanswered } = snapshot.mesos;
  // Nothing comes while offers are suppressed: the first REVIVE after a SUPPRESS waits for nothing.
  if (suppressed) return true;
  if (revivesUnanswered >= policy.revivesUnansweredMax) return false;
  if (revivesUnanswered > 0) {
    return snapshot.offers.length === 0 && pass.due(lastReviveMs, policy.reviveIntervalMs);
  }
  const sinceMs = lastReviveMs ?? needSinceMs;
  if (sinceMs === null) return false;
  return pass.due(sinceMs, Math.max(policy.reviveIntervalMs, patience * policy.declineUnfitS * 1000));
}
