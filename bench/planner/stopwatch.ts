/**
 * How long something took: the time on the clock, or the processor time of the whole process where that
 * is less. On one processor that is idle otherwise the two are the same; on one that others use too, the
 * clock runs while we stand still.
 */
import process from 'node:process';

export interface Stopwatch {
  elapsedMs(): number;
}

export function startStopwatch(): Stopwatch {
  const beganMs = performance.now();
  const before = process.cpuUsage();
  return {
    elapsedMs() {
      const clockMs = performance.now() - beganMs;
      const { user, system } = process.cpuUsage(before);
      return Math.min(clockMs, (user + system) / 1000);
    },
  };
}
