import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { systemClock, sleep } from '@mesos-torque/common/clock.ts';
import { launcherIn } from './launch.ts';
import { startRecordIn } from './start-record.ts';
import { livingProcess } from './server-life.ts';

let directory = '';
const left: number[] = [];

beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'launch-'));
});

afterEach(async () => {
  for (const pid of left.splice(0)) end(pid);
  await rm(directory, { recursive: true, force: true });
});

function end(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended.
  }
}

const env = { PATH: process.env['PATH'] ?? '' };

test('what a daemon prints goes to a file of its own, and its end is told', async () => {
  const launch = launcherIn(directory);
  const child = launch([process.execPath, '-e', 'console.error("no database"); process.exitCode = 3'], {
    name: 'pbs_server',
    env,
  });
  expect(await child.ended).toEqual({ kind: 'exit', code: 3 });
  expect(child.words().trim()).toBe('no database');
  expect(await readFile(path.join(directory, 'pbs_server.log'), 'utf8')).toContain('no database');
});

test('a program that is not there is told, too', async () => {
  const child = launcherIn(directory)(['/nowhere/pbs_server'], { name: 'pbs_server', env });
  expect(await child.ended).toMatchObject({ kind: 'spawn-failed' });
  expect(child.pid).toBeNull();
});

const canTellBirths = process.platform === 'linux';

test.skipIf(!canTellBirths)(
  'a daemon outlives us, killed with -9, and is known again as ours (skipped where there is no /proc)',
  async () => {
    const module = fileURLToPath(new URL('./launch.ts', import.meta.url));
    const script = `
      const { launcherIn } = await import(${JSON.stringify(module)});
      const child = launcherIn(${JSON.stringify(directory)})([process.execPath, '-e', 'setInterval(() => {}, 1000)'], { name: 'd', env: {} });
      process.stdout.write(String(child.pid));
      setInterval(() => {}, 1000);`;
    const parent = spawn(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const pid = Number(
      await new Promise<string>((resolve) =>
        parent.stdout.once('data', (data: Buffer) => {
          resolve(data.toString());
        }),
      ),
    );
    left.push(pid, parent.pid ?? 0);
    const record = startRecordIn(directory);
    await record.started('d', pid);

    const gone = new Promise((resolve) => parent.once('exit', resolve));
    parent.kill('SIGKILL');
    await gone;
    expect(await livingProcess(pid)).not.toBeNull();
    expect(await startRecordIn(directory).running('d')).toBe(pid);

    end(pid);
    for (let tries = 0; tries < 200 && (await record.running('d')) !== null; tries += 1)
      await sleep(systemClock, 10);
    expect(await record.running('d')).toBeNull();
  },
);
