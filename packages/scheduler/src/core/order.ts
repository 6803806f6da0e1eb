/** Total orders, so that the order of the input never matters. */
import type { JobFacts } from './facts.ts';
import { mapSliced, sortSliced, type Sliced } from './sliced.ts';

export type Order<T> = (a: T, b: T) => number;

/** Texts by code units, which is the same everywhere. */
export function byText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Compares by the first of `orders` that tells the two apart. */
export function inTurn<T>(...orders: readonly Order<T>[]): Order<T> {
  return (a, b) => {
    for (const order of orders) {
      const difference = order(a, b);
      if (difference !== 0) return difference;
    }
    return 0;
  };
}

export function by<T>(key: (item: T) => number): Order<T> {
  return (a, b) => key(a) - key(b);
}

export function byName<T>(key: (item: T) => string): Order<T> {
  return (a, b) => byText(key(a), key(b));
}

interface KeyedJob {
  readonly job: JobFacts;
  readonly number: number;
  readonly index: number;
}

/** `100[3].head` is number 100, index 3; ids that are no numbers come last. */
function keyed(job: JobFacts): KeyedJob {
  const { id } = job;
  const number = Number.parseInt(id, 10);
  if (Number.isNaN(number)) return { job, number: Number.MAX_SAFE_INTEGER, index: 0 };
  const bracket = id.indexOf('[');
  const index = bracket < 0 ? Number.NaN : Number.parseInt(id.slice(bracket + 1), 10);
  return { job, number, index: Number.isNaN(index) ? -1 : index };
}

function firstCome(a: KeyedJob, b: KeyedJob): number {
  if (a.job.queuedAtMs !== b.job.queuedAtMs) return a.job.queuedAtMs - b.job.queuedAtMs;
  if (a.number !== b.number) return a.number - b.number;
  if (a.index !== b.index) return a.index - b.index;
  return byText(a.job.id, b.job.id);
}

/** First come, first served; equal times by job number, then by array index. Returns a new list. */
export function* firstComeFirst(jobs: readonly JobFacts[]): Sliced<JobFacts[]> {
  const inOrder = yield* sortSliced(yield* mapSliced(jobs, keyed), firstCome);
  return yield* mapSliced(inOrder, ({ job }) => job);
}
