import fc from 'fast-check';
import { expect, test } from 'vitest';
import { by } from './order.ts';
import { eachSliced, mapSliced, sortSliced, whole, type Sliced } from './sliced.ts';

function steps(work: Sliced<unknown>): number {
  let count = 0;
  while (work.next().done !== true) count += 1;
  return count;
}

const numbers = Array.from({ length: 10_000 }, (_, n) => (n * 7919) % 10_007);

test('sorting in slices gives what sorting at once gives, equal items in their order', () => {
  const items = fc.array(fc.record({ key: fc.nat(50), place: fc.nat() }), { maxLength: 60 });
  fc.assert(
    fc.property(items, fc.nat(200), (some, times) => {
      // Repeated, so that there are several runs to merge.
      const many = Array.from({ length: 60 * times }, (_, n) => some[n % Math.max(1, some.length)]).flatMap(
        (item, place) => (item === undefined ? [] : [{ key: (item.key * (place % 13)) % 50, place }]),
      );

      expect(
        whole(
          sortSliced(
            many,
            by((item) => item.key),
          ),
        ),
      ).toEqual(many.toSorted(by((item) => item.key)));
    }),
    { numRuns: 30 },
  );
});

test('sorting leaves what it was given as it was, and yields on the way', () => {
  const before = [...numbers];

  expect(
    steps(
      sortSliced(
        numbers,
        by((n) => n),
      ),
    ),
  ).toBeGreaterThan(10);
  expect(numbers).toEqual(before);
});

test('what is in order already is joined without a comparison of each', () => {
  let comparisons = 0;
  const counting = (a: number, b: number): number => {
    comparisons += 1;
    return a - b;
  };

  whole(
    sortSliced(
      Array.from({ length: 100_000 }, (_, n) => n),
      counting,
    ),
  );

  expect(comparisons).toBeLessThan(101_000);
});

test('each item is visited once, in its order, with a yield after so many', () => {
  const seen: number[] = [];

  const yields = steps(eachSliced(numbers, (n) => seen.push(n), 1000));

  expect(seen).toEqual(numbers);
  expect(yields).toBe(10);
});

test('mapping gives each its result', () => {
  expect(whole(mapSliced(numbers, (n) => n + 1))).toEqual(numbers.map((n) => n + 1));
});
