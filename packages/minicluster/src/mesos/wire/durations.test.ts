import { expect, test } from 'vitest';
import { durationOfMs, durationText } from './durations.ts';

test.each([
  [2_000, '2secs'],
  [900_000, '15mins'],
  [90_000, '90secs'],
  [1_500, '1500ms'],
  [0, '0ns'],
])('%d ms are %s', (ms, text) => {
  expect(durationOfMs(ms)).toBe(text);
});

test('nanoseconds are kept', () => {
  expect(durationText(1_000_000_001n)).toBe('1000000001ns');
});
