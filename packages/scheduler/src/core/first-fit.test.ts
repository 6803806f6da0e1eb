import fc from 'fast-check';
import { expect, test } from 'vitest';
import { FirstFit } from './first-fit.ts';

test('finds what a plain search finds, whatever is changed in between', () => {
  const sizes = fc.array(fc.nat(9), { minLength: 1, maxLength: 40 });
  const asks = fc.array(
    fc.record({
      from: fc.nat(45),
      least: fc.integer({ min: 1, max: 10 }),
      change: fc.nat(39),
      to: fc.nat(9),
    }),
  );
  fc.assert(
    fc.property(sizes, asks, (given, steps) => {
      const plain = [...given];
      const tree = new FirstFit(given);
      for (const { from, least, change, to } of steps) {
        const expected = plain.findIndex((size, index) => index >= from && size >= least);
        expect(tree.find(from, least)).toBe(expected);
        if (change >= plain.length) continue;
        plain[change] = to;
        tree.set(change, to);
      }
    }),
    { numRuns: 100 },
  );
});

test('an empty one finds nothing', () => {
  expect(new FirstFit([]).find(0, 1)).toBe(-1);
});
