import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { runCommand } from '@mesos-torque/common/run-command.ts';
import { parseProcStat, parsePs, processTable } from './process-table.ts';

describe('parseProcStat', () => {
  const stat = (name: string, state = 'S'): string =>
    `201 (${name}) ${state} 100 201 201 0 -1 4194560 100 0 0 0 0 0 0 0 20 0 1 0 98765 10000 200 1844\n`;

  it.each(['sleep', 'a b', 'x) R 1 1', '(odd)'])('reads a process called %j', (name) => {
    expect(parseProcStat(stat(name), true)).toEqual({
      pid: 201,
      ppid: 100,
      pgid: 201,
      startedAt: '98765',
      marked: true,
      name,
    });
  });

  it('leaves out what has ended', () => {
    expect(parseProcStat(stat('sleep', 'Z'), false)).toBeNull();
    expect(parseProcStat('', false)).toBeNull();
  });
});

describe('parsePs', () => {
  it('reads lines as ps prints them, with the environment after the command', () => {
    const text = [
      '  201   100   201 S    Sun Nov 22 08:18:09 2026 /bin/sleep 300 MESOS_TORQUE_MOM=1 PBS_JOBID=0',
      '  202     1   202 Ss   Sun Nov 22 08:18:10 2026 /bin/sleep 300 MESOS_TORQUE_MOM=12',
      '  203     1   203 Z    Sun Nov 22 08:18:10 2026 (sleep)',
      '',
    ].join('\n');
    expect(parsePs(text, 'MESOS_TORQUE_MOM=1')).toEqual([
      {
        pid: 201,
        ppid: 100,
        pgid: 201,
        startedAt: 'Sun Nov 22 08:18:09 2026',
        marked: true,
        name: '/bin/sleep',
      },
      {
        pid: 202,
        ppid: 1,
        pgid: 202,
        startedAt: 'Sun Nov 22 08:18:10 2026',
        marked: false,
        name: '/bin/sleep',
      },
    ]);
  });
});

describe('processTable', () => {
  it('finds a process with the mark in its environment, and ends it', async () => {
    const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000); console.log(1)'], {
      env: { MESOS_TORQUE_MOM: 'table-test' },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(child.stdout, 'data');
    const table = processTable(process.platform, runCommand);

    const marked = (await table.list('MESOS_TORQUE_MOM=table-test')).filter((row) => row.marked);
    expect(marked.map(({ pid, ppid }) => ({ pid, ppid }))).toEqual([{ pid: child.pid, ppid: process.pid }]);

    table.signal(child.pid!, 'SIGKILL');
    const [, signal] = (await once(child, 'exit')) as [number | null, string];
    expect(signal).toBe('SIGKILL');
    table.signal(child.pid!, 'SIGKILL');
  });
});
