/**
 * A mom that an earlier executor of this sandbox has started and that still runs: found by its lock file,
 * taken over instead of starting a second one, which would only meet the lock and the ports of the first.
 */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { MomExit, MomProcess } from './ports.ts';
import type { MomHome } from './mom-home.ts';
import { parseProcStat } from './process-table.ts';

const lookEveryMs = 500;

/** Null where none runs. The lock of 6.1.3 holds `PID`, a line's end and a zero byte. */
export async function adoptMom(home: MomHome): Promise<MomProcess | null> {
  const lock = await readFile(path.join(home.folder, 'mom_priv/mom.lock'), 'latin1').catch(() => '');
  const pid = Number(/^(\d{1,10})\n/.exec(lock)?.[1] ?? 0);
  if (pid <= 1) return null;
  const identity = await identityOf(pid);
  // A lock that was left behind may name a stranger by now; ours has our mark.
  if (identity === null || !(await carries(pid, home.mark))) return null;
  return watched(pid, identity);
}

async function identityOf(pid: number): Promise<string | null> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  return parseProcStat(stat, false)?.startedAt ?? null;
}

async function carries(pid: number, mark: string): Promise<boolean> {
  const environment = await readFile(`/proc/${pid}/environ`, 'latin1').catch(() => '');
  return environment.split('\0').includes(mark);
}

/** It is no child of ours: that it has ended is seen, how is not. */
function watched(pid: number, identity: string): MomProcess {
  let exit: MomExit | null = null;
  const exited = new Promise<MomExit>((resolve) => {
    const timer = setInterval(() => {
      void identityOf(pid).then((now) => {
        if (now === identity || exit !== null) return;
        clearInterval(timer);
        exit = { kind: 'unknown' };
        resolve(exit);
      });
    }, lookEveryMs);
  });
  return {
    pid,
    get exit() {
      return exit;
    },
    exited,
    lastStderrLines: () => [],
    signalGroup(signal) {
      try {
        process.kill(-pid, signal);
      } catch {
        // It is gone, or leads no group of its own.
      }
    },
  };
}
