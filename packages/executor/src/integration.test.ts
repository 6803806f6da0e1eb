/** The executor as its bundle, a process, with an agent over HTTP and small programs for TORQUE's. */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import net from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { runCommand } from '@mesos-torque/common/run-command.ts';
import { bundleExecutor, executorFileName } from './build.ts';
import { markOf } from './mom-home.ts';
import { processTable } from './process-table.ts';
import type { ProcessRow } from './processes.ts';
import { AgentServer } from './testing/agent-server.ts';
import { ordersWith, taskId } from './testing/fakes.ts';
import { waitUntil } from './testing/wait-until.ts';
import { writeFakeTorque } from './testing/fake-torque.ts';

let dir = '';
let bundle = '';

beforeAll(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'mt-'));
  bundle = path.join(dir, executorFileName);
  await bundleExecutor(bundle);
  await writeFakeTorque(dir);
});

afterAll(async () => {
  await rm(dir, { recursive: true, force: true });
});

let agent = new AgentServer();
let sandbox = '';
let executor: ChildProcess | null = null;
let port = 0;
let count = 0;

beforeEach(async () => {
  agent = new AgentServer();
  count += 1;
  sandbox = path.join(dir, `slaves/${'x'.repeat(100)}/runs/${count}`);
  await mkdir(sandbox, { recursive: true });
  await chmod(sandbox, 0o750);
  port = await freePort();
});

afterEach(async () => {
  // Should a story end before its executor: nothing of it may stay behind.
  executor?.kill('SIGKILL');
  for (const { pid } of await marked()) process.kill(pid, 'SIGKILL');
  await agent.close();
});

async function startExecutor(): Promise<void> {
  const endpoint = await agent.listen();
  executor = spawn(process.execPath, [bundle], {
    cwd: sandbox,
    env: {
      PATH: '/usr/bin:/bin',
      MESOS_AGENT_ENDPOINT: endpoint,
      MESOS_CHECKPOINT: '1',
      MESOS_DIRECTORY: sandbox,
      MESOS_SANDBOX: sandbox,
      MESOS_EXECUTOR_ID: 'exec-1',
      MESOS_FRAMEWORK_ID: 'framework-1',
      MESOS_EXECUTOR_SHUTDOWN_GRACE_PERIOD: '3secs',
      MESOS_RECOVERY_TIMEOUT: '15mins',
      MESOS_SUBSCRIPTION_BACKOFF_MAX: '2secs',
      MESOS_EXECUTOR_AUTHENTICATION_TOKEN: 'secret',
    },
    stdio: ['ignore', 'ignore', 'ignore'],
  });
  await agent.until('the executor has subscribed', () => agent.subscriptions > 0);
}

/** Up to a mom that answers. */
async function runMom(momConfigLines: readonly string[] = []): Promise<void> {
  await startExecutor();
  agent.launch(taskId, orders(momConfigLines));
  await agent.untilTold('TASK_STARTING');
  agent.startMom(taskId);
}

function orders(momConfigLines: readonly string[]): ReturnType<typeof ordersWith> {
  return ordersWith({
    momServicePort: port === 65_535 ? 1024 : port + 1,
    momManagerPort: port,
    momConfigLines: [...momConfigLines],
    path: `${dir}:/usr/bin:/bin`,
    healthIntervalMs: 200,
  });
}

async function marked(): Promise<readonly ProcessRow[]> {
  const mark = markOf({ frameworkId: 'framework-1', executorId: 'exec-1', sandbox });
  return (await processTable(process.platform, runCommand).list(mark)).filter((row) => row.marked);
}

async function exitCode(): Promise<number | null> {
  if (executor === null) throw new Error('no executor was started');
  if (executor.exitCode !== null) return executor.exitCode;
  const [code] = (await once(executor, 'exit')) as [number | null];
  return code;
}

async function freePort(): Promise<number> {
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const free = (server.address() as AddressInfo).port;
  server.close();
  return free;
}

describe('the executor as a process', () => {
  it('runs a mom from LAUNCH to KILL and leaves nothing', async () => {
    await runMom();
    const running = await agent.untilTold('TASK_RUNNING');
    expect(running).toMatchObject({ healthy: true });
    expect(running.report).toMatchObject({ nodeName: 'node1.torque.test', momManagerPort: port });
    expect(await marked()).not.toEqual([]);

    agent.kill(taskId, 5000);
    const killed = await agent.untilTold('TASK_KILLED');
    expect(killed.message).toBe('the scheduler ordered it; pbs_mom stopped when asked by momctl');
    expect(await exitCode()).toBe(0);
    expect(await marked()).toEqual([]);
    const log = await readFile(path.join(sandbox, 'torque-home/mom_logs/20261122'), 'utf8');
    expect(log).toContain('MESOS_TORQUE_MOM');
    expect(log).not.toContain('secret');
    expect(log).not.toContain('"HOME"');
  });

  it('tells promptly why a mom could not stay, in its own words', async () => {
    await runMom(['$fake_exit 1 cannot lock mom.lock - another mom running']);
    const failed = await agent.untilTold('TASK_FAILED');
    expect(failed.message).toBe(
      'pbs_mom exited 1; its last words: "cannot lock mom.lock - another mom running"',
    );
    expect(await exitCode()).toBe(0);
  });

  it.each(['plain', 'deaf'])('ends a %s job that has outlived its mom', async (kind) => {
    await runMom([`$fake_job ${kind}`]);
    await agent.untilTold('TASK_RUNNING');
    agent.kill(taskId, 2000);
    const killed = await agent.untilTold('TASK_KILLED');
    expect(killed.message).toMatch(/ended what it left running: \S+ \(\d+\)$/);
    expect(await exitCode()).toBe(0);
    expect(await marked()).toEqual([]);
  });

  it('fails the task when the mom is killed under it, and ends its job', async () => {
    await runMom(['$fake_job plain']);
    await agent.untilTold('TASK_RUNNING');
    const mom = (await marked()).find(({ ppid }) => ppid === executor?.pid);
    process.kill(mom!.pid, 'SIGKILL');
    const failed = await agent.untilTold('TASK_FAILED');
    expect(failed.message).toContain('pbs_mom was ended by SIGKILL');
    expect(failed.message).toContain('ended what it left running');
    expect(await exitCode()).toBe(0);
    expect(await marked()).toEqual([]);
  });

  it('keeps its mom while the agent is away', async () => {
    await runMom();
    await agent.untilTold('TASK_RUNNING');
    const before = await marked();
    agent.cutStream();
    await agent.until('it has subscribed again', () => agent.subscriptions === 2);
    expect(await marked()).toEqual(before);
    agent.kill(taskId, 2000);
    await agent.untilTold('TASK_KILLED');
    expect(await exitCode()).toBe(0);
  });

  it.each([
    [
      'SHUTDOWN',
      () => {
        agent.shutdown();
      },
    ],
    ['SIGTERM', () => executor?.kill('SIGTERM')],
  ])('stops its mom in order on %s', async (_what, order) => {
    await runMom(['$fake_job plain']);
    await agent.untilTold('TASK_RUNNING');
    order();
    await agent.untilTold('TASK_KILLED');
    expect(await exitCode()).toBe(0);
    expect(await marked()).toEqual([]);
  });

  it('leaves no link behind when it is killed before its mom was started', async () => {
    await startExecutor();
    agent.launch(taskId, orders([]));
    const starting = await agent.untilTold('TASK_STARTING');
    const link = /in (?<link>\S+)$/.exec(starting.message)?.groups?.['link'] ?? '';
    expect(link.length).toBeLessThan(sandbox.length);
    expect(await readdir(path.dirname(link))).toContain(path.basename(link));
    agent.kill(taskId, 2000);
    await agent.untilTold('TASK_KILLED');
    expect(await exitCode()).toBe(0);
    expect(await readdir(path.dirname(link))).not.toContain(path.basename(link));
  });

  it.runIf(process.platform === 'linux').each(['plain', 'deaf'])(
    'leaves neither its mom, nor a %s job, nor its link when it is killed itself',
    async (kind) => {
      await runMom([`$fake_job ${kind}`]);
      const starting = await agent.untilTold('TASK_STARTING');
      const link = /in (?<link>\S+)$/.exec(starting.message)?.groups?.['link'] ?? '';
      await agent.untilTold('TASK_RUNNING');
      expect((await marked()).length).toBeGreaterThan(1);
      executor?.kill('SIGKILL');
      await waitUntil('nothing of it is left', async () => (await marked()).length === 0);
      await waitUntil(
        'its link is gone',
        async () => !(await readdir(path.dirname(link))).includes(path.basename(link)),
      );
    },
  );

  it('says what it misses when it is not started by an agent', async () => {
    const result = await runCommand([process.execPath, bundle], {
      timeoutMs: 10_000,
      outputBytesMax: 10_000,
      env: { PATH: '/usr/bin:/bin' },
    });
    expect(result).toMatchObject({ kind: 'exit', code: 2 });
    expect('stderr' in result && result.stderr.toString()).toContain('MESOS_AGENT_ENDPOINT is not set');
  });
});
