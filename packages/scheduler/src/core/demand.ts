/**
 * Demand is what queued jobs ask for, not how many jobs there are. Every job of the queue is either
 * an ask, in the order of service, or gets the reason why it is none.
 */
import { unreachable } from '@mesos-torque/common/units.ts';
import type { JobVerdict } from './decisions.ts';
import type { JobFacts } from './facts.ts';
import { firstComeFirst } from './order.ts';
import { impossible } from './possible.ts';
import type { Reason } from './reasons.ts';
import { arraySlotLimit, arrayTemplate, jobState, notUnderstood, otherReason } from './reasons-demand.ts';
import { askOf, type Ask, type JobAsk } from './shapes.ts';
import { valueOf, type Survey } from './survey.ts';

export interface Demand {
  /** First come, first served. */
  readonly asks: readonly JobAsk[];
  /** The jobs that are no demand. */
  readonly verdicts: readonly JobVerdict[];
}

export function readDemand(survey: Survey): Demand {
  const jobs = firstComeFirst(valueOf(survey.snapshot.queue, { jobs: [] }).jobs);
  const arrays = new ArrayLimits(jobs);
  const impossibleByKey = new Map<string, Reason | null>();
  const asks: JobAsk[] = [];
  const verdicts: JobVerdict[] = [];
  for (const job of jobs) {
    const verdict = judge(job, arrays, (ask) => {
      const known = impossibleByKey.get(ask.key);
      if (known !== undefined) return known;
      const found = impossible(ask, survey.statics, survey.policy);
      impossibleByKey.set(ask.key, found);
      return found;
    });
    if ('ask' in verdict) asks.push(verdict);
    else verdicts.push(verdict);
  }
  return { asks, verdicts };
}

function judge(
  job: JobFacts,
  arrays: ArrayLimits,
  cannotBe: (ask: Ask) => Reason | null,
): JobAsk | JobVerdict {
  const none = (why: Reason): JobVerdict => ({ kind: 'not-demand', jobId: job.id, why });
  const notWaiting = whyNotWaiting(job);
  if (notWaiting !== null) return none(notWaiting);
  if (job.request.kind === 'not-understood') return none(notUnderstood(job.request.text, job.request.why));
  const ask = askOf(job);
  if (ask === null) return none(notUnderstood('', 'cannot be placed'));
  const never = cannotBe(ask);
  if (never !== null) return { kind: 'impossible', jobId: job.id, why: never };
  const limited = arrays.admit(job.id);
  if (limited !== null) return none(limited);
  return { jobId: job.id, queuedAtMs: job.queuedAtMs, ask };
}

function whyNotWaiting(job: JobFacts): Reason | null {
  if (job.isArrayTemplate) return arrayTemplate();
  switch (job.state) {
    case 'queued':
      return waitsForOtherThings(job.comment);
    case 'held':
    case 'waiting':
    case 'running':
    case 'exiting':
    case 'suspended':
    case 'transit':
    case 'complete':
      return jobState(job.state);
    default:
      return unreachable(job.state);
  }
}

const notRunning = /^Not Running:\s*(?<why>.*)$/s;
const lackOfNodes = 'Not enough of the right type of nodes are available';

/**
 * The comment of pbs_sched names what a job waits for: only a lack of nodes is ours to cure. No
 * comment means that it has not looked yet; "Not Running - PBS Error: …" (6.1.3) tells of an attempt
 * to start on nodes that were not there, which is a lack of nodes too.
 */
function waitsForOtherThings(comment: string | null): Reason | null {
  const why = comment === null ? undefined : notRunning.exec(comment.trim())?.groups?.['why'];
  if (why === undefined || why.startsWith(lackOfNodes)) return null;
  return otherReason(comment ?? '');
}

/** Counts the elements of arrays with a slot limit: running ones first, then in the order of service. */
class ArrayLimits {
  readonly #limits = new Map<string, number>();
  readonly #left = new Map<string, number>();

  constructor(jobs: readonly JobFacts[]) {
    for (const job of jobs) {
      if (job.arraySlotLimit === null) continue;
      this.#limits.set(arrayOf(job.id) ?? job.id, job.arraySlotLimit);
      this.#left.set(arrayOf(job.id) ?? job.id, job.arraySlotLimit);
    }
    if (this.#limits.size === 0) return;
    for (const job of jobs) {
      const holdsSlot = job.state === 'running' || job.state === 'exiting' || job.state === 'suspended';
      const array = job.isArrayTemplate || !holdsSlot ? null : arrayOf(job.id);
      const left = array === null ? undefined : this.#left.get(array);
      if (array !== null && left !== undefined) this.#left.set(array, left - 1);
    }
  }

  /** Counts one more element as demand; a reason when its array has no slot left. */
  admit(jobId: string): Reason | null {
    const array = arrayOf(jobId);
    const left = array === null ? undefined : this.#left.get(array);
    if (array === null || left === undefined) return null;
    if (left <= 0) return arraySlotLimit(array, this.#limits.get(array) ?? 0);
    this.#left.set(array, left - 1);
    return null;
  }
}

/** `100[3].head` and `100[].head` are of array `100[].head`; null for a job that is of none. */
function arrayOf(jobId: string): string | null {
  const array = jobId.replace(/^(\d+)\[\d*\]/, '$1[]');
  return array === jobId && !jobId.includes('[]') ? null : array;
}
