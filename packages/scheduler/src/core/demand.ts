/**
 * Demand is what queued jobs ask for, not how many jobs there are. Every job of the queue is either
 * an ask, in the order of service, or gets the reason why it is none.
 */
import { unreachable } from '@mesos-torque/common/units.ts';
import type { JobVerdict } from './decisions.ts';
import type { JobFacts, Snapshot } from './facts.ts';
import { hostWords, type HostWords } from './host-words.ts';
import { Limits } from './limits.ts';
import { firstComeFirst } from './order.ts';
import { impossible } from './possible.ts';
import type { Reason } from './reasons.ts';
import {
  arraySlotLimit,
  arrayTemplate,
  jobState,
  justStarted,
  notUnderstood,
  otherReason,
} from './reasons-demand.ts';
import { held, waitsForTime } from './reasons-limits.ts';
import { understand } from './scheduler-words.ts';
import { nothingLimited } from './settings.ts';
import { askOf, type Ask, type JobAsk } from './shapes.ts';
import { eachSliced, type Sliced } from './sliced.ts';
import { valueOf, type Survey } from './survey.ts';

export interface Demand {
  /** First come, first served. */
  readonly asks: readonly JobAsk[];
  /** The jobs that are no demand. */
  readonly verdicts: readonly JobVerdict[];
}

export function* readDemand(survey: Survey): Sliced<Demand> {
  const jobs = yield* firstComeFirst(valueOf(survey.snapshot.queue, { jobs: [] }).jobs);
  yield;
  const judge = yield* judgeOf(survey, jobs);
  const asks: JobAsk[] = [];
  const verdicts: JobVerdict[] = [];
  yield* eachSliced(
    jobs,
    (job) => {
      const verdict = judge.judge(job);
      if ('ask' in verdict) asks.push(verdict);
      else verdicts.push(verdict);
    },
    judgedPerSlice,
  );
  return { asks, verdicts };
}

/** Requests that were not met before are held against each of the administrator's nodes. */
const judgedPerSlice = 64;

interface Grounds {
  readonly arrays: ArrayLimits;
  readonly limits: Limits;
  readonly hosts: HostWords;
  readonly queuedCount: number;
  /** The node, by job. */
  readonly started: ReadonlyMap<string, string>;
}

/** Each of the grounds goes over the whole queue, so others have their turn in between. */
function* judgeOf(survey: Survey, jobs: readonly JobFacts[]): Sliced<Judge> {
  const arrays = new ArrayLimits(jobs);
  yield;
  // Unknown settings are not no limits: then nothing is launched, see `survey`.
  const limits = new Limits(valueOf(survey.snapshot.settings, nothingLimited), jobs);
  yield;
  const hosts = yield* hostWords(survey.snapshot);
  yield;
  const queuedCount = jobs.filter((job) => job.state === 'queued' && !job.isArrayTemplate).length;
  yield;
  const started = yield* startedSince(survey.snapshot);
  return new Judge(survey, { arrays, limits, hosts, queuedCount, started });
}

/**
 * Jobs that pbsnodes shows on a node, in a reading that is not older than the queue's: they started while the queue
 * was read, or the other way round, and the next reading tells. Their nodes would be launched a second time.
 */
function* startedSince({ queue, nodes }: Snapshot): Sliced<ReadonlyMap<string, string>> {
  const started = new Map<string, string>();
  if (queue.state === 'unknown' || nodes.state === 'unknown' || nodes.atMs < queue.atMs) return started;
  yield* eachSliced(nodes.value, (node) => {
    for (const { jobId } of node.jobs) started.set(jobId, node.name);
  });
  return started;
}

class Judge {
  readonly #survey: Survey;
  readonly #arrays: ArrayLimits;
  readonly #limits: Limits;
  readonly #hosts: HostWords;
  /** Asks by request, for jobs share them; then by what else decides. */
  readonly #asks = new Map<JobFacts['request'], Map<string, Ask | null>>();
  /** By the ask's key. */
  readonly #impossible = new Map<string, Reason | null>();
  readonly #queuedCount: number;
  readonly #started: ReadonlyMap<string, string>;
  /** Whether we count what limits allow ourselves, so that words about limits are not needed. */
  readonly #countsLimits: boolean;

  constructor(survey: Survey, { arrays, limits, hosts, queuedCount, started }: Grounds) {
    this.#survey = survey;
    this.#arrays = arrays;
    this.#limits = limits;
    this.#hosts = hosts;
    this.#queuedCount = queuedCount;
    this.#started = started;
    const { settings } = survey.snapshot;
    this.#countsLimits = settings.state === 'fresh' && settings.value.kind === 'settings';
  }

  judge(job: JobFacts): JobAsk | JobVerdict {
    const none = (why: Reason): JobVerdict => ({ kind: 'not-demand', jobId: job.id, why });
    const notWaiting = whyNotWaiting(job, this.#survey.snapshot) ?? this.#whySchedulerWaits(job);
    if (notWaiting !== null) return none(notWaiting);
    const startedOn = this.#started.get(job.id);
    if (startedOn !== undefined) return none(justStarted(startedOn));
    if (job.request.kind === 'not-understood') return none(notUnderstood(job.request.text, job.request.why));
    const closed = this.#limits.queueCloses(job);
    if (closed !== null) return none(closed);
    const ask = this.#askOf(job);
    if (ask === null) return none(notUnderstood('procs', 'cannot be had with properties'));
    const misnamed = this.#misnamed(ask);
    if (misnamed !== null) return none(misnamed);
    const never = this.#cannotBe(ask);
    if (never !== null) return { kind: 'impossible', jobId: job.id, why: never };
    const limited = this.#limits.reached(job) ?? this.#arrays.admit(job.id);
    if (limited !== null) return none(limited);
    this.#limits.admit(job);
    return { jobId: job.id, queuedAtMs: job.queuedAtMs, ask };
  }

  /** See `scheduler-words` for which words are believed when. */
  #whySchedulerWaits({ comment }: JobFacts): Reason | null {
    const meaning = understand(comment);
    switch (meaning) {
      case 'silent':
      case 'nodes':
        return null;
      case 'limit':
        return this.#countsLimits ? null : otherReason(comment ?? '');
      case 'order':
        return this.#queuedCount > 1 ? otherReason(comment ?? '') : null;
      case 'other':
        return otherReason(comment ?? '');
      default:
        return unreachable(meaning);
    }
  }

  #askOf(job: JobFacts): Ask | null {
    const key = `${job.walltimeS ?? ''} ${job.queue}`;
    const known = this.#asks.get(job.request);
    const asked = known?.get(key);
    if (asked !== undefined) return asked;
    const ask = askOf(job, { properties: this.#limits.propertiesOf(job), hosts: this.#hosts });
    if (known === undefined) this.#asks.set(job.request, new Map([[key, ask]]));
    else known.set(key, ask);
    return ask;
  }

  #misnamed(ask: Ask): Reason | null {
    if (ask.kind === 'slots') return null;
    for (const { set } of ask.parts) {
      const why = set.properties.length === 0 ? null : this.#hosts.misnamed(set);
      if (why !== null) return why;
    }
    return null;
  }

  #cannotBe(ask: Ask): Reason | null {
    const known = this.#impossible.get(ask.key);
    if (known !== undefined) return known;
    const { statics, policy } = this.#survey;
    const found = impossible(ask, statics, policy);
    this.#impossible.set(ask.key, found);
    return found;
  }
}

function whyNotWaiting(job: JobFacts, { nowMs }: Snapshot): Reason | null {
  if (job.isArrayTemplate) return arrayTemplate();
  switch (job.state) {
    case 'queued':
      return null;
    case 'held':
      return held(job);
    case 'waiting':
      return job.startsAfterMs === null ? jobState(job.state) : waitsForTime(job.startsAfterMs, nowMs);
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
