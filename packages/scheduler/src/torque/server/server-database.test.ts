import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { systemClock, type Clock } from '@mesos-torque/common/clock.ts';
import { lookForDatabase } from './server-database.ts';

/** Time passes at once; `meanwhile` happens between the two looks. */
function quickly(meanwhile: () => Promise<void> = () => Promise.resolve()): Clock {
  return {
    nowMs: () => systemClock.nowMs(),
    after: (_delayMs, then) => {
      void meanwhile().then(then);
      return () => undefined;
    },
  };
}

let home = '';
const inPriv = (...names: string[]): string => path.join(home, 'server_priv', ...names);

beforeEach(async () => {
  home = await mkdtemp(path.join(tmpdir(), 'database-'));
  for (const folder of ['accounting', 'arrays/0', 'jobs/0', 'queues'])
    await mkdir(inPriv(folder), { recursive: true });
  await writeFile(inPriv('nodes'), '## This is the TORQUE server "nodes" file.\n# node np=2\n\n');
});

afterEach(async () => {
  await chmod(inPriv(), 0o755).catch(() => undefined);
  await rm(home, { recursive: true, force: true });
});

test('a fresh installation has none', async () => {
  expect(await lookForDatabase(home, quickly())).toEqual({ kind: 'absent' });
});

test('one that is there is seen', async () => {
  await writeFile(inPriv('serverdb'), '<serverdb/>');
  expect(await lookForDatabase(home, quickly())).toEqual({ kind: 'present' });
});

describe('it is doubtful, and so never wiped,', () => {
  test.each([
    ['when it is empty', 'serverdb', ''],
    ['when only half of it was written', 'serverdb.new', '<serverdb'],
    ['when a job is there', 'jobs/0/7.head.JB', 'x'],
    ['when a queue is there', 'queues/batch', 'x'],
    ['when an array is there', 'arrays/0/9.head.AR', 'x'],
    ['when somebody has written nodes for it', 'nodes', '# mine\nnode1 np=8 gold\n'],
  ])('%s', async (_when, file, text) => {
    await writeFile(inPriv(file), text);
    expect(await lookForDatabase(home, quickly())).toMatchObject({ kind: 'doubtful' });
  });

  test('when the folder is not there, such as a mount that is missing', async () => {
    await rm(inPriv(), { recursive: true });
    expect(await lookForDatabase(home, quickly())).toMatchObject({ kind: 'doubtful' });
  });

  test('when the folder is empty', async () => {
    await rm(inPriv(), { recursive: true });
    await mkdir(inPriv());
    expect(await lookForDatabase(home, quickly())).toMatchObject({ kind: 'doubtful' });
  });

  test('when it appears while we look', async () => {
    const meanwhile = (): Promise<void> => writeFile(inPriv('serverdb'), '<serverdb/>');
    expect(await lookForDatabase(home, quickly(meanwhile))).toMatchObject({ kind: 'doubtful' });
  });

  test.skipIf(process.getuid?.() === 0)('when we may not look (skipped for root, who may)', async () => {
    await chmod(inPriv(), 0o000);
    expect(await lookForDatabase(home, quickly())).toMatchObject({ kind: 'doubtful' });
  });

  test('when its folder cannot be read', async () => {
    await rm(inPriv(), { recursive: true });
    await writeFile(inPriv(), 'no folder');
    expect(await lookForDatabase(home, quickly())).toMatchObject({ kind: 'doubtful' });
  });
});
