import { expect, test } from 'vitest';
import type { Clock } from '@mesos-torque/common/clock.ts';
import type { Sliced } from '../core/sliced.ts';
import { inSlices } from './in-slices.ts';

/** A clock on which `ms` pass whenever it is asked; turns are counted, and taken at once. */
function aClock(ms: number): { readonly clock: Clock; turns: number } {
  let nowMs = 0;
  const counted = {
    turns: 0,
    clock: {
      nowMs: () => (nowMs += ms),
      after(_delayMs: number, then: () => void) {
        counted.turns += 1;
        queueMicrotask(then);
        return () => undefined;
      },
    },
  };
  return counted;
}

function* work(steps: number): Sliced<string> {
  for (let step = 0; step < steps; step += 1) yield;
  return 'done';
}

test('work lets others have their turn whenever 5 ms have passed', async () => {
  const watched = aClock(2);

  expect(await inSlices(work(30), watched.clock)).toBe('done');

  // Two steps of 2 ms are within 5 ms, the third is not.
  expect(watched.turns).toBe(10);
});

test('where time stands still it runs in one go', async () => {
  const watched = aClock(0);

  expect(await inSlices(work(1000), watched.clock)).toBe('done');
  expect(watched.turns).toBe(0);
});

test('what the work throws is thrown', async () => {
  function* failing(): Sliced<never> {
    yield;
    throw new Error('a bug');
  }

  await expect(inSlices(failing(), aClock(4).clock)).rejects.toThrow('a bug');
});
