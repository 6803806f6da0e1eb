/** Offers: what is held out to whom, and how it comes back. */
import { type Offer as OfferMessage, type Resource } from '@mesos-torque/proto/gen/mesos/v1/mesos.ts';
import {
  allocated,
  reservationRoles,
  subtract,
  sum,
  unallocated,
  type Resources,
} from '../resources/quantities.ts';
import { sendRescind } from './events.ts';
import { type Agent, type Framework, hasCapability, type Master, type Offer } from './master.ts';
import { unavailabilityOf } from './maintenance.ts';
import { usedOnAgent } from './tasks.ts';

/** What of an agent is neither used nor offered. */
export function freeOn(master: Master, agent: Agent): Resource[] {
  return subtract(agent.resources, sum([usedOnAgent(master, agent.id), offeredOn(master, agent.id)]));
}

export function offeredOn(master: Master, agentId: string): Resource[] {
  return sum(
    offersWhere(master, (offer) => offer.agentId === agentId).map((offer) => unallocated(offer.resources)),
  );
}

export function offersWhere(master: Master, holds: (offer: Offer) => boolean): Offer[] {
  return [...master.offers.values()].filter(holds);
}

export function createOffer(
  master: Master,
  framework: Framework,
  agent: Agent,
  role: string,
  resources: Resources,
): Offer {
  const id = `${master.id}-O${master.next.offer}`;
  master.next.offer += 1;
  const held = allocated(resources, role);
  const unavailability = unavailabilityOf(master, agent);
  const message = {
    ...offerMessage(framework, agent, role, held, id),
    ...(unavailability === undefined ? {} : { unavailability }),
  };
  const offer = { id, frameworkId: framework.id, agentId: agent.id, role, resources: held, message };
  master.offers.set(id, offer);
  return offer;
}

function offerMessage(
  framework: Framework,
  agent: Agent,
  role: string,
  resources: Resources,
  id: string,
): OfferMessage {
  const multiRole = hasCapability(framework.info, 'MULTI_ROLE');
  return {
    id: { value: id },
    frameworkId: { value: framework.id },
    agentId: { value: agent.id },
    hostname: agent.hostname,
    url: {
      scheme: 'http',
      address: { hostname: agent.hostname, ip: agent.address, port: agent.port },
      path: '/slave(1)',
      query: [],
    },
    resources: resourcesFor(framework, resources),
    attributes: [...agent.attributes],
    executorIds: [...framework.executors.values()]
      .filter((executor) => executor.agentId === agent.id)
      .map((executor) => ({ value: executor.id })),
    ...(multiRole ? { allocationInfo: { role } } : {}),
  };
}

/** Frameworks see allocations with MULTI_ROLE only, and reservations in the old form without RESERVATION_REFINEMENT. */
function resourcesFor(framework: Framework, resources: Resources): Resource[] {
  const multiRole = hasCapability(framework.info, 'MULTI_ROLE');
  const refined = hasCapability(framework.info, 'RESERVATION_REFINEMENT');
  return resources.map((resource) => ({
    ...resource,
    ...(multiRole ? {} : { allocationInfo: undefined }),
    ...(refined ? {} : inOldForm(resource)),
  }));
}

function inOldForm(resource: Resource): Pick<Resource, 'reservations'> {
  return Object.assign({ reservations: [] }, { role: reservationRoles(resource)[0] ?? '*' });
}

export function rescind(master: Master, offers: readonly Offer[]): void {
  for (const offer of offers) {
    master.offers.delete(offer.id);
    const framework = master.frameworks.get(offer.frameworkId);
    if (framework !== undefined) sendRescind(framework, offer.id);
  }
}

/** Takes an offer back because it was answered, and refuses what is left of it for a while. */
export function recover(master: Master, offer: Offer, left: Resources, refuseMs: number): void {
  master.offers.delete(offer.id);
  const framework = master.frameworks.get(offer.frameworkId);
  if (framework === undefined || refuseMs <= 0 || left.length === 0) return;
  const { allocationIntervalMs } = master.options;
  // A filter outlives at least one allocation, or a decline would be answered by the same offer.
  const untilMs = master.clock.nowMs() + Math.max(refuseMs, allocationIntervalMs);
  framework.filters.push({ agentId: offer.agentId, role: offer.role, refused: unallocated(left), untilMs });
}

const refuseSecondsDefault = 5;
const refuseSecondsMax = 31_536_000;

/** `filters.refuse_seconds` as milliseconds: 5 s when it is left out or negative, a year at the most. */
export function refuseMsOf(refuseSeconds: number | undefined): number {
  const seconds = refuseSeconds === undefined || refuseSeconds < 0 ? refuseSecondsDefault : refuseSeconds;
  return Math.min(seconds, refuseSecondsMax) * 1000;
}
