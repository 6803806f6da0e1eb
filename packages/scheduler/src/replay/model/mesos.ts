/**
 * A Mesos master with our framework alone on it: what is free on each agent is offered, and not again
 * while it is declined. An agent whose offer was declined and for which nothing has changed since would be declined again, so
 * it rests until something changes; its offer then comes when it would have come.
 */
import { add, subtract, type ResourceVector } from '@mesos-torque/common/units.ts';
import type { OfferFacts } from '../../core/facts.ts';
import type { Agent } from '../cluster.ts';
import { nextOn } from '../timing.ts';
import type { Agenda } from './agenda.ts';

interface AgentState {
  readonly index: number;
  readonly agent: Agent;
  readonly attributes: Readonly<Record<string, string>>;
  free: ResourceVector;
  offer: OfferFacts | null;
  refusal: Refusal | null;
}

interface Refusal {
  readonly untilMs: number;
  /** How often the offer would come if it were declined again and again. */
  readonly everyMs: number;
  /** The number of changes at the time of the plan that declined it. */
  readonly changes: number;
}

/** More than anybody asks for. */
const ample = 2 ** 36;
/** The master allocates every second. */
const allocationMs = 1000;
/** What was offered together with what is launched and not used counts as declined for so long. */
const leftOverMs = 5000;
const reviveMs = 20;

export function agentIdOf({ host }: Agent): string {
  return `agent-${host}`;
}

export class Mesos {
  readonly #agents: readonly AgentState[];
  readonly #byOffer = new Map<string, AgentState>();
  readonly #agenda: Agenda;
  readonly #onOffers: () => void;
  #suppressed = false;
  #changes = 0;
  #serial = 0;
  #resting = 0;
  /** When the next allocation is noted; null if none is. */
  #allocationMs: number | null = null;

  constructor(cluster: readonly Agent[], agenda: Agenda, onOffers: () => void) {
    this.#agenda = agenda;
    this.#onOffers = onOffers;
    this.#agents = cluster.map((agent, index) => ({
      index,
      agent,
      attributes: Object.fromEntries(agent.properties.map((property) => [property, 'true'])),
      free: { cpuMilli: agent.slots * 1000, memMib: agent.memMib ?? ample, diskMib: ample, gpus: 0 },
      offer: null,
      refusal: null,
    }));
  }

  get suppressed(): boolean {
    return this.#suppressed;
  }

  get offers(): readonly OfferFacts[] {
    return [...this.#byOffer.values()].flatMap(({ offer }) => offer ?? []);
  }

  /** The index of the agent. */
  accept(offerIds: readonly string[], resources: ResourceVector, nowMs: number): number {
    const found = offerIds.map((id) => this.#takeBack(id));
    const [state] = found;
    if (state === undefined) throw new Error('a launch without an offer');
    state.free = subtract(state.free, resources);
    this.#refuse(state, leftOverMs, nowMs, this.#changes);
    return state.index;
  }

  decline(offerIds: readonly string[], refuseS: number, nowMs: number, changes: number): void {
    for (const id of offerIds) this.#refuse(this.#takeBack(id), refuseS * 1000, nowMs, changes);
  }

  #takeBack(offerId: string): AgentState {
    const state = this.#byOffer.get(offerId);
    if (state === undefined) throw new Error(`offer ${offerId} is not there`);
    this.#byOffer.delete(offerId);
    state.offer = null;
    return state;
  }

  #refuse(state: AgentState, forMs: number, nowMs: number, changes: number): void {
    const untilMs = nextOn(allocationMs, nowMs + forMs);
    state.refusal = { untilMs, everyMs: untilMs - nowMs, changes };
    if (hasRoom(state)) this.#allocateAt(untilMs);
  }

  /** Resources of a task that has ended; a refusal of less no longer holds. */
  recover(index: number, resources: ResourceVector, nowMs: number): void {
    const state = this.#agents[index];
    if (state === undefined) return;
    state.free = add(state.free, resources);
    state.refusal = null;
    // Mesos offers what an agent has free in addition; one offer with all of it is simpler and no better.
    if (state.offer !== null) this.#byOffer.delete(state.offer.id);
    state.offer = null;
    this.#allocateAt(nextOn(allocationMs, nowMs));
  }

  suppress(): void {
    this.#suppressed = true;
  }

  revive(nowMs: number): void {
    this.#suppressed = false;
    for (const state of this.#agents) {
      if (state.refusal?.changes !== this.#changes) state.refusal = null;
    }
    this.#allocateAt(nowMs + reviveMs);
  }

  /** How often something changed that a plan could depend on. */
  get changes(): number {
    return this.#changes;
  }

  changed(nowMs: number): void {
    this.#changes += 1;
    if (this.#resting === 0) return;
    this.#resting = 0;
    for (const state of this.#agents) {
      const { refusal } = state;
      if (refusal === null || refusal.untilMs > nowMs) continue;
      const rounds = Math.ceil((nowMs + 1 - refusal.untilMs) / refusal.everyMs);
      const untilMs = refusal.untilMs + rounds * refusal.everyMs;
      state.refusal = { ...refusal, untilMs, changes: -1 };
      this.#allocateAt(untilMs);
    }
  }

  #allocateAt(atMs: number): void {
    if (this.#suppressed || (this.#allocationMs !== null && this.#allocationMs <= atMs)) return;
    this.#allocationMs = atMs;
    this.#agenda.at(atMs, () => {
      if (this.#allocationMs !== atMs) return;
      this.#allocationMs = null;
      this.#allocate(atMs);
    });
  }

  #allocate(nowMs: number): void {
    if (this.#suppressed) return;
    const before = this.#serial;
    let nextMs = Infinity;
    for (const state of this.#agents) {
      if (state.offer !== null || !hasRoom(state)) continue;
      const { refusal } = state;
      if (refusal === null) this.#offer(state, nowMs);
      else if (refusal.untilMs > nowMs) nextMs = Math.min(nextMs, refusal.untilMs);
      else if (refusal.changes === this.#changes) this.#resting += 1;
      else this.#offer(state, nowMs);
    }
    if (nextMs !== Infinity) this.#allocateAt(nextMs);
    if (this.#serial > before) this.#onOffers();
  }

  #offer(state: AgentState, receivedAtMs: number): void {
    this.#serial += 1;
    const id = `offer-${this.#serial}`;
    const { agent, free, attributes } = state;
    state.refusal = null;
    state.offer = {
      id,
      agentId: agentIdOf(agent),
      host: agent.host,
      resources: free,
      ports: [{ begin: 31_000, end: 32_000 }],
      attributes,
      receivedAtMs,
      unavailableFromMs: null,
    };
    this.#byOffer.set(id, state);
  }
}

/** Mesos offers nothing smaller. */
function hasRoom({ free }: AgentState): boolean {
  return free.cpuMilli >= 10 && free.memMib >= 32;
}
