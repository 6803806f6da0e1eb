/** What the configuration and the command line want pbs_server to have. */
import type { SetupConfig } from '../config.ts';
import type { Policy } from '../core/policy.ts';
import type { QueueLimits, WantedSetup } from '../torque/server-setup.ts';

/** What is asked for beyond the configuration. */
export interface SetupWishes {
  readonly queueLimits: boolean;
  readonly queue: string | null;
  readonly managers: readonly string[];
}

export const noWishes: SetupWishes = { queueLimits: false, queue: null, managers: [] };

export function wantedSetup(
  { torque, policy }: Pick<SetupConfig, 'torque' | 'policy'>,
  wishes: SetupWishes = noWishes,
): WantedSetup {
  return {
    placeholder: {
      node: torque.placeholder.node,
      np: torque.placeholder.np,
      requestId: `${policy.ownerMark}.placeholder`,
    },
    // pbs_sched adds up the nodes of all running jobs against it, so it has to allow a job on each slot.
    nodect: torque.placeholder.np,
    schedulerIterationS: torque.schedulerIterationS,
    nodeCheckRateS: torque.nodeCheckRateS,
    keepCompletedS: torque.keepCompletedS,
    limits: torque.queueLimits || wishes.queueLimits ? limitsOf(policy) : null,
    queue: wishes.queue,
    managers: wishes.managers,
  };
}

/** The largest job that the safe allocation could ever hold. */
function limitsOf(policy: Policy): QueueLimits {
  const { cpuMilli, memMib, nodes } = policy.safeAllocation;
  const byCpus = cpuMilli === null ? null : Math.max(1, Math.floor(cpuMilli / policy.cpuMilliPerSlot));
  const byNodes = nodes === null ? null : nodes * policy.npMax;
  const slots = byCpus === null || byNodes === null ? (byCpus ?? byNodes) : Math.min(byCpus, byNodes);
  return {
    // Each node has at least one slot.
    nodes: nodes === null || slots === null ? (nodes ?? slots) : Math.min(nodes, slots),
    slots,
    // At least one node's executor comes out of the memory too.
    memMib: memMib === null ? null : Math.max(1, memMib - policy.executor.memMib),
    ownerMark: policy.ownerMark,
  };
}
