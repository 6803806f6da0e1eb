/** The system's table of processes: from /proc on Linux, from ps elsewhere. */
import { readdirSync, readFileSync } from 'node:fs';
import { runCommand } from '@mesos-torque/common/run-command.ts';

export interface ProcessEntry {
  readonly pid: number;
  readonly parent: number;
  readonly session: number;
  /** Tells two processes apart that had the same pid one after the other. */
  readonly started: string;
  readonly isZombie: boolean;
}

export async function listProcesses(): Promise<ProcessEntry[]> {
  return process.platform === 'linux' ? listProc() : listPs();
}

/** The process with this pid as it is now; null when there is none. */
export async function findProcess(pid: number): Promise<ProcessEntry | null> {
  const entry =
    process.platform === 'linux'
      ? readStat(pid)
      : ((await listPs()).find((each) => each.pid === pid) ?? null);
  return entry === null || entry.isZombie ? null : entry;
}

function listProc(): ProcessEntry[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => readStat(Number(name)) ?? []);
}

function readStat(pid: number): ProcessEntry | null {
  try {
    return parseStat(readFileSync(`/proc/${pid}/stat`, 'latin1'));
  } catch {
    return null;
  }
}

/** `123 (a name) S 1 123 123 …`: the name may hold blanks and brackets, so the fields count from its last bracket. */
export function parseStat(text: string): ProcessEntry | null {
  const pid = Number(/^(\d+) \(/.exec(text)?.[1]);
  const [state, parent, , session, ...rest] = text
    .slice(text.lastIndexOf(')') + 2)
    .trim()
    .split(' ');
  const started = rest[15];
  if (Number.isNaN(pid) || parent === undefined || session === undefined || started === undefined)
    return null;
  return {
    pid,
    parent: Number(parent),
    session: Number(session),
    started,
    isZombie: state === 'Z' || state === 'X',
  };
}

async function listPs(): Promise<ProcessEntry[]> {
  const result = await runCommand(['ps', '-axo', 'pid=,ppid=,sess=,stat=,lstart='], {
    timeoutMs: 5_000,
    outputBytesMax: 8 * 1024 * 1024,
  });
  return result.kind === 'exit' && result.code === 0 ? parsePs(result.stdout.toString('utf8')) : [];
}

/** Where ps knows no session numbers (it prints 0), a process is its own session. */
export function parsePs(text: string): ProcessEntry[] {
  return text.split('\n').flatMap((line) => {
    const match = /^\s*(\d+)\s+(\d+)\s+(\S+)\s+(\S+)\s+(.+)$/.exec(line);
    if (match === null) return [];
    const [, pid = '', parent = '', session = '', state = '', started = ''] = match;
    const known = /^[1-9]\d*$/.test(session);
    return [
      {
        pid: Number(pid),
        parent: Number(parent),
        session: known ? Number(session) : Number(pid),
        started: started.trim(),
        isZombie: state.startsWith('Z'),
      },
    ];
  });
}

/** Whether a process was started with this line in its environment; false where that cannot be read. */
export function hasInEnvironment(pid: number, line: string): boolean {
  if (process.platform !== 'linux') return false;
  try {
    return `\0${readFileSync(`/proc/${pid}/environ`, 'latin1')}`.includes(`\0${line}\0`);
  } catch {
    return false;
  }
}
