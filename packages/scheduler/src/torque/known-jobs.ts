/**
 * The jobs of the reading before. Between two readings a few jobs of a long queue change and all others are
 * printed again as they were: those stay the objects that they were, so that 100,000 jobs are in memory once
 * and not twice, and the collector of garbage, which stops everything else, finds little to do.
 */
import type { JobFacts } from '../core/facts.ts';

/** Jobs that may have left the queue between two that are still there, before the rest counts as new. */
const aheadMax = 64;

export class KnownJobs {
  readonly #before: readonly JobFacts[];
  /** qstat keeps its order, so the job after the one found last is the likeliest. */
  #at = 0;

  constructor(before: readonly JobFacts[]) {
    this.#before = before;
  }

  /** The job of the reading before where nothing about it has changed, otherwise the one given. */
  asBefore(job: JobFacts): JobFacts {
    const end = Math.min(this.#at + aheadMax, this.#before.length);
    for (let at = this.#at; at < end; at += 1) {
      const known = this.#before[at];
      if (known?.id !== job.id) continue;
      this.#at = at + 1;
      return isSame(known, job) ? known : job;
    }
    return job;
  }
}

/** `request` and `counted` are one object where the resource lists are printed alike, see `ResourceList`. */
function isSame(one: JobFacts, other: JobFacts): boolean {
  return (
    one.id === other.id &&
    one.state === other.state &&
    one.comment === other.comment &&
    one.request === other.request &&
    one.counted === other.counted &&
    one.queuedAtMs === other.queuedAtMs &&
    one.walltimeS === other.walltimeS &&
    one.name === other.name &&
    one.owner === other.owner &&
    one.queue === other.queue &&
    one.group === other.group &&
    one.holds === other.holds &&
    one.depend === other.depend &&
    one.startsAfterMs === other.startsAfterMs &&
    one.arraySlotLimit === other.arraySlotLimit &&
    one.arrayRange === other.arrayRange &&
    one.isArrayTemplate === other.isArrayTemplate &&
    isSameList(one.execNodes, other.execNodes) &&
    isSameCounts(one.execGpus, other.execGpus)
  );
}

function isSameList(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((item, index) => item === other[index]);
}

function isSameCounts(one: JobFacts['execGpus'], other: JobFacts['execGpus']): boolean {
  if (one === other) return true;
  const names = Object.keys(one);
  return names.length === Object.keys(other).length && names.every((name) => one[name] === other[name]);
}
