/**
 * A clock that stands still until it is told to go on. Between two timers every promise that can
 * settle does so, so that a run depends on the order of timers alone and not on real time.
 */
import type { Clock } from '@mesos-torque/common/clock.ts';

export interface VirtualClock extends Clock {
  /**
   * Runs timers in the order of their times (equal times: in the order in which they were set) until
   * none is left before `atMs`, or `until` says so after one.
   */
  runUntil(atMs: number, until: () => boolean): Promise<void>;
  /** Timers that were run. */
  steps(): number;
}

interface Timer {
  readonly atMs: number;
  readonly index: number;
  /** Null once cancelled. */
  then: (() => void) | null;
}

export function createVirtualClock(startMs: number): VirtualClock {
  const heap: Timer[] = [];
  let nowMs = startMs;
  let timersSet = 0;
  let steps = 0;

  return {
    nowMs: () => nowMs,
    after(delayMs, then) {
      const timer: Timer = { atMs: nowMs + Math.max(0, delayMs), index: timersSet++, then };
      push(heap, timer);
      return () => {
        timer.then = null;
      };
    },
    async runUntil(atMs, until) {
      await promisesSettled();
      for (let next = heap[0]; next !== undefined && next.atMs <= atMs; next = heap[0]) {
        pop(heap);
        const { then } = next;
        if (then === null) continue;
        nowMs = next.atMs;
        steps += 1;
        then();
        await promisesSettled();
        if (until()) return;
      }
      nowMs = Math.max(nowMs, atMs);
    },
    steps: () => steps,
  };
}

/** Immediates run when no promise is left that could settle. */
function promisesSettled(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

function isBefore(a: Timer | undefined, b: Timer | undefined): boolean {
  if (a === undefined || b === undefined) return false;
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.index < b.index);
}

/** A binary heap, the earliest timer on top. */
function push(heap: Timer[], timer: Timer): void {
  heap.push(timer);
  let child = heap.length - 1;
  while (child > 0) {
    const parent = (child - 1) >> 1;
    if (!isBefore(heap[child], heap[parent])) return;
    swap(heap, child, parent);
    child = parent;
  }
}

function pop(heap: Timer[]): void {
  const last = heap.pop();
  if (last === undefined || heap.length === 0) return;
  heap[0] = last;
  let parent = 0;
  for (;;) {
    const left = 2 * parent + 1;
    const child = isBefore(heap[left + 1], heap[left]) ? left + 1 : left;
    if (!isBefore(heap[child], heap[parent])) return;
    swap(heap, child, parent);
    parent = child;
  }
}

function swap(heap: Timer[], a: number, b: number): void {
  const [atA, atB] = [heap[a], heap[b]];
  if (atA === undefined || atB === undefined) return;
  heap[a] = atB;
  heap[b] = atA;
}
