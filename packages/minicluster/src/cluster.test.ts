/**
 * The whole way on real processes: a cluster on this machine, the scheduler killed in the middle of
 * growth and started again. What came of it is asked from TORQUE, Mesos and the system.
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, test } from 'vitest';
import { buildExecutor } from './build-executor.ts';
import { createCluster, type Cluster } from './cluster.ts';
import { httpGet } from './http-get.ts';
import { waitUntil } from './wait-until.ts';

const scratch = fileURLToPath(new URL('../../../.mesos-torque/', import.meta.url));
let cluster: Cluster | null = null;

afterEach(async () => {
  await cluster?.stop();
  await cluster?.clear();
  if (cluster !== null) rmSync(cluster.dir, { recursive: true, force: true });
  cluster = null;
});

async function aCluster(agents: number): Promise<Cluster> {
  mkdirSync(scratch, { recursive: true });
  const dir = mkdtempSync(path.join(scratch, 'test-'));
  cluster = await createCluster({
    dir,
    agents: Array.from({ length: agents }, () => ({ cpus: 4, memMib: 2048, attributes: {} })),
    torque: 'stand-in',
    mesos: 'stand-in',
    user: '',
    executorFile: await buildExecutor(path.join(dir, 'torque-executor')),
    policy: {
      idleTime: '2s',
      npMax: 3,
      memPerSlot: '128MiB',
      minComputeNode: { np: 1, mem: '128MiB' },
      safeAllocation: { cpus: '8', mem: '4GiB', nodes: '2' },
    },
  });
  await cluster.start();
  return cluster;
}

async function startedFramework(of: Cluster): Promise<void> {
  await of.framework.start();
  await waitUntil({ what: 'the framework is ready', timeoutMs: 30_000, everyMs: 100 }, () =>
    httpGet(of.head, of.framework.readyUrl),
  );
}

test('a scheduler killed while nodes come up carries on where it was', { timeout: 180_000 }, async () => {
  const running = await aCluster(2);
  await startedFramework(running);
  const wide = await running.qsub(['-N', 'wide', '-l', 'nodes=2:ppn=2'], 'pbsdsh printenv PBS_NODENUM\n');
  const single = await running.qsub(['-N', 'single', '-l', 'nodes=1'], 'sleep 1\n');

  await waitUntil({ what: 'both executors have spoken', timeoutMs: 30_000 }, async () => {
    const { live } = await running.tasks();
    // One that is still being fetched from the scheduler would fail with it, and be launched again.
    return live.length === 2 && live.every(({ state }) => state !== 'TASK_STAGING');
  });
  running.framework.daemon()?.signal('SIGKILL');
  await running.framework.daemon()?.ended;
  await startedFramework(running);

  await waitUntil({ what: 'both jobs are done', timeoutMs: 90_000, everyMs: 200 }, async () => {
    const jobs = await running.jobs();
    return jobs.length === 2 && jobs.every(({ state }) => state === 'C');
  });
  const jobs = await running.jobs();
  expect(jobs.map(({ id, exitStatus }) => [id, exitStatus])).toEqual([
    [wide, 0],
    [single, 0],
  ]);
  await waitUntil({ what: 'the nodes are given back', timeoutMs: 60_000, everyMs: 200 }, async () => {
    const [nodes, tasks] = await Promise.all([running.nodes(), running.tasks()]);
    return nodes.every(({ name }) => name === running.head.name) && tasks.live.length === 0;
  });
  // One launch for each need: the kill made no second one.
  expect((await running.tasks()).ended.length).toBe(2);
  const moms = (await running.processes()).filter(({ command }) => /torque-executor|pbs_mom/.test(command));
  expect(moms).toEqual([]);

  await running.stop();
  expect(await running.processes()).toEqual([]);
});
