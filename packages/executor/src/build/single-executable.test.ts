/** The executor as agents run it: one file, on a root file system that has no Node. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, copyFile, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runCommand, type CommandResult } from '@mesos-torque/common/run-command.ts';
import { sayNotChecked } from '@mesos-torque/common/testing/not-checked.ts';
import { AgentServer } from '../testing/agent-server.ts';
import { ordersWith, taskId } from '../testing/fakes.ts';
import { notesOf } from './elf.ts';
import { runtimeFor, type Runtime } from './runtime.ts';
import { executorOptions } from './ship.ts';
import { singleExecutable, type SingleExecutable } from './single-executable.ts';

const root = path.join(import.meta.dirname, '../../../..');
const source = {
  entry: path.join(import.meta.dirname, '../main.ts'),
  nodeOptions: executorOptions,
};
const isLinux = process.platform === 'linux' && (process.arch === 'x64' || process.arch === 'arm64');
const isRoot = process.getuid?.() === 0;
const chroot = 'chroot';
const limits = { timeoutMs: 20_000, outputBytesMax: 1024 * 1024 };

if (!isLinux) sayNotChecked('the executor as one executable', 'these are built for Linux');
else if (!isRoot) sayNotChecked('the executor without Node', 'chroot needs root');

describe.skipIf(!isLinux)(isLinux ? 'on Linux' : 'skipped: single executables are for Linux', () => {
  let dir: string;
  let runtime: Runtime;
  let built: SingleExecutable;
  let program: string;

  beforeAll(async () => {
    dir = await mkdtemp(path.join(tmpdir(), 'mt-sea-'));
    runtime = await runtimeFor(process.arch === 'arm64' ? 'arm64' : 'x64', root);
    built = await singleExecutable(source, runtime, root);
    program = path.join(dir, 'torque-executor');
    await writeFile(program, built.content, { mode: 0o755 });
  });

  afterAll(async () => {
    await rm(dir, { recursive: true, force: true });
  });

  const say = async (args: readonly string[], env: Record<string, string> = {}): Promise<CommandResult> =>
    runCommand([program, ...args], { ...limits, cwd: dir, env });

  test('it runs with nothing in its environment, and knows what it was built from', async () => {
    const result = await say(['--version']);
    expect(result).toMatchObject({ kind: 'exit', code: 0 });
    expect(textOf(result)).toMatch(new RegExp(`^[0-9.]+ ${built.build}\\n$`));
  });

  test('NODE_OPTIONS of the agent is not for it', async () => {
    const result = await say(['--version'], { NODE_OPTIONS: '--require /nowhere.js' });
    expect(result).toMatchObject({ kind: 'exit', code: 0 });
  });

  test('it is smaller than its Node, and its blob is found by the loader', async () => {
    const node = await stat(runtime.file);
    expect(built.content.length).toBeLessThan(node.size);
    expect(notesOf(built.content).get('NODE_SEA_BLOB')?.length).toBeGreaterThan(100_000);
  });

  test('the same input gives the same bytes', async () => {
    const again = await singleExecutable(source, runtime, root);
    expect(again.content.equals(built.content)).toBe(true);
  });

  test.skipIf(!isRoot)(
    isRoot
      ? 'on a root file system without Node it tells TASK_STARTING'
      : 'skipped: chroot needs root: on a root file system without Node it tells TASK_STARTING',
    async () => {
      const newRoot = path.join(dir, 'root');
      await makeRoot(newRoot, program);
      const agent = new AgentServer();
      const executor = spawn(chroot, [newRoot, '/sandbox/torque-executor'], {
        env: {
          PATH: '/usr/sbin:/usr/bin:/sbin:/bin',
          MESOS_AGENT_ENDPOINT: await agent.listen(),
          MESOS_SANDBOX: '/sandbox',
          MESOS_EXECUTOR_ID: 'e1',
          MESOS_FRAMEWORK_ID: 'f1',
        },
        stdio: 'ignore',
      });
      const exited = once(executor, 'exit');
      try {
        await agent.until('the executor has subscribed', () => agent.subscriptions > 0);
        agent.launch(taskId, ordersWith({ path: '/bin' }));
        const { report } = await agent.untilTold('TASK_STARTING');
        expect(report.executor?.build).toBe(built.build);
        agent.kill(taskId, 1000);
        await agent.untilTold('TASK_KILLED');
        expect(await exited).toEqual([0, null]);
      } finally {
        executor.kill('SIGKILL');
        await agent.close();
      }
    },
  );
});

function textOf(result: CommandResult): string {
  return result.kind === 'spawn-failed' ? result.error : result.stdout.toString('utf8');
}

/** The libraries that a Node uses, which are those of the one that runs us, and programs that are never started. */
async function makeRoot(newRoot: string, program: string): Promise<void> {
  for (const folder of ['sandbox', 'bin', 'tmp', 'run', 'etc']) {
    await mkdir(path.join(newRoot, folder), { recursive: true });
  }
  const maps = await readFile('/proc/self/maps', 'utf8');
  const libraries = new Set(maps.match(/\/\S+\/(?:lib|ld-)[^/\s]*\.so[^/\s]*$/gm));
  const loaders = ['/lib64/ld-linux-x86-64.so.2', '/lib/ld-linux-aarch64.so.1'];
  for (const file of [...libraries, ...loaders]) {
    // Asked for as libstdc++.so.6, mapped as libstdc++.so.6.0.30.
    const target = path.join(newRoot, file.replace(/(?<=\.so\.\d+)[.0-9]*$/, ''));
    await mkdir(path.dirname(target), { recursive: true });
    await copyFile(file, target).catch((error: unknown) => {
      if (!loaders.includes(file)) throw error;
    });
  }
  for (const name of ['pbs_mom', 'momctl']) {
    await writeFile(path.join(newRoot, 'bin', name), '');
    await chmod(path.join(newRoot, 'bin', name), 0o755);
  }
  await copyFile(program, path.join(newRoot, 'sandbox/torque-executor'));
}
