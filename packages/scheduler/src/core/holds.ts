/**
 * Offers that are kept for a job of several nodes, from their receipt for as long as the policy allows.
 * Only one job at a time has offers kept for it, so that two such jobs never wait for each other.
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
  readonly #held = new Map<string, HeldAgent>();
  readonly #letGo = new Map<string, Reason>();
  #holder: string | null = null;

  constructor(survey: Survey, pass: Pass) {
    this.#survey = survey;
    this.#pass = pass;
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

  canKeep({ receivedAtMs }: AgentOffer): boolean {
    return this.#untilMs(receivedAtMs) > this.#survey.snapshot.nowMs;
  }

  /** False when the agent's offers were kept long enough; others may use them then. */
  keep(agent: AgentOffer, jobId: string, why: Reason): boolean {
    const { agentId, receivedAtMs } = agent;
    if (!this.canKeep(agent)) {
      this.#letGo.set(agentId, letGo(jobId, this.#survey.snapshot.nowMs - receivedAtMs, why));
      return false;
    }
    const untilMs = this.#untilMs(receivedAtMs);
    this.#held.set(agentId, { untilMs, why: heldForGang(jobId, why) });
    this.#pass.wakeAt(untilMs);
    return true;
  }

  #untilMs(receivedAtMs: number): number {
    return receivedAtMs + this.#survey.policy.gangHoldMs;
  }
}
