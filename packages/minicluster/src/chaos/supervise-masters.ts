/** Starts masters again that have ended: those of several end by themselves when they lose ZooKeeper. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Cluster } from '../cluster.ts';

export interface Supervision {
  stop(): Promise<void>;
}

const lookMs = 500;

/** Where there is one master alone, whoever kills it starts it again. */
export function superviseMasters(cluster: Cluster): Supervision {
  let isStopped = cluster.zookeeper === null;
  const watching = (async () => {
    while (!isStopped) {
      for (const [index, master] of cluster.mesos.masters.entries()) {
        if (master.exit() !== null) await cluster.mesos.startMaster(index).catch(() => undefined);
      }
      await delay(lookMs);
    }
  })();
  return {
    async stop() {
      isStopped = true;
      await watching;
    },
  };
}
