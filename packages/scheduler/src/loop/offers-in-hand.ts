/**
 * Offers that Mesos holds out to us now, and those whose answer is under way.
 */
import type { DeclineDecision } from '../core/decisions.ts';
import type { DeclinedOffer, OfferFacts } from '../core/facts.ts';
import type { Memory } from './memory.ts';

/** Offers beyond this number are not remembered; `offersSeen` says which. */
export const offersMax = 20_000;
/** Declined ones that are remembered; of more, the first are forgotten, and then come back in their time only. */
export const declinedMax = 5_000;

/** Remembers up to `offersMax` offers; `left` are the ids of those that were not remembered. */
export function offersSeen(
  memory: Memory,
  offers: readonly OfferFacts[],
): { readonly memory: Memory; readonly left: readonly string[] } {
  const room = Math.max(0, offersMax - memory.offers.size);
  const kept = offers.slice(0, room);
  const agents = new Set(kept.map(({ agentId }) => agentId));
  return {
    memory: {
      ...memory,
      offers: new Map([...memory.offers, ...kept.map((offer) => [offer.id, offer] as const)]),
      // Suppressed frameworks get no offers; one that was on its way costs one SUPPRESS more.
      mesos: {
        ...memory.mesos,
        suppressed: false,
        revivesUnanswered: 0,
        // What is offered is not kept from us any more.
        declined: memory.mesos.declined.filter(({ offer }) => !agents.has(offer.agentId)),
      },
    },
    left: offers.slice(room).map((offer) => offer.id),
  };
}

export function offersGone(memory: Memory, offerIds: readonly string[]): Memory {
  const gone = new Set(offerIds);
  return {
    ...memory,
    offers: new Map([...memory.offers].filter(([id]) => !gone.has(id))),
    answering: new Set([...memory.answering].filter((id) => !gone.has(id))),
  };
}

export function offersOfAgentGone(memory: Memory, agentId: string): Memory {
  const offers = [...memory.offers.values()].filter((offer) => offer.agentId === agentId);
  const declined = memory.mesos.declined.filter(({ offer }) => offer.agentId !== agentId);
  return offersGone(
    { ...memory, mesos: { ...memory.mesos, declined } },
    offers.map((offer) => offer.id),
  );
}

/** Mesos took the decline: it keeps these from us for a while. */
export function offersDeclined(
  memory: Memory,
  { offerIds, refuseS, inVainFor }: DeclineDecision,
  nowMs: number,
): Memory {
  const vain = new Set(inVainFor);
  const untilMs = nowMs + refuseS * 1000;
  const added = offerIds.flatMap((id): readonly DeclinedOffer[] => {
    const offer = memory.offers.get(id);
    return offer === undefined ? [] : [{ offer, untilMs, inVainFor: vain }];
  });
  const before = memory.mesos.declined.filter((one) => one.untilMs > nowMs);
  const declined = [...before, ...added].slice(-declinedMax);
  return offersGone({ ...memory, mesos: { ...memory.mesos, declined } }, offerIds);
}

/** While an answer is under way its offers are out of the planner's sight ... */
export function answerBegun(memory: Memory, offerIds: readonly string[]): Memory {
  return { ...memory, answering: new Set([...memory.answering, ...offerIds]) };
}

/** ... and back in it when the answer was not taken. */
export function answerFailed(memory: Memory, offerIds: readonly string[]): Memory {
  const failed = new Set(offerIds);
  return { ...memory, answering: new Set([...memory.answering].filter((id) => !failed.has(id))) };
}
