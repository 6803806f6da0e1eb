/**
 * Says when a pass is due: the earliest of all wishes, one pass at a time, and one more when a wish
 * came in while a pass was running.
 */
import type { Clock } from '@mesos-torque/common/clock.ts';

export interface Waker {
  wakeIn(delayMs: number): void;
  wakeAt(atMs: number): void;
  stop(): void;
}

/** Passes follow each other at least this long apart, whatever is wished. Milliseconds. */
const passApartMs = 5;

/** `pass` must not reject. */
export function createWaker(clock: Clock, pass: () => Promise<void>): Waker {
  let state: 'resting' | 'running' | 'stopped' = 'resting';
  let dueMs = Infinity;
  let cancel = (): void => undefined;

  function wakeAt(atMs: number): void {
    if (state === 'stopped') return;
    const soonestMs = clock.nowMs() + passApartMs;
    const wishedMs = Math.max(atMs, soonestMs);
    if (wishedMs >= dueMs) return;
    dueMs = wishedMs;
    if (state === 'resting') arm();
  }

  function arm(): void {
    cancel();
    if (dueMs !== Infinity) cancel = clock.after(dueMs - clock.nowMs(), () => void turn());
  }

  async function turn(): Promise<void> {
    state = 'running';
    dueMs = Infinity;
    await pass();
    if (isStopped()) return;
    state = 'resting';
    arm();
  }
  // Read through a function: the compiler cannot know that `stop` may be called during a pass.
  const isStopped = (): boolean => state === 'stopped';

  return {
    wakeIn: (delayMs) => {
      wakeAt(clock.nowMs() + delayMs);
    },
    wakeAt,
    stop() {
      state = 'stopped';
      cancel();
    },
  };
}
