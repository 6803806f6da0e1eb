/**
 * The processes of this machine, read from /proc on Linux and from `ps` elsewhere. What cannot be read
 * is left out: it ended meanwhile, or belongs to somebody else.
 */
import { readdir, readFile } from 'node:fs/promises';
import type { RunCommand } from '@mesos-torque/common/run-command.ts';
import type { ProcessesPort } from './ports.ts';
import type { MarkedEntry, ProcessRow } from './processes.ts';

const psTimeoutMs = 5000;
const psBytesMax = 16 * 1024 * 1024;
/** So many are read at the same time: open files are limited. */
const readsAtOnce = 64;

export function processTable(platform: NodeJS.Platform, run: RunCommand): ProcessesPort {
  return {
    list: (mark) => (platform === 'linux' ? listFromProc(mark) : listFromPs(mark, run)),
    signal(pid, signal) {
      try {
        process.kill(pid, signal);
      } catch {
        // It is gone already; one that may not be signalled shows up in the next list.
      }
    },
  };
}

async function listFromProc(mark: MarkedEntry): Promise<readonly ProcessRow[]> {
  const names = await readdir('/proc').catch(() => []);
  const pids = names.filter((name) => /^\d+$/.test(name));
  const rows: ProcessRow[] = [];
  for (let from = 0; from < pids.length; from += readsAtOnce) {
    const some = await Promise.all(pids.slice(from, from + readsAtOnce).map((pid) => readProc(pid, mark)));
    rows.push(...some.filter((row) => row !== null));
  }
  return rows;
}

async function readProc(pid: string, mark: MarkedEntry): Promise<ProcessRow | null> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
    const environ = await readFile(`/proc/${pid}/environ`, 'latin1').catch(() => '');
    return parseProcStat(stat, environ.split('\0').includes(mark));
  } catch {
    return null;
  }
}

/**
 * A line of /proc/PID/stat: `pid (name) state ppid pgrp … starttime …`. The name may hold spaces and
 * brackets, so fields are counted from its last bracket. Null for zombies.
 */
export function parseProcStat(stat: string, marked: boolean): ProcessRow | null {
  const nameEnd = stat.lastIndexOf(')');
  const nameBegin = stat.indexOf('(');
  if (nameBegin < 0 || nameEnd < nameBegin) return null;
  const fields = stat.slice(nameEnd + 2).split(' ');
  const [state, ppid, pgid] = fields;
  const startedAt = fields[19];
  if (state === undefined || ppid === undefined || pgid === undefined || startedAt === undefined) return null;
  if (state === 'Z' || state === 'X') return null;
  return {
    pid: Number(stat.slice(0, nameBegin)),
    ppid: Number(ppid),
    pgid: Number(pgid),
    startedAt,
    marked,
    name: stat.slice(nameBegin + 1, nameEnd),
  };
}

async function listFromPs(mark: MarkedEntry, run: RunCommand): Promise<readonly ProcessRow[]> {
  // -E shows environments after the command line, -ww does not cut them.
  const argv = ['ps', '-axEww', '-o', 'pid=,ppid=,pgid=,stat=,lstart=,command='] as const;
  const result = await run(argv, { timeoutMs: psTimeoutMs, outputBytesMax: psBytesMax });
  return result.kind === 'exit' ? parsePs(result.stdout.toString('utf8'), mark) : [];
}

const psLine =
  /^\s*(?<pid>\d+)\s+(?<ppid>\d+)\s+(?<pgid>\d+)\s+(?<stat>\S+)\s+(?<start>\S+\s+\S+\s+\S+\s+\S+\s+\S+)\s+(?<command>.*)$/;

export function parsePs(text: string, mark: MarkedEntry): readonly ProcessRow[] {
  return text.split('\n').flatMap((line) => {
    const groups = psLine.exec(line)?.groups;
    if (groups?.['stat'] === undefined || groups['stat'].startsWith('Z')) return [];
    const command = groups['command'] ?? '';
    return [
      {
        pid: Number(groups['pid']),
        ppid: Number(groups['ppid']),
        pgid: Number(groups['pgid']),
        startedAt: groups['start'] ?? '',
        marked: command.split(' ').includes(mark),
        name: command.split(' ')[0] ?? '',
      },
    ];
  });
}
