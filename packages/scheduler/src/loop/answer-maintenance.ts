/**
 * Answers inverse offers after each plan: accepted when the agent will be free of our jobs in time, declined
 * with the reason otherwise; Mesos then asks again.
 */
import { vacating } from '../core/maintenance.ts';
import type { Snapshot } from '../core/facts.ts';
import { inverseOfferAnswered, maintenancePromised, type InverseOffer } from './inverse-offers.ts';
import type { Mind } from './mind.ts';
import { asOutcome } from './outcomes.ts';
import type { JournalPort, MesosPort } from './ports.ts';

/** What is declined comes again: after a tenth of the time that is left, but neither in storms nor too late. Seconds. */
const askAgainS = { least: 5, most: 3600 };

export interface MaintenanceParts {
  readonly mesos: MesosPort;
  readonly mind: Mind;
  readonly journal: JournalPort;
}

function askAgainAfterS({ fromMs }: InverseOffer, { nowMs }: Snapshot): number {
  return Math.min(askAgainS.most, Math.max(askAgainS.least, Math.round((fromMs - nowMs) / 10_000)));
}

/** Begins the answers; they end later. */
export function createMaintenanceAnswers({
  mesos,
  mind,
  journal,
}: MaintenanceParts): (snapshot: Snapshot) => void {
  const underWay = new Set<string>();

  async function answer(offer: InverseOffer, snapshot: Snapshot): Promise<void> {
    const { inTime, why } = vacating(offer, snapshot);
    // Kept from before it is given: an answer that got lost may have been taken.
    if (inTime) mind.update((memory) => maintenancePromised(memory, offer.agentId));
    const outcome = await asOutcome(mesos.answerInverse(offer.id, inTime, askAgainAfterS(offer, snapshot)));
    const event = inTime ? 'maintenance accepted' : 'maintenance declined';
    const problem = outcome.ok ? {} : { problem: outcome.problem.detail };
    const data = { agentId: offer.agentId, fromMs: offer.fromMs, code: why.code, ...problem };
    journal.append({
      atMs: snapshot.nowMs,
      event: outcome.ok ? event : 'answering maintenance failed',
      offerId: offer.id,
      why: why.text,
      data,
    });
    if (!outcome.ok) return;
    mind.update((memory) => inverseOfferAnswered(memory, offer.id));
  }

  return (snapshot) => {
    if (!snapshot.mesos.connected || snapshot.conditions.diskProblem !== null) return;
    for (const offer of mind.memory().inverse.values()) {
      if (underWay.has(offer.id)) continue;
      underWay.add(offer.id);
      void answer(offer, snapshot).then(() => underWay.delete(offer.id));
    }
  };
}
