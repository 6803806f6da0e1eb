/**
 * How large a node must be for what runs on it, what one agent's offers can hold, and why they do
 * not hold more.
 */
import { firstShort, resourceKinds, type ResourceVector } from '@mesos-torque/common/units.ts';
import type { AgentOffer } from './offers.ts';
import type { Policy } from './policy.ts';
import { firstMissing, type Want } from './pool.ts';
import type { Reason } from './reasons.ts';
import { hostNotAsked, maintenanceAhead, npMaxShort, offerShort, propertyMissing } from './reasons-demand.ts';

/** What the jobs on one node need together. */
export interface Load {
  readonly slots: number;
  readonly memMib: number;
  readonly gpus: number;
}

export const noLoad: Load = { slots: 0, memMib: 0, gpus: 0 };

export interface NodeSize {
  readonly np: number;
  /** With the executor's share. */
  readonly resources: ResourceVector;
}

/** The smallest node for a load that the policy allows to exist. */
export function nodeFor(load: Load, policy: Policy): NodeSize {
  const np = Math.max(load.slots, policy.minComputeNode.np);
  const memMib = Math.max(np * policy.memMibPerSlot, load.memMib, policy.minComputeNode.memMib);
  const { executor } = policy;
  return {
    np,
    resources: {
      cpuMilli: np * policy.cpuMilliPerSlot + executor.cpuMilli,
      memMib: memMib + executor.memMib,
      diskMib: executor.diskMib,
      gpus: load.gpus + executor.gpus,
    },
  };
}

/** The first amount, from `least` to `most`, that no larger one can follow; null if not even `least` holds. */
export function largestThat(least: number, most: number, holds: (n: number) => boolean): number | null {
  if (most < least || !holds(least)) return null;
  let good = least;
  let bad = most + 1;
  while (bad - good > 1) {
    const middle = Math.floor((good + bad) / 2);
    if (holds(middle)) good = middle;
    else bad = middle;
  }
  return good;
}

/** Whether a node of that size fits into the agent's offers. */
export function fitsOffer(size: NodeSize, offer: AgentOffer): boolean {
  return firstShort(size.resources, offer.resources) === null;
}

/**
 * How near an offer came, so that the nearest can be told: later checks are nearer, and among equal
 * ones the smaller relative shortage.
 */
export interface Refusal {
  readonly check: number;
  readonly shortage: number;
  /** Told on demand: most refusals are not. */
  readonly why: () => Reason;
}

const checks = { host: 0, property: 1, agent: 2, maintenance: 3, npMax: 4, amount: 5 } as const;

/** Why an agent's offers cannot take a want, or null when they can. */
export function refusal(want: Want, offer: AgentOffer, policy: Policy, nowMs: number): Refusal | null {
  const flat = (check: number, why: () => Reason): Refusal => ({ check, shortage: 1, why });
  const { refused, host, agentId } = offer;
  const wantedHost = want.host;
  if (wantedHost !== null && wantedHost !== offer.nodeName) {
    return flat(checks.host, () => hostNotAsked(wantedHost, host));
  }
  const property = firstMissing(want.properties, offer.properties);
  if (property !== null) return flat(checks.property, () => propertyMissing(property, agentId));
  // Whoever asks for a property is told of the agents that have it.
  if (refused !== null) return flat(checks.agent, () => refused);
  const maintenance = maintenanceWithin(want, offer, nowMs);
  if (maintenance !== null) return flat(checks.maintenance, () => maintenance);
  if (Math.max(want.slotsMin, policy.minComputeNode.np) > policy.npMax) {
    return flat(checks.npMax, () => npMaxShort(want.slotsMin, policy.npMax));
  }
  return tooSmall(want, offer, policy);
}

function maintenanceWithin(want: Want, offer: AgentOffer, nowMs: number): Reason | null {
  if (offer.unavailableFromMs === null) return null;
  const inMs = offer.unavailableFromMs - nowMs;
  if (want.walltimeMs !== null && want.walltimeMs <= inMs) return null;
  return maintenanceAhead(inMs, want.walltimeMs, offer.agentId);
}

function tooSmall(want: Want, offer: AgentOffer, policy: Policy): Refusal | null {
  const memMib = want.memMib + want.memMibPerSlot * want.slotsMin;
  const { resources } = nodeFor({ slots: want.slotsMin, memMib, gpus: want.gpus }, policy);
  const short = firstShort(resources, offer.resources);
  if (short === null) return null;
  return {
    check: checks.amount,
    shortage: largestShare(resources, offer.resources),
    why: () => offerShort(short, resources[short], offer.resources[short], offer.agentId),
  };
}

/** Of what is missing: the largest share of what was asked for. */
function largestShare(asked: ResourceVector, offered: ResourceVector): number {
  let largest = 0;
  for (const kind of resourceKinds) {
    const short = asked[kind] - offered[kind];
    if (short > 0) largest = Math.max(largest, short / asked[kind]);
  }
  return largest;
}

/** The refusal that came nearest to fitting; the first of equal ones. */
export function nearest(refusals: readonly Refusal[]): Refusal | null {
  let best: Refusal | null = null;
  for (const one of refusals) {
    if (best === null || one.check > best.check) best = one;
    else if (one.check === best.check && one.shortage < best.shortage) best = one;
  }
  return best;
}
