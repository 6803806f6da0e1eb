import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmod, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { sayNotChecked } from '@mesos-torque/common/testing/not-checked.ts';
import { notVerifiedExits, notVerifiedWords } from './loop/launch-trouble.ts';
import { verifiedProgram } from './verified-executor.ts';

// The command is run as an agent runs it: its value executed with its arguments, in the sandbox.

const program = '#!/bin/sh\necho "it runs as $0 with $#"\n';
let sandbox = '';

beforeEach(async () => {
  sandbox = await mkdtemp(path.join(os.tmpdir(), 'verified-'));
});
afterEach(() => rm(sandbox, { recursive: true }));

interface Ran {
  readonly status: number | null;
  readonly out: string;
  readonly said: string;
}

function run(isArchive: boolean, sums: readonly string[], PATH = '/usr/bin:/bin'): Ran {
  const { command } = verifiedProgram(
    { value: 'http://head/x', cache: true },
    'torque-executor',
    isArchive,
    sums,
  );
  const [argv0, ...args] = command.arguments;
  const ran = spawnSync(command.value, args, {
    argv0: argv0!,
    cwd: sandbox,
    env: { PATH },
    encoding: 'utf8',
  });
  return { status: ran.status, out: ran.stdout, said: ran.stderr };
}

function sumOf(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}

async function fetched(name: string, content: string | Uint8Array): Promise<string> {
  await writeFile(path.join(sandbox, name), content, { mode: 0o755 });
  return sumOf(content);
}

/** An archive with the program in it, as the fetcher leaves it. */
async function fetchedArchive(): Promise<{ readonly sum: string; readonly content: Buffer }> {
  const folder = path.join(sandbox, 'made');
  await mkdir(folder);
  await writeFile(path.join(folder, 'torque-executor'), program, { mode: 0o755 });
  const archive = path.join(sandbox, 'torque-executor.archive');
  expect(spawnSync('tar', ['-czf', archive, '-C', folder, 'torque-executor']).status).toBe(0);
  const content = await readFile(archive);
  return { sum: sumOf(content), content };
}

describe('an executable', () => {
  test('of the right checksum runs, in the place of the shell', async () => {
    const sum = await fetched('torque-executor', program);
    expect(run(false, ['0'.repeat(64), sum])).toEqual({
      status: 0,
      out: 'it runs as ./torque-executor with 0\n',
      said: '',
    });
  });

  test('of another checksum does not, and both are said', async () => {
    const sum = await fetched('torque-executor', program);
    const wanted = sumOf('another');
    const ran = run(false, [wanted]);
    expect(ran).toMatchObject({ status: notVerifiedExits.otherFile, out: '' });
    expect(ran.said).toContain(`torque-executor has sha256 ${sum}, which is not ${wanted}`);
  });

  test('that was not fetched at all does not', () => {
    expect(run(false, [sumOf('')])).toMatchObject({ status: notVerifiedExits.otherFile, out: '' });
  });

  test('is not run where nothing can verify it', async () => {
    const sum = await fetched('torque-executor', program);
    const ran = run(false, [sum], '/nonexistent');
    expect(ran).toMatchObject({ status: notVerifiedExits.noProgram, out: '' });
    expect(ran.said).toContain('there is no sha256sum on this agent');
  });
});

describe('an archive', () => {
  test('of the right checksum is unpacked and run', async () => {
    const { sum } = await fetchedArchive();
    expect(run(true, [sum])).toMatchObject({ status: 0, out: 'it runs as ./torque-executor with 0\n' });
  });

  test('that was cut is not even unpacked', async () => {
    const { sum, content } = await fetchedArchive();
    await writeFile(path.join(sandbox, 'torque-executor.archive'), content.subarray(0, -1));
    expect(run(true, [sum])).toMatchObject({ status: notVerifiedExits.otherFile, out: '' });
    await expect(readFile(path.join(sandbox, 'torque-executor'))).rejects.toThrow('ENOENT');
  });

  test('of which tar makes nothing is said to be that', async () => {
    const sum = await fetched('torque-executor.archive', 'no archive');
    expect(run(true, [sum])).toMatchObject({ status: notVerifiedExits.notUnpacked, out: '' });
  });

  test('is not unpacked where there is no tar', async (context) => {
    if (spawnSync('sh', ['-c', 'command -v sha256sum']).status !== 0) {
      sayNotChecked('an agent without tar', 'there is no sha256sum here (coreutils)');
      context.skip();
    }
    const { sum } = await fetchedArchive();
    const bin = path.join(sandbox, 'bin');
    await mkdir(bin);
    const tool = spawnSync('sh', ['-c', 'command -v sha256sum'], { encoding: 'utf8' }).stdout.trim();
    await symlink(tool, path.join(bin, 'sha256sum'));
    await chmod(bin, 0o755);
    const ran = run(true, [sum], bin);
    expect(ran).toMatchObject({ status: notVerifiedExits.noProgram, out: '' });
    expect(ran.said).toContain('there is no tar');
  });
});

test('whatever is in address, name or checksum, the text that the shell reads is the same', () => {
  const textOf = (value: string, name: string, sums: readonly string[]): string | undefined =>
    verifiedProgram({ value, cache: true }, name, true, sums).command.arguments[2];
  const usual = textOf('http://head/x', 'torque-executor', ['a'.repeat(64)]);
  fc.assert(
    fc.property(fc.string(), fc.string(), fc.array(fc.string()), (value, name, sums) => {
      expect(textOf(value, name, sums)).toBe(usual);
    }),
  );
});

test.each([
  [65 << 8, 'another file'],
  [69 << 8, 'no sha256sum'],
  [73 << 8, 'could not unpack'],
])('wait status %d is explained', (waitStatus, words) => {
  expect(notVerifiedWords(waitStatus)).toContain(words);
});

test.each([[null], [0], [9], [256], [35_072]])('wait status %s is not ours to explain', (waitStatus) => {
  expect(notVerifiedWords(waitStatus)).toBeNull();
});
