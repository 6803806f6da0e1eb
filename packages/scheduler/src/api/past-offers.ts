/** The offer of each agent that was given back last: the answer to "was there nothing that would have done?". */
import type { PastOffer } from '../core/explain.ts';
import type { Planned } from './plan-view.ts';

/** Agents that are remembered; those whose offer was declined first are forgotten first. */
const agentsMax = 5_000;
const ageMsMax = 30 * 60_000;

export interface PastOffers {
  note(planned: Planned): void;
  all(nowMs: number): readonly PastOffer[];
}

export function createPastOffers(): PastOffers {
  const byAgent = new Map<string, PastOffer>();
  return {
    note({ snapshot, plan }) {
      const declined = plan.report.offers.filter((verdict) => verdict.kind === 'declined');
      if (declined.length === 0) return;
      const offers = new Map(snapshot.offers.map((offer) => [offer.id, offer]));
      for (const { offerId, why } of declined) {
        const offer = offers.get(offerId);
        if (offer === undefined) continue;
        byAgent.delete(offer.agentId);
        byAgent.set(offer.agentId, { offer, why: why.text, atMs: snapshot.nowMs });
        const [oldest] = byAgent.keys();
        if (byAgent.size > agentsMax && oldest !== undefined) byAgent.delete(oldest);
      }
    },
    all: (nowMs) => [...byAgent.values()].filter(({ atMs }) => nowMs - atMs <= ageMsMax),
  };
}
