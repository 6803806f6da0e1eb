import { spawn, type ChildProcess } from 'node:child_process';
import { afterEach, expect, test } from 'vitest';
import { systemClock } from '@mesos-torque/common/clock.ts';
import { until } from '../testing/raw-client.ts';
import { processTree, membersAmong } from './process-tree.ts';
import { findProcess, listProcesses, parsePs, parseStat, type ProcessEntry } from './processes.ts';

const spawned: ChildProcess[] = [];

afterEach(() => {
  for (const child of spawned.splice(0)) child.kill('SIGKILL');
});

/** Starts a program of its own session that prints the pid of a child, which has a session of its own too. */
async function family(environment: NodeJS.ProcessEnv): Promise<{ parent: number; child: number }> {
  const code = `
    const child = require('child_process').spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { detached: true, stdio: 'ignore' });
    console.log(child.pid);
    setInterval(() => {}, 1000);`;
  const parent = spawn(process.execPath, ['-e', code], {
    detached: true,
    env: environment,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  spawned.push(parent);
  let printed = '';
  parent.stdout.on('data', (chunk: Buffer) => {
    printed += chunk.toString();
  });
  await until(
    () => 'the pid of the child',
    () => printed.endsWith('\n'),
  );
  return { parent: parent.pid!, child: Number(printed) };
}

async function rootOf(pid: number): Promise<{ pid: number; started: string }> {
  return { pid, started: (await findProcess(pid))!.started };
}

test('a container is killed with all its sessions, and its neighbour is left alone', async () => {
  const ours = await family({});
  const neighbour = await family({});
  const tree = processTree(await rootOf(ours.parent), '/nowhere', systemClock);

  const left = await tree.kill();

  expect(left).toBe(0);
  expect(await findProcess(ours.child)).toBeNull();
  expect(await findProcess(neighbour.parent)).not.toBeNull();
  expect(await findProcess(neighbour.child)).not.toBeNull();
  process.kill(neighbour.child, 'SIGKILL');
});

test('who was seen as a child is known when the parent has gone', async () => {
  const { parent, child } = await family({});
  const tree = processTree(await rootOf(parent), '/nowhere', systemClock);
  tree.look(await listProcesses());
  process.kill(parent, 'SIGKILL');
  await until(
    () => 'the end of the parent',
    () => spawned.some((each) => each.signalCode !== null),
  );

  await tree.kill();

  expect(await findProcess(child)).toBeNull();
});

const entry = (pid: number, parent: number, session: number): ProcessEntry => ({
  pid,
  parent,
  session,
  started: 's',
  isZombie: false,
});

test('descendants belong, and who is in a session that a member leads', () => {
  const entries = [
    entry(1, 0, 1),
    entry(900_001, 1, 900_001),
    entry(900_002, 900_001, 900_002),
    entry(900_003, 1, 900_002),
    entry(900_004, 1, 900_004),
  ];

  const members = membersAmong(entries, new Set(['900001/s']), null);

  expect(members.map(({ pid }) => pid)).toEqual([900_001, 900_002, 900_003]);
});

test('a pid that was given to another process is not taken for the old one', () => {
  expect(membersAmong([entry(900_001, 1, 900_001)], new Set(['900001/earlier']), null)).toEqual([]);
});

test('a name with brackets and blanks does not shift the fields of /proc/PID/stat', () => {
  const fields = 'S 10 42 43 0 -1 4194304 1 2 3 4 5 6 7 8 20 0 1 0 987654 100';

  expect(parseStat(`42 (a) b (c) ${fields}`)).toEqual({
    pid: 42,
    parent: 10,
    session: 43,
    started: '987654',
    isZombie: false,
  });
});

test('where ps knows no sessions, each process is its own', () => {
  const text =
    '  7     1      0 Ss   Sun Nov 22 07:00:00 2026\n  8     7      0 Z    Sun Nov 22 07:00:01 2026\n';

  expect(parsePs(text)).toEqual([
    { pid: 7, parent: 1, session: 7, started: 'Sun Nov 22 07:00:00 2026', isZombie: false },
    { pid: 8, parent: 7, session: 8, started: 'Sun Nov 22 07:00:01 2026', isZombie: true },
  ]);
});
