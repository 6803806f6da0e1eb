import { describe, expect, it } from 'vitest';
import { sleep } from '@mesos-torque/common/clock.ts';
import { createVirtualClock } from './virtual-clock.ts';

describe('the virtual clock', () => {
  it('runs timers by time, and equal times in the order in which they were set', async () => {
    const clock = createVirtualClock(1000);
    const seen: string[] = [];
    for (const [delayMs, name] of [
      [30, 'c'],
      [10, 'a'],
      [30, 'd'],
      [20, 'b'],
      [40, 'late'],
    ] as const) {
      clock.after(delayMs, () => seen.push(`${name} ${clock.nowMs()}`));
    }

    await clock.runUntil(1030, () => false);

    expect(seen).toEqual(['a 1010', 'b 1020', 'c 1030', 'd 1030']);
    expect(clock.nowMs()).toBe(1030);
  });

  it('lets promises settle between two timers', async () => {
    const clock = createVirtualClock(0);
    const seen: string[] = [];
    const walk = async (): Promise<void> => {
      await sleep(clock, 10);
      for (let step = 0; step < 5; step++) await Promise.resolve();
      seen.push(`walked ${clock.nowMs()}`);
    };
    clock.after(11, () => seen.push('later timer'));

    void walk();
    await clock.runUntil(20, () => false);

    expect(seen).toEqual(['walked 10', 'later timer']);
  });

  it('runs no timer that was cancelled', async () => {
    const clock = createVirtualClock(0);
    let ran = false;
    const cancel = clock.after(5, () => (ran = true));

    cancel();
    await clock.runUntil(10, () => false);

    expect(ran).toBe(false);
  });

  it('stops when it is told to', async () => {
    const clock = createVirtualClock(0);
    let ticks = 0;
    const tick = (): void => {
      ticks += 1;
      clock.after(1, tick);
    };
    tick();

    await clock.runUntil(1000, () => ticks >= 10);

    expect([ticks, clock.nowMs()]).toEqual([10, 9]);
  });

  it('keeps the order of many timers', async () => {
    const clock = createVirtualClock(0);
    const times = Array.from({ length: 500 }, (_, index) => (index * 7919) % 1000);
    const seen: number[] = [];
    for (const time of times) clock.after(time, () => seen.push(time));

    await clock.runUntil(1000, () => false);

    expect(seen).toEqual(times.toSorted((a, b) => a - b));
  });
});
