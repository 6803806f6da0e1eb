/**
 * The stock pbs_sched. It has no foreground of its own: it goes into the background, and keeps its process id in
 * `sched_priv/sched.lock`, which it holds locked. A second start ends with 1 and changes nothing.
 */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { livingProcess, processIn } from '../server-life.ts';
import { programIn, signal } from '../torque-daemons.ts';
import type { Asked, Daemon } from '../daemon.ts';
import { deletesJobs, speaksForItself, type TorqueScheduler } from './torque-scheduler.ts';

export interface PbsSchedParts {
  readonly home: string;
  readonly sbinDir: string | null;
  readonly isRoot: boolean;
}

export function pbsSched(parts: PbsSchedParts | null): TorqueScheduler {
  return {
    kind: 'pbs_sched',
    daemon: parts === null ? null : daemonOf(parts),
    deletesJobs: deletesJobs('pbs_sched'),
    ...speaksForItself,
  };
}

function daemonOf({ home, sbinDir, isRoot }: PbsSchedParts): Daemon {
  const lock = path.join(home, 'sched_priv', 'sched.lock');
  const pid = async (): Promise<number | null> => {
    const process = await processIn(lock);
    return process !== null && (await isPbsSched(process.pid)) ? process.pid : null;
  };
  const ask = async (): Promise<Asked> =>
    (await pid()) === null
      ? { kind: 'not-running', why: `${lock} names no running pbs_sched` }
      : { kind: 'running' };
  return {
    name: 'pbs_sched',
    ask,
    planStart: () =>
      Promise.resolve(
        isRoot
          ? { ok: true, argv: [programIn(sbinDir, 'pbs_sched')] }
          : { ok: false, why: 'only root may start it, and we do not run as root: start it yourself' },
      ),
    judgeEnd: (end) => (end.kind === 'exit' && end.code === 0 ? 'went-into-background' : 'failed'),
    async end(known) {
      signal((await pid()) ?? known, 'SIGTERM');
    },
    pid,
  };
}

/** The lock stays behind a killed one, and its number may be another process's after a reboot. */
async function isPbsSched(pid: number): Promise<boolean> {
  if ((await livingProcess(pid)) === null) return false;
  const line = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
  return line.split('\0').some((word) => path.basename(word) === 'pbs_sched');
}
