/** What a replay is judged by: waits and slowdowns of jobs, and node-hours. */
import type { ReplayJob } from '../workload.ts';

export interface Measured {
  /** Jobs that ran. */
  readonly jobs: number;
  readonly waitMeanS: number;
  readonly waitP50S: number;
  readonly waitP95S: number;
  /** Mean of (wait + run) / run, where runs of under ten seconds count as ten, and no less than 1. */
  readonly slowdownMean: number;
  /** Hours of slots that jobs asked for and had, divided by the slots of an average node. */
  readonly nodeHoursUsed: number;
  /** Hours of slots that were held, starting and leaving nodes included, divided likewise. */
  readonly nodeHoursHeld: number;
  /** Nodes held at the same time, at the most. */
  readonly nodesPeak: number;
  /** Nodes launched, in all. */
  readonly grows: number;
  /** Nodes given back, in all. */
  readonly shrinks: number;
  /** From the first submission to the end of the last job. */
  readonly spanDays: number;
}

const boundMs = 10_000;
const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

export class Meter {
  readonly #slotsPerNode: number;
  readonly #waitsMs: number[] = [];
  #slowdowns = 0;
  #slotMsUsed = 0;
  #slotMsHeld = 0;
  #slotsHeld = 0;
  #nodesHeld = 0;
  #nodesPeak = 0;
  #grows = 0;
  #shrinks = 0;
  #sinceMs: number;
  readonly #beginMs: number;

  /** `slotsPerNode`: of the average node of the cluster. */
  constructor(slotsPerNode: number, beginMs: number) {
    this.#slotsPerNode = slotsPerNode;
    this.#sinceMs = beginMs;
    this.#beginMs = beginMs;
  }

  jobEnded({ submitMs, runMs, slots }: ReplayJob, startMs: number): void {
    const waitMs = startMs - submitMs;
    this.#waitsMs.push(waitMs);
    this.#slowdowns += Math.max(1, (waitMs + runMs) / Math.max(runMs, boundMs));
    this.#slotMsUsed += slots * runMs;
  }

  /** Nodes that are there from the beginning to the end. */
  heldAlways(nodes: number, slots: number): void {
    this.#slotsHeld += slots;
    this.#nodesHeld += nodes;
    this.#nodesPeak = this.#nodesHeld;
  }

  held(nowMs: number, slots: number): void {
    this.#advance(nowMs);
    this.#slotsHeld += slots;
    this.#nodesHeld += 1;
    this.#grows += 1;
    this.#nodesPeak = Math.max(this.#nodesPeak, this.#nodesHeld);
  }

  givenBack(nowMs: number, slots: number): void {
    this.#advance(nowMs);
    this.#slotsHeld -= slots;
    this.#nodesHeld -= 1;
    this.#shrinks += 1;
  }

  get nodesHeld(): number {
    return this.#nodesHeld;
  }

  #advance(nowMs: number): void {
    this.#slotMsHeld += this.#slotsHeld * (nowMs - this.#sinceMs);
    this.#sinceMs = nowMs;
  }

  /** `endMs`: when the last job ended. */
  finish(endMs: number): Measured {
    this.#advance(endMs);
    const sorted = Float64Array.from(this.#waitsMs).sort();
    const jobs = sorted.length;
    const perNodeHour = this.#slotsPerNode * hourMs;
    return {
      jobs,
      waitMeanS: jobs === 0 ? 0 : sorted.reduce((sum, wait) => sum + wait, 0) / jobs / 1000,
      waitP50S: percentile(sorted, 0.5) / 1000,
      waitP95S: percentile(sorted, 0.95) / 1000,
      slowdownMean: jobs === 0 ? 1 : this.#slowdowns / jobs,
      nodeHoursUsed: this.#slotMsUsed / perNodeHour,
      nodeHoursHeld: this.#slotMsHeld / perNodeHour,
      nodesPeak: this.#nodesPeak,
      grows: this.#grows,
      shrinks: this.#shrinks,
      spanDays: (endMs - this.#beginMs) / dayMs,
    };
  }
}

/** The smallest value that at least that share of all values do not exceed. */
function percentile(sorted: Float64Array, share: number): number {
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0;
}
