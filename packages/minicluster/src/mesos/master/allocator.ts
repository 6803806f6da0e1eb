/**
 * Who is offered what: every interval, and at once when a framework or an agent comes, all that is
 * free on an agent goes to the (framework, role) with the smallest dominant share that takes it.
 */
import { type Resource, type Value_Scalar } from '@mesos-torque/proto/gen/mesos/v1/mesos.ts';
import {
  contains,
  reservationRoles,
  scalarMilli,
  sum,
  unallocated,
  type Resources,
} from '../resources/quantities.ts';
import { sendEvent } from './events.ts';
import { type Agent, type Framework, type Master, type Offer, rolesOf } from './master.ts';
import { meetsConstraints } from './offer-constraints.ts';
import { askForMachines } from './inverse-offers.ts';
import { createOffer, freeOn, offersWhere } from './offers.ts';
import { mayUse } from './roles.ts';
import { usedBy } from './tasks.ts';

/** Allocates soon: after what is being done now, and not before. */
export function requestAllocation(master: Master): void {
  master.cancelAllocation?.();
  master.cancelAllocation = master.clock.after(0, () => {
    allocate(master);
  });
}

/** Allocates now, and again after the interval. */
export function allocate(master: Master): void {
  master.cancelAllocation?.();
  dropExpiredFilters(master);
  const offers = inTurn(master).flatMap((agent) => allocateAgent(master, agent));
  for (const framework of master.frameworks.values()) {
    const own = offers.filter((offer) => offer.frameworkId === framework.id);
    if (own.length === 0) continue;
    sendEvent(framework, { type: 'OFFERS', offers: { offers: own.map((offer) => offer.message) } });
  }
  askForMachines(master);
  master.cancelAllocation = master.clock.after(master.options.allocationIntervalMs, () => {
    allocate(master);
  });
}

/** Connected agents, each time beginning with another one, so that none is always first. */
function inTurn(master: Master): Agent[] {
  const agents = [...master.agents.values()].filter((agent) => agent.link.kind === 'connected');
  if (agents.length === 0) return [];
  const start = master.next.allocation % agents.length;
  master.next.allocation += 1;
  return [...agents.slice(start), ...agents.slice(0, start)];
}

function allocateAgent(master: Master, agent: Agent): Offer[] {
  return candidates(master).flatMap(({ framework, role }) => {
    const offerable = freeOn(master, agent).filter((resource) => isFor(resource, role));
    if (!isWorthOffering(framework, role, offerable) || isRefused(framework, agent, role, offerable))
      return [];
    if (!meetsConstraints(agent, framework.offerConstraints, role)) return [];
    return [createOffer(master, framework, agent, role, inOfferOrder(offerable))];
  });
}

interface Candidate {
  readonly framework: Framework;
  readonly role: string;
  readonly share: number;
}

/** Who wants offers, those with the smallest dominant share first. */
function candidates(master: Master): Candidate[] {
  const total = sum([...master.agents.values()].map((agent) => unallocated(agent.resources)));
  return [...master.frameworks.values()]
    .filter((framework) => framework.connection.kind === 'connected')
    .flatMap((framework) =>
      rolesOf(framework.info)
        .filter((role) => !framework.suppressedRoles.has(role))
        .map((role) => ({ framework, role, share: dominantShare(master, framework, role, total) })),
    )
    .sort((a, b) => a.share - b.share);
}

function dominantShare(master: Master, framework: Framework, role: string, total: Resources): number {
  const ofRole = (resource: Resource): boolean => resource.allocationInfo?.role === role;
  const offered = offersWhere(master, (offer) => offer.frameworkId === framework.id).flatMap(
    (offer) => offer.resources,
  );
  const held = unallocated([...usedBy(framework, null), ...offered].filter(ofRole));
  const shares = total
    .filter((resource) => resource.type === 'SCALAR')
    .map(({ name }) => scalarMilli(held, name ?? '') / Math.max(1, scalarMilli(total, name ?? '')));
  return Math.max(0, ...shares);
}

function isFor(resource: Resource, role: string): boolean {
  const reserved = reservationRoles(resource).at(-1);
  return reserved === undefined || mayUse(role, reserved);
}

const cpusMilliMin = 10;
const memMilliMin = 32_000;

/**
 * 1.12's --min_allocatable_resources: 0.01 cpus or 32 MB. A framework's offer filter takes its place: one of
 * its quantities has to be there in all its kinds.
 */
function isWorthOffering(framework: Framework, role: string, resources: Resources): boolean {
  const { quantities = [] } = framework.info.offerFilters[role]?.minAllocatableResources ?? {};
  if (quantities.length > 0) return quantities.some((least) => holdsAll(resources, least.quantities));
  return scalarMilli(resources, 'cpus') >= cpusMilliMin || scalarMilli(resources, 'mem') >= memMilliMin;
}

function holdsAll(resources: Resources, quantities: Readonly<Record<string, Value_Scalar>>): boolean {
  return Object.entries(quantities).every(
    ([name, { value = 0 }]) => scalarMilli(resources, name) >= Math.round(value * 1000),
  );
}

/** A filter holds as long as the agent has no more free than was refused. */
function isRefused(framework: Framework, agent: Agent, role: string, offerable: Resources): boolean {
  return framework.filters.some(
    (filter) =>
      filter.agentId === agent.id && filter.role === role && contains(filter.refused, unallocated(offerable)),
  );
}

function dropExpiredFilters(master: Master): void {
  const nowMs = master.clock.nowMs();
  for (const framework of master.frameworks.values()) {
    framework.filters = framework.filters.filter((filter) => filter.untilMs > nowMs);
  }
}

/** Ports before the scalars, as the real allocator lists them. */
function inOfferOrder(resources: Resources): Resource[] {
  const isScalar = (resource: Resource): boolean => resource.type === 'SCALAR';
  return [...resources.filter((resource) => !isScalar(resource)), ...resources.filter(isScalar)];
}
