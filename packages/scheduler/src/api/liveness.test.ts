import { expect, test } from 'vitest';
import { createLiveness, silentMsMax, type Liveness } from './liveness.ts';

function aLiveness(): { readonly liveness: Liveness; readonly pass: (ms: number) => void } {
  let nowMs = 1_000_000;
  const liveness = createLiveness({ nowMs: () => nowMs, after: () => () => undefined });
  return {
    liveness,
    pass(ms) {
      nowMs += ms;
    },
  };
}

test('who rules has to plan', () => {
  const { liveness, pass } = aLiveness();
  liveness.ruled(true);
  pass(silentMsMax);
  liveness.planned();
  pass(silentMsMax);
  expect(liveness.look()).toEqual({ ok: true, why: '' });

  pass(1_000);

  expect(liveness.look()).toEqual({ ok: false, why: 'no plan was made for 601 s' });
});

test('who stands by need not, and begins anew when it comes to rule', () => {
  const { liveness, pass } = aLiveness();
  pass(10 * silentMsMax);
  expect(liveness.look().ok).toBe(true);

  liveness.ruled(true);
  expect(liveness.look().ok).toBe(true);
  pass(2 * silentMsMax);
  expect(liveness.look().ok).toBe(false);
  liveness.ruled(false);

  expect(liveness.look().ok).toBe(true);
});
