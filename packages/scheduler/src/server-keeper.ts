/**
 * Sees to it that pbs_server has what an elastic cluster needs (placeholder node, nodect,
 * scheduler_iteration), once it answers.
 */
import { backoffMs } from '@mesos-torque/common/backoff.ts';
import type { Clock } from '@mesos-torque/common/clock.ts';
import type { Log } from '@mesos-torque/common/logger.ts';
import type { Config } from './config.ts';
import { applySetup } from './torque/server-setup.ts';
import type { TorqueClient } from './torque/torque-client.ts';

const retry = { firstMs: 1_000, mostMs: 60_000 };

export interface ServerKeeper {
  /** Null once the server is as wanted; until then, why jobs larger than the cluster may be refused or deleted. */
  problem(): string | null;
  stop(): void;
}

/** Tries until it is done, with growing rests; each failure is logged. Does nothing where not wanted. */
export function keepServerSetUp(config: Config, torque: TorqueClient, clock: Clock, log: Log): ServerKeeper {
  let stopped = false;
  let cancel: () => void = () => undefined;
  let problem: string | null = config.torque.manageServer ? 'pbs_server is being set up' : null;
  const attempt = async (tries: number): Promise<void> => {
    problem = await setUp(config, torque, log);
    if (problem === null || stopped) return;
    const restMs = backoffMs(tries, retry, Math.random);
    log.warn('server set-up failed', { why: problem, tries, restMs });
    cancel = clock.after(restMs, () => void attempt(tries + 1));
  };
  if (config.torque.manageServer) void attempt(1);
  return {
    problem: () => problem,
    stop() {
      stopped = true;
      cancel();
    },
  };
}

/** Null when all is as wanted, otherwise why not. */
async function setUp({ torque, policy }: Config, client: TorqueClient, log: Log): Promise<string | null> {
  const nodes = await client.readNodes();
  if (!nodes.ok) return nodes.problem.detail;
  const done = await applySetup(client.commands, nodes.value, {
    placeholder: {
      node: torque.placeholder.node,
      np: torque.placeholder.np,
      requestId: `${policy.ownerMark}.placeholder`,
    },
    // pbs_sched adds up the nodes of all running jobs against it, so it has to allow a job on each slot.
    nodect: torque.placeholder.np,
    schedulerIterationS: torque.schedulerIterationS,
  });
  if (!done.ok) return done.problem.detail;
  for (const step of done.value) log.info('server set up', { step: step.sentence, why: step.why });
  return null;
}
