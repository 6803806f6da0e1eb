/** A scheduler of the site's own: a command that stays in the foreground, known by the process that we started. */
import type { Argv } from '@mesos-torque/common/run-command.ts';
import type { Daemon } from '../daemon.ts';
import type { StartRecord } from '../start-record.ts';
import { signal } from '../torque-daemons.ts';
import { deletesJobs, speaksForItself, type TorqueScheduler } from './torque-scheduler.ts';

/** Nothing is known of it: it may delete jobs as pbs_sched does, and may write comments. */
export function commandScheduler(argv: Argv | null, started: StartRecord): TorqueScheduler {
  return {
    kind: 'command',
    daemon: argv === null ? null : daemonOf(argv, started),
    deletesJobs: deletesJobs('command'),
    ...speaksForItself,
  };
}

const name = 'scheduler';

function daemonOf(argv: Argv, started: StartRecord): Daemon {
  return {
    name,
    async ask() {
      const pid = await started.running(name);
      return pid === null
        ? { kind: 'not-running', why: `no ${argv[0]} runs that we have started` }
        : { kind: 'running' };
    },
    planStart: () => Promise.resolve({ ok: true, argv }),
    judgeEnd: () => 'failed',
    end: (pid) => {
      signal(pid, 'SIGTERM');
      return Promise.resolve();
    },
    pid: () => started.running(name),
  };
}

/** Jobs are started by hand or by something that we know nothing of; `qrun` is not ours to do. */
export function noScheduler(): TorqueScheduler {
  return { kind: 'none', daemon: null, deletesJobs: deletesJobs('none'), ...speaksForItself };
}
