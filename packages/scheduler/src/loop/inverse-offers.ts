/**
 * Inverse offers and what they tell: windows of maintenance. A window is known until an offer of its agent
 * comes without one, or it is over. Any change of the schedule rescinds all inverse offers, and a new
 * subscription starts from nothing; those that still hold are told anew within a second, and only what is
 * not is dropped, a little later: else nodes would come back in between.
 */
import type { Conditions, MaintenanceWindow } from '../core/conditions.ts';
import type { OfferFacts } from '../core/facts.ts';
import type { Memory } from './memory.ts';

export interface InverseOffer extends MaintenanceWindow {
  readonly id: string;
}

export function inverseOffersSeen(memory: Memory, offers: readonly InverseOffer[]): Memory {
  return offers.reduce(
    (before, offer) =>
      withWindow({ ...before, inverse: new Map(before.inverse).set(offer.id, offer) }, offer),
    memory,
  );
}

/** Answered: Mesos sends a new one when it wants to hear again. */
export function inverseOfferAnswered(memory: Memory, id: string): Memory {
  if (!memory.inverse.has(id)) return memory;
  const inverse = new Map(memory.inverse);
  inverse.delete(id);
  return { ...memory, inverse };
}

/** We have said that we will be gone by then: nothing comes there any more, whatever waits. */
export function maintenancePromised(memory: Memory, agentId: string): Memory {
  const { conditions } = memory;
  if (conditions.promised.includes(agentId)) return memory;
  return { ...memory, conditions: { ...conditions, promised: [...conditions.promised, agentId] } };
}

/** Doubted windows that are not told anew by then are dropped. Milliseconds. */
export const windowDoubtMs = 10_000;

/** Drops those of the windows that are still these very ones: what was told anew is another. */
export function windowsDropped(memory: Memory, doubted: readonly MaintenanceWindow[]): Memory {
  const { conditions } = memory;
  const maintenance = conditions.maintenance.filter((window) => !doubted.includes(window));
  return { ...memory, conditions: withPromisesOf(conditions, maintenance) };
}

/** A promise ends with its window. */
function withPromisesOf(conditions: Conditions, maintenance: readonly MaintenanceWindow[]): Conditions {
  const promised = conditions.promised.filter((id) => maintenance.some(({ agentId }) => agentId === id));
  return { ...conditions, maintenance, promised };
}

/** What ordinary offers say about their agents. */
export function windowsOffered(memory: Memory, offers: readonly OfferFacts[]): Memory {
  return offers.reduce((before, { agentId, unavailableFromMs }) => {
    const known = before.conditions.maintenance.find((one) => one.agentId === agentId);
    if (unavailableFromMs === null) return known === undefined ? before : windowGone(before, agentId);
    const untilMs = known?.fromMs === unavailableFromMs ? known.untilMs : null;
    return withWindow(before, { agentId, fromMs: unavailableFromMs, untilMs });
  }, memory);
}

function withWindow(memory: Memory, { agentId, fromMs, untilMs }: MaintenanceWindow): Memory {
  const { conditions } = withoutWindow(memory, agentId);
  const maintenance = [...conditions.maintenance, { agentId, fromMs, untilMs }];
  return { ...memory, conditions: { ...conditions, maintenance } };
}

function windowGone(memory: Memory, agentId: string): Memory {
  const { conditions } = withoutWindow(memory, agentId);
  return { ...memory, conditions: withPromisesOf(conditions, conditions.maintenance) };
}

function withoutWindow(memory: Memory, agentId: string): Memory {
  const { conditions } = memory;
  const maintenance = conditions.maintenance.filter((one) => one.agentId !== agentId);
  return { ...memory, conditions: { ...conditions, maintenance } };
}
