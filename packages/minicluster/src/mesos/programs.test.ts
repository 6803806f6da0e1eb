/** Master and agent as programs of their own. */
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { findProcess } from './agent/processes.ts';
import { until } from './testing/raw-client.ts';
import { TestScheduler } from './testing/test-scheduler.ts';

interface Program {
  readonly process: ChildProcess;
  readonly ready: { readonly url: string; readonly port: number };
}

let directory: string;
const started: ChildProcess[] = [];
/** They outlive the programs; a test that fails must not leave them behind. */
const executors: number[] = [];

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'minicluster-'));
});

afterEach(async () => {
  for (const child of started.splice(0)) child.kill('SIGKILL');
  for (const pid of executors.splice(0)) killGroup(pid);
  await rm(directory, { recursive: true, force: true });
});

async function start(program: string, args: readonly string[]): Promise<Program> {
  const path = fileURLToPath(new URL(`./${program}-main.ts`, import.meta.url));
  const child = spawn(process.execPath, [path, ...args], { stdio: ['ignore', 'pipe', 'ignore'] });
  started.push(child);
  let printed = '';
  child.stdout.on('data', (chunk: Buffer) => {
    printed += chunk.toString();
  });
  await until(
    () => `${program} is ready, printed ${printed}`,
    () => printed.includes('\n'),
    20_000,
  );
  const ready = JSON.parse(/^ready (.*)\n/.exec(printed)?.[1] ?? '{}') as Program['ready'];
  return { process: child, ready };
}

function agentArgs(master: Program, port: number): string[] {
  const address = `127.0.0.1:${master.ready.port}`;
  return [
    '--master',
    address,
    '--hostname',
    'node1.example.org',
    '--work-dir',
    directory,
    '--port',
    String(port),
    '--executor-reregistration-timeout-ms',
    '1000',
  ];
}

function killGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It has ended, as it should.
  }
}

function executorOf(status: unknown): number {
  const pid = Number(/"executor_pid":(\d+)/.exec(JSON.stringify(status))?.[1]);
  executors.push(pid);
  return pid;
}

async function ended(child: ChildProcess): Promise<void> {
  await until(
    () => 'the end of a program',
    () => child.exitCode !== null || child.signalCode !== null,
  );
}

test(
  'a task outlives kill -9 of its agent, is taken up by the next one, and ends when that one retires',
  { timeout: 60_000 },
  async () => {
    const master = await start('master', ['--allocation-interval-ms', '100']);
    const first = await start('agent', agentArgs(master, 0));
    const scheduler = await TestScheduler.subscribe(master.ready.url);
    await scheduler.launch('t1', { command: { value: 'sleep 600' } });
    const status = await scheduler.reaches('t1', 'TASK_RUNNING');
    const pid = executorOf(status);

    first.process.kill('SIGKILL');
    await ended(first.process);
    const second = await start('agent', agentArgs(master, first.ready.port));
    // An agent offers again when it is back, and it is the same agent.
    const offer = await scheduler.offer();
    expect(offer.agent_id).toEqual(status.agent_id);
    expect(await findProcess(pid)).not.toBeNull();

    await scheduler.call('KILL', { task_id: { value: 't1' } });
    await scheduler.reaches('t1', 'TASK_KILLED');

    await scheduler.launch('t2', { command: { value: 'sleep 600' } });
    const last = await scheduler.reaches('t2', 'TASK_RUNNING');
    const lastPid = executorOf(last);
    second.process.kill('SIGUSR1');
    await scheduler.reaches('t2', 'TASK_LOST');
    await ended(second.process);
    expect(await findProcess(lastPid)).toBeNull();

    master.process.kill('SIGTERM');
    await ended(master.process);
    expect([second.process.exitCode, master.process.exitCode]).toEqual([0, 0]);
  },
);
