/** Looks again and again whether a node has two tasks at once, which no failover may bring about. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Cluster } from '../cluster.ts';

export interface DoubleWatch {
  /** What was seen since the last call. */
  take(): readonly string[];
  stop(): Promise<void>;
}

const lookMs = 250;

export function watchDoubles(cluster: Cluster): DoubleWatch {
  const seen = new Set<string>();
  const stopped = new AbortController();
  const looking = (async () => {
    while (!stopped.signal.aborted) {
      // The master may be away; then there is nothing to be seen.
      const live = await cluster.tasks().then(
        (tasks) => tasks.live,
        () => [],
      );
      for (const [node, ids] of Map.groupBy(live, ({ id }) => id.replace(/\.\d+$/, ''))) {
        if (ids.length > 1) seen.add(`${node}: ${ids.map(({ id, state }) => `${id} ${state}`).join(', ')}`);
      }
      await delay(lookMs);
    }
  })();
  return {
    take() {
      const all = [...seen];
      seen.clear();
      return all;
    },
    async stop() {
      stopped.abort();
      await looking;
    },
  };
}
