/**
 * What is left when something is killed with -9: asked from the system. The mom's jobs live on under its
 * successor; with the executor everything goes.
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { JobSeen } from './audit.ts';
import { buildExecutor } from './build-executor.ts';
import { createCluster, type Cluster } from './cluster.ts';
import { httpGet } from './http-get.ts';
import type { ProcessInfo } from './processes.ts';
import { waitUntil } from './wait-until.ts';

const scratch = fileURLToPath(new URL('../../../.mesos-torque/', import.meta.url));
let cluster: Cluster;

beforeAll(async () => {
  mkdirSync(scratch, { recursive: true });
  const dir = mkdtempSync(path.join(scratch, 'kill-test-'));
  cluster = await createCluster({
    dir,
    agents: [{ cpus: 4, memMib: 2048, attributes: {} }],
    torque: 'stand-in',
    mesos: 'stand-in',
    user: '',
    executorFile: await buildExecutor(path.join(dir, 'torque-executor.mjs')),
    policy: {
      idleTime: '30s',
      npMax: 2,
      memPerSlot: '128MiB',
      minComputeNode: { np: 1, mem: '128MiB' },
      safeAllocation: { cpus: '4', mem: '2GiB', nodes: '1' },
    },
    executor: { healthInterval: '1s' },
  });
  await cluster.start();
  await cluster.framework.start();
  await waitUntil({ what: 'the framework is ready', timeoutMs: 60_000, everyMs: 100 }, () =>
    httpGet(cluster.head, cluster.framework.readyUrl),
  );
}, 120_000);

afterAll(async () => {
  await cluster.stop();
  const left = await cluster.processes();
  await cluster.clear();
  rmSync(cluster.dir, { recursive: true, force: true });
  expect(left).toEqual([]);
}, 60_000);

async function find(pattern: RegExp): Promise<ProcessInfo | undefined> {
  return (await cluster.processes()).find(({ command }) => pattern.test(command));
}

/** A job whose processes are known by how long they sleep. */
async function runningJob(seconds: number): Promise<string> {
  const id = await cluster.qsub(['-l', 'nodes=1:ppn=1'], `sleep ${seconds}.25\nexit 0\n`);
  await waitUntil({ what: `job ${id} runs`, timeoutMs: 60_000, everyMs: 100 }, () => sleeping(seconds));
  return id;
}

function sleeping(seconds: number): Promise<ProcessInfo | undefined> {
  return find(new RegExp(`^sleep ${seconds}\\.25$`));
}

async function ended(id: string): Promise<JobSeen> {
  return waitUntil({ what: `job ${id} has ended`, timeoutMs: 60_000, everyMs: 100 }, async () =>
    (await cluster.jobs()).find((job) => job.id === id && job.state === 'C'),
  );
}

async function killProcess(pattern: RegExp): Promise<number> {
  const target = await find(pattern);
  if (target === undefined) throw new Error(`no process like ${String(pattern)}`);
  process.kill(target.pid, 'SIGKILL');
  return target.pid;
}

const linux = process.platform === 'linux';
const pbsMom = /\/pbs_mom -D/;

test.runIf(linux)(
  'pbs_mom: another takes its place, and its job goes on to its end',
  { timeout: 120_000 },
  async () => {
    const id = await runningJob(6);
    const first = await killProcess(pbsMom);
    // What was killed may still be seen for a moment.
    const next = await waitUntil({ what: 'another mom runs', timeoutMs: 20_000, everyMs: 100 }, async () => {
      const mom = await find(pbsMom);
      return mom?.pid === first ? null : mom;
    });
    expect(next.command).toContain(' -p');
    expect((await ended(id)).exitStatus).toBe(0);
    expect((await cluster.tasks()).live.map(({ state }) => state)).toEqual(['TASK_RUNNING']);
  },
);

test.runIf(linux)(
  "the job's shell: the job ends, and nothing of it is left",
  { timeout: 120_000 },
  async () => {
    const id = await runningJob(300);
    await killProcess(/^\S*sh \S+\.SC$/);
    expect((await ended(id)).exitStatus).not.toBe(0);
    await waitUntil(
      { what: 'its processes are gone', timeoutMs: 20_000, everyMs: 100 },
      async () => (await sleeping(300)) === undefined,
    );
  },
);

test.runIf(linux)(
  'the executor: mom and job end with it, and Mesos tells',
  { timeout: 120_000 },
  async () => {
    await runningJob(400);
    const before = (await cluster.tasks()).live;
    expect(before).toHaveLength(1);
    await killProcess(/^\.\/torque-executor|node \S*torque-executor/);
    await waitUntil(
      { what: 'mom and job are gone', timeoutMs: 30_000, everyMs: 100 },
      async () => (await sleeping(400)) === undefined,
    );
    const end = await waitUntil({ what: 'the task has ended', timeoutMs: 30_000, everyMs: 100 }, async () =>
      (await cluster.tasks()).ended.find(({ id }) => id === before[0]?.id),
    );
    expect(end.state).toMatch(/^TASK_(?:FAILED|LOST|GONE)$/);
  },
);
