import { expect, test } from 'vitest';
import { createLease } from './lease.ts';

test.each([
  ['the wall clock ran on while the machine slept', { wallMs: 6001, steadyMs: 10 }],
  ['the wall clock was set back', { wallMs: -3_600_000, steadyMs: 6001 }],
])('a lease ends on either clock: %s', (_, now) => {
  const lease = createLease(6000, () => now, { wallMs: 0, steadyMs: 0 });
  expect(lease.isValid()).toBe(false);
});

test('an answer prolongs it, counted from before it was asked for', () => {
  let now = { wallMs: 0, steadyMs: 0 };
  const lease = createLease(6000, () => now, now);
  now = { wallMs: 5000, steadyMs: 5000 };
  lease.renew({ wallMs: 4000, steadyMs: 4000 });
  expect(lease.leftMs()).toBe(5000);
  now = { wallMs: 10_000, steadyMs: 10_000 };
  expect(lease.isValid()).toBe(false);
});
