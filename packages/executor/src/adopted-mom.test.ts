import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { adoptMom } from './adopted-mom.ts';
import type { MomHome } from './mom-home.ts';

let home: MomHome;
let child: ChildProcess | null = null;

beforeEach(async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'mt-'));
  await mkdir(path.join(folder, 'mom_priv'));
  home = {
    path: folder,
    folder,
    inSandbox: true,
    hostFiles: [],
    mark: 'MESOS_TORQUE_MOM=0123456789abcdef',
    frameworkMark: 'MESOS_TORQUE_FRAMEWORK=1',
  };
});

afterEach(async () => {
  child?.kill('SIGKILL');
  child = null;
  await rm(home.folder, { recursive: true });
});

/** Something that runs, with a lock in its name. */
async function runs(env: Record<string, string>): Promise<number> {
  child = spawn(process.execPath, ['-e', 'console.log(1); setInterval(() => {}, 1000)'], {
    env,
    detached: true,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  await new Promise((resolve) => child?.stdout?.once('data', resolve));
  await lock(`${child.pid}\n\0`);
  return child.pid ?? 0;
}

function lock(text: string): Promise<void> {
  return writeFile(path.join(home.folder, 'mom_priv/mom.lock'), text);
}

describe.runIf(process.platform === 'linux')('a mom found by its lock', () => {
  it('is taken over when it has our mark, and its end is seen', async () => {
    const pid = await runs({ MESOS_TORQUE_MOM: '0123456789abcdef' });
    const mom = await adoptMom(home);
    expect(mom).toMatchObject({ pid, exit: null });
    mom?.signalGroup('SIGKILL');
    expect(await mom?.exited).toEqual({ kind: 'unknown' });
    expect(mom?.exit).toEqual({ kind: 'unknown' });
  });

  it('is left alone when it is another one', async () => {
    await runs({ MESOS_TORQUE_MOM: 'fedcba9876543210' });
    expect(await adoptMom(home)).toBeNull();
  });

  it.each(['', 'nonsense', '1\n\0', '999999999\n\0'])('is none with the lock %j', async (text) => {
    await lock(text);
    expect(await adoptMom(home)).toBeNull();
  });
});
