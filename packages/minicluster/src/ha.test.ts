/**
 * Several schedulers and masters with a real ZooKeeper, real processes all of them: what happens to jobs and
 * nodes when the one that leads is killed, stopped or cut off is asked from TORQUE, Mesos and the system.
 */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, test } from 'vitest';
import { sayNotChecked } from '@mesos-torque/common/testing/not-checked.ts';
import { runCommand } from '@mesos-torque/common/run-command.ts';
import { buildExecutor } from './build-executor.ts';
import { createCluster, type Cluster } from './cluster.ts';
import type { FrameworkSide } from './framework-side.ts';
import { leader, leadsSince, told } from './ha-watch.ts';
import { httpGet } from './http-get.ts';
import { waitUntil } from './wait-until.ts';
import { zooKeeperMissing } from './zookeeper-server.ts';

const missing = zooKeeperMissing();
if (missing !== null) sayNotChecked('failover of schedulers and masters', missing);

const sessionMs = 4_000;
/** Not what is promised: machines may be busy with other things. */
const levelMsMax = 120_000;
const storyMsMax = 480_000;
const scratch = fileURLToPath(new URL('../../../.mesos-torque/', import.meta.url));
let cluster: Cluster | null = null;

afterEach(async () => {
  for (const scheduler of cluster?.schedulers ?? []) scheduler.daemon()?.signal('SIGCONT');
  await cluster?.stop();
  const left = (await cluster?.processes()) ?? [];
  await cluster?.clear();
  if (cluster !== null) rmSync(cluster.dir, { recursive: true, force: true });
  cluster = null;
  expect(left).toEqual([]);
}, 90_000);

/** Two schedulers, two masters, two agents; the first of each leads. */
async function twoOfAll(): Promise<Cluster> {
  mkdirSync(scratch, { recursive: true });
  const dir = mkdtempSync(path.join(scratch, 'ha-'));
  cluster = await createCluster({
    dir,
    agents: [1, 2].map(() => ({ cpus: 4, memMib: 2048, attributes: {} })),
    torque: 'stand-in',
    mesos: 'stand-in',
    user: '',
    executorFile: await buildExecutor(path.join(dir, 'torque-executor.mjs')),
    policy: {
      idleTime: '3s',
      npMax: 3,
      memPerSlot: '128MiB',
      minComputeNode: { np: 1, mem: '128MiB' },
      safeAllocation: { cpus: '8', mem: '4GiB', nodes: '2' },
      repeatInterval: '2s',
    },
    ha: { schedulers: 2, masters: 2, sessionTimeoutMs: sessionMs },
  });
  await cluster.start();
  await cluster.framework.start();
  await ready(cluster, cluster.framework);
  await standby(cluster).start();
  const other = standby(cluster);
  await waitUntil({ what: 'the second one stands by', timeoutMs: levelMsMax }, () =>
    told(other, 'another scheduler leads', 0),
  );
  return cluster;
}

function standby(of: Cluster): FrameworkSide {
  const [, second] = of.schedulers;
  if (second === undefined) throw new Error('there is one scheduler only');
  return second;
}

async function ready(of: Cluster, scheduler: FrameworkSide): Promise<void> {
  await waitUntil({ what: `${scheduler.name} is ready`, timeoutMs: levelMsMax, everyMs: 100 }, () =>
    httpGet(of.head, scheduler.readyUrl),
  );
}

async function jobEnds(
  of: Cluster,
  ids: readonly string[],
): Promise<readonly (readonly [string, number | null])[]> {
  return waitUntil(
    { what: `jobs ${ids.join(' ')} are done`, timeoutMs: levelMsMax, everyMs: 200 },
    async () => {
      const jobs = (await of.jobs()).filter(({ id }) => ids.includes(id));
      if (jobs.length !== ids.length || jobs.some(({ state }) => state !== 'C')) return null;
      return jobs.map(({ id, exitStatus }) => [id, exitStatus] as const);
    },
  );
}

async function givenBack(of: Cluster): Promise<void> {
  await waitUntil({ what: 'all nodes are given back', timeoutMs: levelMsMax, everyMs: 200 }, async () => {
    const [nodes, tasks] = await Promise.all([of.nodes(), of.tasks()]);
    return nodes.every(({ name }) => name === of.head.name) && tasks.live.length === 0;
  });
}

/** The moment when the scheduler began to lead after `sinceMs`. */
async function tookOver(scheduler: FrameworkSide, sinceMs: number, limitMs: number): Promise<number> {
  const line = await waitUntil({ what: `${scheduler.name} leads`, timeoutMs: limitMs, everyMs: 50 }, () =>
    told(scheduler, 'leadership began', sinceMs),
  );
  return line.atMs - sinceMs;
}

/** What `mesos-torque status` prints. */
async function statusAt({ socket }: FrameworkSide): Promise<string> {
  const main = fileURLToPath(new URL('../../scheduler/src/main.ts', import.meta.url));
  const result = await runCommand([process.execPath, main, 'status', '--socket', socket], {
    timeoutMs: 20_000,
    outputBytesMax: 1024 * 1024,
  });
  return result.kind === 'exit' ? result.stdout.toString('utf8') : result.kind;
}

function say(what: string): void {
  process.stderr.write(`[ha] ${what}\n`);
}

describe.skipIf(missing !== null)('with two schedulers, two masters and a real ZooKeeper', () => {
  test(
    'kill -9 of the leader during growth: the standby takes over, nothing is launched twice',
    { timeout: storyMsMax },
    async () => {
      const running = await twoOfAll();
      const second = standby(running);
      const wide = await running.qsub(['-N', 'wide', '-l', 'nodes=2:ppn=2'], 'pbsdsh printenv PBS_NODENUM\n');
      const single = await running.qsub(['-N', 'single', '-l', 'nodes=1'], 'sleep 1\n');
      // An executor that is being fetched from a scheduler fails with it; these are past that.
      await waitUntil({ what: 'both executors have spoken', timeoutMs: levelMsMax }, async () => {
        const { live } = await running.tasks();
        return live.length === 2 && live.every(({ state }) => state !== 'TASK_STAGING');
      });
      const before = (await running.tasks()).live.map(({ id }) => id).sort();

      const killedMs = Date.now();
      running.framework.daemon()?.signal('SIGKILL');
      // Begun is acting: the limit of the promise is the session's time and a second.
      const tookMs = await tookOver(second, killedMs, sessionMs + 1_000);
      expect(tookMs).toBeLessThanOrEqual(sessionMs + 1_000);
      expect(tookMs).toBeGreaterThan(0);
      const subscribed = await waitUntil({ what: 'it is subscribed', timeoutMs: 20_000 }, () =>
        told(second, 'framework subscribed', killedMs),
      );
      say(
        `leader killed: the standby led after ${tookMs} ms (session ${sessionMs} ms), subscribed after ${subscribed.atMs - killedMs} ms`,
      );

      expect(await jobEnds(running, [wide, single])).toEqual([
        [wide, 0],
        [single, 0],
      ]);
      await givenBack(running);
      // The same two tasks, and no third one.
      expect((await running.tasks()).ended.map(({ id }) => id).sort()).toEqual(before);
    },
  );

  test(
    'a leader that is stopped for longer than its session acts no more, and stands again behind',
    { timeout: storyMsMax },
    async () => {
      const running = await twoOfAll();
      const second = standby(running);
      const job = await running.qsub(['-N', 'steady', '-l', 'nodes=1'], 'sleep 20\n');
      await waitUntil({ what: 'the task was launched', timeoutMs: levelMsMax }, async () => {
        return (await running.tasks()).live.length === 1;
      });
      const stoppedMs = Date.now();
      running.framework.daemon()?.signal('SIGSTOP');
      say(`leader stopped: the standby led after ${await tookOver(second, stoppedMs, sessionMs + 1_000)} ms`);
      await ready(running, second);

      const contMs = Date.now();
      running.framework.daemon()?.signal('SIGCONT');
      const ended = await waitUntil({ what: 'the first one knows', timeoutMs: 10_000 }, () =>
        told(running.framework, 'leadership ended', contMs),
      );
      await waitUntil({ what: 'the first one stands by', timeoutMs: levelMsMax }, () =>
        told(running.framework, 'another scheduler leads', contMs),
      );
      say(`woken leader: knew after ${ended.atMs - contMs} ms, because ${ended.why}`);
      const status = await httpGet(running.head, running.framework.readyUrl).catch(String);
      expect(status).toContain('another scheduler leads');
      expect(await statusAt(running.framework)).toContain('another scheduler leads');
      // It has subscribed no more: the second one's subscription was never ended by it.
      expect(await told(running.framework, 'framework subscribed', contMs)).toBeUndefined();
      expect(await told(second, 'Mesos connection lost', contMs)).toBeUndefined();
      expect(await jobEnds(running, [job])).toEqual([[job, 0]]);
      await givenBack(running);

      const termMs = Date.now();
      second.daemon()?.signal('SIGTERM');
      const tookMs = await tookOver(running.framework, termMs, sessionMs);
      say(`leader told to stop: the other one led after ${tookMs} ms`);
      expect(await second.daemon()?.ended).toEqual({ code: 0, signal: null });
    },
  );

  test(
    'the leading master dies: jobs and nodes stay with the next one',
    { timeout: storyMsMax },
    async () => {
      const running = await twoOfAll();
      const job = await running.qsub(['-N', 'long', '-l', 'nodes=2:ppn=1'], 'sleep 25\n');
      await waitUntil({ what: 'the job runs', timeoutMs: levelMsMax, everyMs: 200 }, async () =>
        (await running.jobs()).some(({ state }) => state === 'R'),
      );
      const tasks = (await running.tasks()).live.map(({ id }) => id).sort();
      const nodes = (await running.nodes()).map(({ name }) => name).sort();

      const killedMs = Date.now();
      running.mesos.masters[0]?.signal('SIGKILL');
      const again = await waitUntil(
        { what: 'the framework is with the next master', timeoutMs: levelMsMax },
        () => told(running.framework, 'framework subscribed', killedMs),
      );
      say(`master killed: subscribed at the next one after ${again.atMs - killedMs} ms`);
      await waitUntil({ what: 'the agents are back with their tasks', timeoutMs: levelMsMax }, async () => {
        const { live } = await running.tasks();
        return live.length === 2 && live.every(({ state }) => state === 'TASK_RUNNING');
      });
      expect((await running.tasks()).live.map(({ id }) => id).sort()).toEqual(tasks);
      expect((await running.nodes()).map(({ name }) => name).sort()).toEqual(nodes);
      expect(await jobEnds(running, [job])).toEqual([[job, 0]]);
      await givenBack(running);
    },
  );

  test(
    'ZooKeeper dies and comes back: the leader stops in time, somebody leads again, jobs go on',
    { timeout: storyMsMax },
    async () => {
      const running = await twoOfAll();
      const job = await running.qsub(['-N', 'through', '-l', 'nodes=1'], 'sleep 20\n');
      await waitUntil({ what: 'the job runs', timeoutMs: levelMsMax, everyMs: 200 }, async () =>
        (await running.jobs()).some(({ state }) => state === 'R'),
      );
      const killedMs = Date.now();
      await running.zookeeper?.kill();
      const ended = await waitUntil({ what: 'the leader has stopped', timeoutMs: sessionMs }, () =>
        told(running.framework, 'leadership ended', killedMs),
      );
      say(`ZooKeeper killed: the leader stopped after ${ended.atMs - killedMs} ms, because ${ended.why}`);
      expect(await Promise.all(running.schedulers.map(leadsSince))).toEqual([null, null]);
      // Masters that have lost ZooKeeper end, as the real ones do; whoever supervises them starts them again.
      await waitUntil({ what: 'the masters have ended', timeoutMs: levelMsMax }, () =>
        running.mesos.masters.every((master) => master.exit() !== null),
      );
      const backMs = Date.now();
      await running.zookeeper?.start();
      for (const index of running.mesos.masters.keys()) await running.mesos.startMaster(index);
      const next = await waitUntil({ what: 'one leads again', timeoutMs: levelMsMax }, () => leader(running));
      await ready(running, next);
      say(`ZooKeeper is back: ready after ${Date.now() - backMs} ms`);
      expect(await jobEnds(running, [job])).toEqual([[job, 0]]);
      await givenBack(running);
    },
  );
});
