/** The system's time, run `factor` times as fast: recordings of a minute replay in seconds. */
import { type Clock } from '@mesos-torque/common/clock.ts';

export function fastClock(factor: number): Clock {
  const startMs = Date.now();
  return {
    nowMs: () => startMs + (Date.now() - startMs) * factor,
    after(delayMs, then) {
      const timer = setTimeout(then, Math.max(0, delayMs) / factor);
      return () => {
        clearTimeout(timer);
      };
    },
  };
}
