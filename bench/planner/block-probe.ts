/** How long the event loop keeps others waiting: the longest time between two of its turns. */
import { startStopwatch } from './stopwatch.ts';

export interface BlockProbe {
  /** Ends it; returns the longest time in milliseconds. */
  stop(): number;
}

/** Takes part in every turn, so that the loop never sleeps while it is probed. */
export function startBlockProbe(): BlockProbe {
  let longestMs = 0;
  let turnBegan = startStopwatch();
  let next = setImmediate(turn);

  function turn(): void {
    longestMs = Math.max(longestMs, turnBegan.elapsedMs());
    turnBegan = startStopwatch();
    next = setImmediate(turn);
  }

  return {
    stop() {
      clearImmediate(next);
      return longestMs;
    },
  };
}
