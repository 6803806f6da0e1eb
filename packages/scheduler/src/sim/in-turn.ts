/**
 * Servers take requests about one thing in the order in which they came, however late: before the
 * effect of one come those of the earlier ones that are still under way.
 */
import type { Outcome } from '../loop/ports.ts';
import type { CallFate } from './world.ts';

export interface Turns {
  /** The effect as it is to be played: after the earlier ones about the same thing, and once. */
  add(about: string, effect: () => Outcome<null>): () => Outcome<null>;
}

export function createTurns(): Turns {
  const waiting = new Map<string, Set<() => Outcome<null>>>();
  return {
    add(about, effect) {
      const queue = waiting.get(about) ?? new Set();
      waiting.set(about, queue);
      let result: Outcome<null> | null = null;
      const once = (): Outcome<null> => {
        queue.delete(once);
        result ??= effect();
        return result;
      };
      queue.add(once);
      return () => {
        for (const earlier of queue) {
          if (earlier === once) break;
          earlier();
        }
        return once();
      };
    },
  };
}

/** Whether a call has no effect at all, and so nobody has to wait for it. */
export function isLost(fate: CallFate): boolean {
  return fate.kind === 'failed' || (fate.kind === 'timed-out' && fate.effectAfterMs === null);
}
