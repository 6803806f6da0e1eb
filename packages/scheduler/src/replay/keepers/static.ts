/** The baseline of a cluster that always stands in full. */
import { slotsOf } from '../cluster.ts';
import type { Keeper } from '../simulation.ts';

export function staticKeeper(): Keeper {
  return {
    begin({ cluster, torque, meter }) {
      cluster.forEach((agent, index) => {
        torque.open(index, agent.slots);
      });
      meter.heldAlways(cluster.length, slotsOf(cluster));
    },
    jobCame: () => undefined,
    jobStarted: () => undefined,
    jobEnded: () => undefined,
    queueLookedAt: () => undefined,
  };
}
