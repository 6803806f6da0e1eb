/**
 * What was declined comes back when somebody new needs it. A decline was for what waited then; Mesos keeps
 * the agent from us for its whole time, and only REVIVE brings it back sooner. So each decline remembers
 * what it was in vain for, and REVIVE is worth its trouble when something else waits now that would fit.
 */
import type { DeclinedOffer, OfferFacts } from './facts.ts';
import { refusal } from './fit.ts';
import type { Growth } from './growth.ts';
import { agentOffers, type AgentOffer } from './offers.ts';
import { byText } from './order.ts';
import type { Pass } from './pass.ts';
import type { Want } from './pool.ts';
import { sortSliced, type Sliced } from './sliced.ts';
import type { Survey } from './survey.ts';

/** Different requests that wait for offers and are told apart; those of jobs behind them count as known. */
export const wantsToldMax = 1_000;

/** One of several equal requests that wait for offers. */
export interface WantedOffers {
  readonly who: string;
  readonly want: Want;
}

/** By what is the same for equal requests: what waits for offers, in the order of service, then the floor. */
export type OffersWanted = ReadonlyMap<string, WantedOffers>;

export function offersWantedBy({ waiting, floor }: Growth): OffersWanted {
  const wanted = new Map<string, WantedOffers>();
  for (const { blockedBy, key, jobId, want } of waiting) {
    if (wanted.size >= wantsToldMax) break;
    if (blockedBy === 'offers' && !wanted.has(key)) wanted.set(key, { who: jobId, want });
  }
  if (floor.obstacle?.blockedBy === 'offers') wanted.set('the floor', { who: 'the floor', want: floor.want });
  return wanted;
}

/** Who needs an offer back, and of which agent. */
export interface WantedBack {
  readonly who: string;
  readonly agentId: string;
  readonly untilMs: number;
}

/** The first agent whose declined offers fit what did not wait when they were declined; null if there is none. */
export function* wantedBack(wanted: OffersWanted, survey: Survey, pass: Pass): Sliced<WantedBack | null> {
  const { snapshot, policy } = survey;
  const newsFor = newsOf(wanted);
  const candidates = snapshot.mesos.declined.filter(
    (one) => one.untilMs > snapshot.nowMs && newsFor(one.inVainFor).length > 0,
  );
  if (candidates.length === 0) return null;
  const offers: readonly OfferFacts[] = candidates.map(({ offer }) => offer);
  const agents = yield* agentOffers({ ...survey, snapshot: { ...snapshot, offers } }, (atMs) => {
    pass.wakeAt(atMs);
  });
  const declines = new Map(candidates.map((one) => [one.offer.id, one]));
  for (const [index, agent] of agents.entries()) {
    if (index % 64 === 63) yield;
    const back = backFrom(agent, declines);
    const fitting = newsFor(back.inVainFor).find(
      ({ want }) => refusal(want, agent, policy, snapshot.nowMs) === null,
    );
    if (fitting === undefined) continue;
    pass.wakeAt(back.untilMs);
    const { walltimeMs } = fitting.want;
    if (agent.unavailableFromMs !== null && walltimeMs !== null)
      pass.wakeAt(agent.unavailableFromMs - walltimeMs + 1);
    return { who: fitting.who, agentId: agent.agentId, untilMs: back.untilMs };
  }
  return null;
}

/** Agents that are looked at for what they offered lately: it bounds the time that takes. */
const latelyMax = 64;

/** What was offered lately and is kept from us since it was declined, as if it were still offered. */
export function* offeredLately(survey: Survey): Sliced<readonly AgentOffer[]> {
  const { snapshot } = survey;
  const kept = snapshot.mesos.declined.filter(({ untilMs }) => untilMs > snapshot.nowMs);
  if (kept.length === 0) return [];
  const inOrder = yield* sortSliced(kept, (a, b) => byText(a.offer.id, b.offer.id));
  const offers = inOrder.slice(0, latelyMax).map(({ offer }) => offer);
  return yield* agentOffers({ ...survey, snapshot: { ...snapshot, offers } }, () => {
    // When a back-off ends matters for offers that are at hand.
  });
}

/** Declines of one plan share what they were in vain for: it is compared once for all of them. */
function newsOf(wanted: OffersWanted): (inVainFor: ReadonlySet<string>) => readonly WantedOffers[] {
  const known = new Map<ReadonlySet<string>, readonly WantedOffers[]>();
  return (inVainFor) => {
    const news =
      known.get(inVainFor) ?? [...wanted].flatMap(([key, one]) => (inVainFor.has(key) ? [] : [one]));
    known.set(inVainFor, news);
    return news;
  };
}

/** An agent's offers come back together, at the latest when the first decline is over. */
function backFrom(
  { offers }: AgentOffer,
  declines: ReadonlyMap<string, DeclinedOffer>,
): { readonly inVainFor: ReadonlySet<string>; readonly untilMs: number } {
  let inVainFor: ReadonlySet<string> | null = null;
  let untilMs = Infinity;
  for (const { id } of offers) {
    const decline = declines.get(id);
    if (decline === undefined) continue;
    inVainFor ??= decline.inVainFor;
    untilMs = Math.min(untilMs, decline.untilMs);
  }
  return { inVainFor: inVainFor ?? new Set(), untilMs };
}
