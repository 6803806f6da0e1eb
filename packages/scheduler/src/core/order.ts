/** Total orders, so that the order of the input never matters. */
import type { JobFacts } from './facts.ts';

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

const jobIdPattern = /^(?<number>\d+)(?:\[(?<index>\d*)\])?/;

/** `100[3].head` is number 100, index 3; ids that are no numbers come last. */
function jobNumbers(id: string): { readonly number: number; readonly index: number } {
  const groups = jobIdPattern.exec(id)?.groups;
  if (groups === undefined) return { number: Number.MAX_SAFE_INTEGER, index: 0 };
  const index = groups['index'];
  return {
    number: Number(groups['number']),
    index: index === undefined || index === '' ? -1 : Number(index),
  };
}

/** First come, first served; equal times by job number, then by array index. Returns a new list. */
export function firstComeFirst(jobs: readonly JobFacts[]): JobFacts[] {
  const keyed = jobs.map((job) => ({ job, ...jobNumbers(job.id) }));
  keyed.sort(
    inTurn(
      by((k) => k.job.queuedAtMs),
      by((k) => k.number),
      by((k) => k.index),
      byName((k) => k.job.id),
    ),
  );
  return keyed.map((k) => k.job);
}
