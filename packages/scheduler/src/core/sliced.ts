/**
 * Work that can be interrupted: it yields now and then, has no effect until it returns, and knows neither
 * clock nor promise. Whoever runs it may do other things at each yield, or run it as a `whole`.
 */
import type { Order } from './order.ts';

export type Sliced<T> = Generator<undefined, T, undefined>;

export function whole<T>(work: Sliced<T>): T {
  for (;;) {
    const step = work.next();
    if (step.done === true) return step.value;
  }
}

/** Cheap things are done so many at a time, which takes less than a millisecond. */
const sliceItems = 512;

/** Calls `act` for each item, with a yield now and then. */
export function* eachSliced<T>(
  items: readonly T[],
  act: (item: T) => void,
  perSlice = sliceItems,
): Sliced<void> {
  let left = perSlice;
  for (const item of items) {
    act(item);
    left -= 1;
    if (left > 0) continue;
    left = perSlice;
    yield;
  }
}

export function* mapSliced<T, U>(items: readonly T[], make: (item: T) => U): Sliced<U[]> {
  const made: U[] = [];
  yield* eachSliced(items, (item) => {
    made.push(make(item));
  });
  return made;
}

const runItems = 512;

/** A sorted copy: runs are sorted and then merged, two by two. Equal items keep their order. */
export function* sortSliced<T>(items: readonly T[], order: Order<T>): Sliced<T[]> {
  if (items.length <= runItems) return items.toSorted(order);
  // Most queues come in order already.
  if (yield* isInOrder(items, order)) return items.slice();
  let runs: T[][] = [];
  for (let at = 0; at < items.length; at += runItems) {
    runs.push(items.slice(at, at + runItems).sort(order));
    yield;
  }
  while (runs.length > 1) {
    const merged: T[][] = [];
    for (let at = 0; at < runs.length; at += 2) {
      merged.push(yield* mergeSliced(runs[at] ?? [], runs[at + 1] ?? [], order));
      yield;
    }
    runs = merged;
  }
  return runs[0] ?? [];
}

function* isInOrder<T>(items: readonly T[], order: Order<T>): Sliced<boolean> {
  for (let at = 1; at < items.length; at += 1) {
    const [before, item] = [items[at - 1], items[at]];
    if (before !== undefined && item !== undefined && order(before, item) > 0) return false;
    if (at % runItems === 0) yield;
  }
  return true;
}

function* mergeSliced<T>(one: readonly T[], other: readonly T[], order: Order<T>): Sliced<T[]> {
  const [lastOfOne, firstOfOther] = [one.at(-1), other[0]];
  // What is in order already is only joined.
  if (lastOfOne === undefined || firstOfOther === undefined || order(lastOfOne, firstOfOther) <= 0) {
    return one.concat(other);
  }
  const merged: T[] = [];
  let next = 0;
  yield* eachSliced(
    one,
    (item) => {
      for (let rival = other[next]; rival !== undefined && order(rival, item) < 0; rival = other[next]) {
        merged.push(rival);
        next += 1;
      }
      merged.push(item);
    },
    runItems,
  );
  return merged.concat(other.slice(next));
}
