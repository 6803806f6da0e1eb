/** The scheduler as sites run it: one file, nothing of the workspace beside it, nothing in its environment. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runCommand } from '@mesos-torque/common/run-command.ts';
import { sayNotChecked } from '@mesos-torque/common/testing/not-checked.ts';
import { runtimeFor } from './runtime.ts';
import { schedulerOptions } from './ship.ts';
import { singleExecutable } from './single-executable.ts';

const root = path.join(import.meta.dirname, '../../../..');
const source = { entry: path.join(root, 'packages/scheduler/src/main.ts'), nodeOptions: schedulerOptions };
const isLinux = process.platform === 'linux' && (process.arch === 'x64' || process.arch === 'arm64');
const limits = { timeoutMs: 20_000, outputBytesMax: 1024 * 1024 };

interface Said {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

if (!isLinux) sayNotChecked('the scheduler as one executable', 'these are built for Linux');

describe.skipIf(!isLinux)(isLinux ? 'on Linux' : 'skipped: single executables are for Linux', () => {
  let dir: string;
  let program: string;

  beforeAll(async () => {
    dir = await mkdtemp(path.join(tmpdir(), 'mt-sched-'));
    const runtime = await runtimeFor(process.arch === 'arm64' ? 'arm64' : 'x64', root);
    const { content } = await singleExecutable(source, runtime, root);
    program = path.join(dir, 'mesos-torque');
    await writeFile(program, content, { mode: 0o755 });
  }, 60_000);

  afterAll(async () => {
    await rm(dir, { recursive: true, force: true });
  });

  async function say(...args: readonly string[]): Promise<Said> {
    const result = await runCommand([program, ...args], { ...limits, cwd: dir, env: {} });
    if (result.kind !== 'exit') throw new Error(`${args.join(' ')}: ${result.kind}`);
    return { code: result.code, out: result.stdout.toString('utf8'), err: result.stderr.toString('utf8') };
  }

  test('it knows its version and helps with each of its commands', async () => {
    expect((await say('version')).out).toMatch(/^[0-9]+\.[0-9]+\.[0-9]+\b/);
    const commands = [...(await say('--help')).out.matchAll(/^ {2}([a-z]+) (?=[ [<])/gm)].map(
      ([, name]) => name,
    );
    expect(commands.length).toBeGreaterThan(15);
    for (const command of commands) {
      const help = await say(command ?? '', '--help');
      expect({ command, code: help.code, err: help.err }).toEqual({ command, code: 0, err: '' });
    }
  }, 60_000);

  test('a command without a scheduler says where none answers', async () => {
    const status = await say('status', '--socket', path.join(dir, 'none'));
    expect(status.code).not.toBe(0);
    expect(status.err).toContain(path.join(dir, 'none'));
  });

  test('it serves its API, without a master and without TORQUE, and ends when asked to', async () => {
    const socket = path.join(dir, 'control.sock');
    const settings = {
      mesos: { master: '127.0.0.1:9' },
      torque: { mode: 'attach', server: 'localhost' },
      http: { host: '127.0.0.1', port: 0 },
      control: { socket },
      executor: { uri: 'http://127.0.0.1:9/torque-executor.tar.gz' },
      stateDir: path.join(dir, 'state'),
      policy: { safeAllocation: { cpus: 4 } },
    };
    const file = path.join(dir, 'mesos-torque.yaml');
    await writeFile(file, JSON.stringify(settings));
    expect(await say('config', '--config', file)).toMatchObject({ code: 0, err: '' });
    const scheduler = spawn(program, ['run', '--config', file], { cwd: dir, env: {}, stdio: 'ignore' });
    const ended = once(scheduler, 'exit');
    try {
      await expect
        .poll(() => say('status', '--socket', socket), { timeout: 15_000 })
        .toMatchObject({ code: 0 });
      const status = JSON.parse((await say('status', '--json', '--socket', socket)).out) as object;
      expect(status).toMatchObject({ not_ready_why: 'not connected to Mesos' });
      expect((await say('jobs', '--socket', socket)).code).toBe(0);
      // A Node that takes this signal opens its inspector.
      scheduler.kill('SIGUSR1');
      expect((await say('status', '--socket', socket)).code).toBe(0);
      const opened = (await readFile(`/proc/${String(scheduler.pid)}/net/tcp`, 'utf8')).includes(':240D ');
      expect(opened).toBe(false);
      scheduler.kill('SIGTERM');
      expect(await ended).toEqual([0, null]);
    } finally {
      scheduler.kill('SIGKILL');
    }
  }, 60_000);
});
