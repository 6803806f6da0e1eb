/**
 * Offers that are kept for a job of several nodes, from the receipt of the oldest at hand for as long as the
 * policy allows. All are let go together, so that they come back together: agents whose offers are
 * declined one by one might never be at hand at the same time. Only one job at a time has offers kept for it, so that two such jobs never wait for each other.
 */
import type { AgentOffer } from './offers.ts';
import type { Pass } from './pass.ts';
import type { Reason } from './reasons.ts';
import { heldForGang, letGo } from './reasons-demand.ts';
import type { Survey } from './survey.ts';

export interface HeldAgent {
  readonly untilMs: number;
  readonly why: Reason;
}

export class Holds {
  readonly #survey: Survey;
  readonly #pass: Pass;
  /** When everything that is kept is let go. */
  readonly #untilMs: number;
  readonly #held = new Map<string, HeldAgent>();
  readonly #letGo = new Map<string, Reason>();
  #holder: string | null = null;

  constructor(survey: Survey, pass: Pass) {
    this.#survey = survey;
    this.#pass = pass;
    const oldestMs = survey.snapshot.offers.reduce((ms, offer) => Math.min(ms, offer.receivedAtMs), Infinity);
    this.#untilMs = oldestMs + survey.policy.gangHoldMs;
  }

  /** The one job for which offers are held. */
  get holder(): string | null {
    return this.#holder;
  }

  /** By agent id. */
  get held(): ReadonlyMap<string, HeldAgent> {
    return this.#held;
  }

  /** By agent id: why offers are kept no longer. */
  get letGo(): ReadonlyMap<string, Reason> {
    return this.#letGo;
  }

  becomeHolder(jobId: string): void {
    this.#holder = jobId;
  }

  get canKeep(): boolean {
    return this.#untilMs > this.#survey.snapshot.nowMs;
  }

  /** False when the agent's offers were kept long enough; others may use them then. */
  keep(agent: AgentOffer, jobId: string, why: Reason): boolean {
    const { agentId } = agent;
    const { nowMs } = this.#survey.snapshot;
    const untilMs = this.#untilMs;
    if (!this.canKeep) {
      this.#letGo.set(agentId, letGo(jobId, nowMs - untilMs + this.#survey.policy.gangHoldMs, why));
      return false;
    }
    this.#held.set(agentId, { untilMs, why: heldForGang(jobId, why) });
    this.#pass.wakeAt(untilMs);
    return true;
  }
}
