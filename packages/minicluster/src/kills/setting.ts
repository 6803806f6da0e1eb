/** The cluster on which things are killed: nodes come and go at once, and a failed agent is tried again at once. */
import path from 'node:path';
import { buildExecutor } from '../build-executor.ts';
import { createCluster, type Cluster } from '../cluster.ts';
import { httpGet } from '../http-get.ts';
import { waitUntil } from '../wait-until.ts';

export const agentsOfKills = 4;
/** Long enough for an agent to be started again on a busy machine. */
export const recoveryMs = 8_000;

export async function killCluster(dir: string, torque: 'stand-in' | 'real', user: string): Promise<Cluster> {
  return createCluster({
    dir,
    agents: Array.from({ length: agentsOfKills }, () => ({ cpus: 2, memMib: 1024, attributes: {} })),
    torque,
    mesos: 'stand-in',
    user,
    executorFile: await buildExecutor(path.join(dir, 'torque-executor.mjs')),
    policy: {
      idleTime: '1s',
      npMax: 1,
      memPerSlot: '128MiB',
      minComputeNode: { np: 1, mem: '128MiB' },
      safeAllocation: { cpus: '8', mem: '4GiB', nodes: String(agentsOfKills) },
      repeatInterval: '2s',
      declineIdle: '1s',
      declineUnfit: '1s',
      killGrace: '5s',
      agentBackoff: '1s',
      agentBackoffMax: '1s',
      quarantineFailures: '1000',
    },
    executor: { healthInterval: '1s', momConfigLines: ['$usecp *:/ /'] },
    agentRecoveryMs: recoveryMs,
    torqueTimes: { hostListDelayMs: 2_000, deleteNodeMs: 200, hostListRetryMs: 500, requeueOnDeleteMs: 200 },
  });
}

export async function startKillCluster(cluster: Cluster): Promise<void> {
  await cluster.start();
  await cluster.framework.start();
  await waitUntil({ what: 'the framework is ready', timeoutMs: 60_000, everyMs: 100 }, () =>
    httpGet(cluster.head, cluster.framework.readyUrl),
  );
}
