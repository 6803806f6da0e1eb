/** A clock whose calls can all be cancelled at once, so that a server that ends leaves none behind. */
import { type Clock } from '@mesos-torque/common/clock.ts';

export interface StoppableClock {
  readonly clock: Clock;
  /** Cancels what waits; what is asked for later never comes. */
  stop(): void;
}

export function stoppable(inner: Clock): StoppableClock {
  const waiting = new Set<() => void>();
  let stopped = false;
  const clock: Clock = {
    nowMs: () => inner.nowMs(),
    after(delayMs, then) {
      if (stopped) return () => undefined;
      const cancelInner = inner.after(delayMs, () => {
        waiting.delete(cancelInner);
        then();
      });
      waiting.add(cancelInner);
      return () => {
        waiting.delete(cancelInner);
        cancelInner();
      };
    },
  };
  return {
    clock,
    stop() {
      stopped = true;
      for (const cancel of waiting) cancel();
      waiting.clear();
    },
  };
}
