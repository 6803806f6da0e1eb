/** The launcher as MPIs call it, with a pbsdsh that tells what it was given and runs it here. */
import { execFile } from 'node:child_process';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launcherText } from './launcher.ts';

let dir = '';
let launcher = '';
let nodeFile = '';

beforeAll(async () => {
  dir = await mkdtemp(path.join(tmpdir(), "mt launcher's-"));
  launcher = path.join(dir, 'mpi-launch');
  nodeFile = path.join(dir, 'nodes');
  const pbsdsh = path.join(dir, 'pbsdsh');
  await writeFile(pbsdsh, '#!/bin/sh\necho "$1 $2 $3"\nshift 3\nexec "$@"\n');
  await writeFile(launcher, launcherText(pbsdsh));
  for (const file of [pbsdsh, launcher]) await chmod(file, 0o755);
  await writeFile(
    nodeFile,
    ['node10.example.org', 'node1.example.org', 'node1.example.org', 'plain', ''].join('\n'),
  );
});

afterAll(async () => {
  await rm(dir, { recursive: true, force: true });
});

interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

function launch(args: readonly string[], env: Record<string, string> = {}): Promise<Outcome> {
  const all = { PATH: '/usr/bin:/bin', PBS_JOBID: '7.head', PBS_NODEFILE: nodeFile, ...env };
  return new Promise((resolve) => {
    execFile(launcher, args, { env: all }, (error, stdout, stderr) => {
      resolve({
        code: typeof error?.code === 'number' ? error.code : error === null ? 0 : -1,
        stdout,
        stderr,
      });
    });
  });
}

describe('the launcher', () => {
  it('hands the words to a shell over there, joined by blanks, as rsh does', async () => {
    const outcome = await launch([
      'node1.example.org',
      'echo',
      'a  b',
      '"c  d"',
      '$((6*7))',
      "'$HOME'",
      ';',
      'echo',
      'e',
    ]);
    expect(outcome).toEqual({
      code: 0,
      stdout: '-h node1.example.org -o\na b c  d 42 $HOME\ne\n',
      stderr: '',
    });
  });

  it.each([
    ['blanks, quotes and dollars', `it's  "so" $x \`id\` \\ * ? ~ # ! & | < >`],
    ['a line break and a tab', 'one\n\ttwo'],
    ['what looks like an option', '-l root --'],
    ['words in other scripts', 'größe 大'],
  ])('keeps %s that were quoted for the shell', async (_, word) => {
    const quoted = `'${word.replaceAll("'", `'\\''`)}'`;
    const { stdout } = await launch(['node1.example.org', 'printf', '%s', quoted]);
    expect(stdout).toBe(`-h node1.example.org -o\n${word}`);
  });

  it('does not read as its own what belongs to the command', async () => {
    const { stdout } = await launch(['-x', 'node1.example.org', 'printf', '%s.', '-l', 'nobody', '-n', '--']);
    expect(stdout).toBe('-h node1.example.org -o\n-l.nobody.-n.--.');
  });

  it.each([
    [['-x', '-o', 'BatchMode=yes', '-p', '22', 'node1.example.org', 'true']],
    [['-l', userInfo().username, 'node1.example.org', 'true']],
    [['node1.example.org', '-n', '-l', userInfo().username, 'true']],
    [[`${userInfo().username}@node1.example.org`, 'true']],
    [['-x', '--', 'node1.example.org', 'true']],
    [['node1', 'true']],
  ])('takes %j as ssh does', async (args) => {
    expect(await launch(args)).toEqual({ code: 0, stdout: '-h node1.example.org -o\n', stderr: '' });
  });

  it('finds a host without a domain in the file by its whole name', async () => {
    expect(await launch(['plain.example.org', 'true'])).toMatchObject({ code: 0, stdout: '-h plain -o\n' });
  });

  it('ends as the command did', async () => {
    expect(await launch(['node1.example.org', 'exit', '7'])).toMatchObject({ code: 7 });
  });

  it.each([
    [
      ['node9.example.org', 'true'],
      {},
      'node9.example.org is no host of job 7.head; its hosts are: node10.example.org node1.example.org plain',
    ],
    [['-l', 'somebody', 'node1.example.org', 'true'], {}, 'cannot start anything as user somebody'],
    [['node1.example.org'], {}, 'usage:'],
    [[], {}, 'usage:'],
    [['-p'], {}, 'option -p lacks its value'],
    [['node1.example.org', 'true'], { PBS_JOBID: '' }, 'this is no job of TORQUE'],
    [['node1.example.org', 'true'], { PBS_NODEFILE: '/nowhere' }, 'PBS_NODEFILE cannot be read here'],
  ])('refuses %j with %j, saying why', async (args, env, why) => {
    const outcome = await launch(args, env);
    expect(outcome).toMatchObject({ code: 255, stdout: '' });
    expect(outcome.stderr).toContain(`mpi-launch: ${why}`);
  });
});
