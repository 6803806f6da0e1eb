import { expect, test } from 'vitest';
import { parseRange } from './array-range.ts';

test.each([
  ['1-400', [{ first: 1, last: 400 }]],
  [
    '1,3,5-7',
    [
      { first: 1, last: 1 },
      { first: 3, last: 3 },
      { first: 5, last: 7 },
    ],
  ],
  ['0', [{ first: 0, last: 0 }]],
])('%s', (text, ranges) => {
  expect(parseRange(text)).toEqual(ranges);
});

test.each(['', '1-', '-1', '5-1', '1,,2', 'a', '1-2-3', '1'.repeat(10), Array(10_002).join('1,')])(
  '%s is no range',
  (text) => {
    expect(parseRange(text)).toBeNull();
  },
);
