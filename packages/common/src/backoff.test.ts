import fc from 'fast-check';
import { expect, test } from 'vitest';
import { backoffMs } from './backoff.ts';

const limits = { firstMs: 200, mostMs: 15_000 };

test('ceilings double from the first to the limit', () => {
  const atTheCeiling = (): number => 1;
  const waits = [1, 2, 3, 7, 8, 1000].map((attempt) => backoffMs(attempt, limits, atTheCeiling));
  expect(waits).toEqual([200, 400, 800, 12_800, 15_000, 15_000]);
});

test('every wait is between half of the ceiling and the ceiling', () => {
  const fraction = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 100_000 }), fraction, (attempt, r) => {
      const ceiling = backoffMs(attempt, limits, () => 1);
      const wait = backoffMs(attempt, limits, () => r);
      expect(wait).toBeGreaterThanOrEqual(ceiling / 2);
      expect(wait).toBeLessThanOrEqual(ceiling);
    }),
  );
});
