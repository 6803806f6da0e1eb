/**
 * Keeps trqauthd, pbs_server and the scheduler of TORQUE running, in this order, and ends them in the opposite
 * one where that is wanted. A scheduler that deletes jobs runs only while the server is guarded.
 */
import { sleep, type Clock } from '@mesos-torque/common/clock.ts';
import type { Log } from '@mesos-torque/common/logger.ts';
import type { Random } from '@mesos-torque/common/backoff.ts';
import type { Daemon } from './daemon.ts';
import type { LaunchDaemon } from './launch.ts';
import type { StartRecord } from './start-record.ts';
import { supervise, type Supervised, type SuperviseOptions } from './supervise.ts';

export interface ManageParts {
  readonly trqauthd: Daemon;
  readonly server: Daemon;
  /** Null where none is started. */
  readonly scheduler: Daemon | null;
  /** Whether the scheduler is ended while the server is not guarded. Each is started after the server only. */
  readonly schedulerLeaves: boolean;
  readonly launch: LaunchDaemon;
  readonly started: StartRecord;
  readonly options: SuperviseOptions;
  /** A daemon has come or gone. */
  readonly onChange: () => void;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}

export interface ManagedServer {
  /** Null while all run; else what does not, and what is done about it, each in its sentence. */
  problem(): string | null;
  /** The server is lost: what deletes jobs is kept from it. */
  serverLost(why: string): void;
  /** The server is guarded. */
  serverSafe(): void;
  /** Watches no longer, and leaves what runs. */
  leave(): void;
  /** Ends what we have started, in this life or an earlier one; resolves when it has ended, or did not within the time. */
  end(): Promise<void>;
}

/** How long each may take to end. pbs_server saves its jobs. */
const endTimeMsMax = 30_000;
const lookMs = 100;

export function manageServer(parts: ManageParts): ManagedServer {
  const all: Supervised[] = [];
  // Each needs the one before it: an end or a start of one is a reason to look at the others.
  const onChange = (): void => {
    for (const one of all) one.lookNow();
    parts.onChange();
  };
  const begin = (daemon: Daemon, isPaused: boolean): Supervised => {
    const one = supervise({ ...parts, daemon, onChange, isPaused });
    all.push(one);
    return one;
  };
  begin(parts.trqauthd, false);
  begin(parts.server, false);
  const scheduler = parts.scheduler === null ? null : begin(parts.scheduler, true);
  const leave = (): void => {
    for (const one of all) one.stop();
  };
  return {
    problem() {
      // One may wait for another: the reason is with either.
      const problems = all.map((one) => one.problem()).filter((problem) => problem !== null);
      return problems.length === 0 ? null : problems.join('; ');
    },
    serverLost(why) {
      if (parts.schedulerLeaves) void scheduler?.pause(why);
      onChange();
    },
    serverSafe() {
      scheduler?.resume();
    },
    leave,
    async end() {
      leave();
      if (parts.scheduler !== null) await endOne(parts, parts.scheduler);
      await endOne(parts, parts.server);
      // A server of others goes on, and no client reaches it without trqauthd.
      if ((await parts.server.ask()).kind === 'running')
        parts.log.warn('trqauthd left running, for pbs_server runs');
      else await endOne(parts, parts.trqauthd);
    },
  };
}

async function endOne({ started, clock, log }: ManageParts, daemon: Daemon): Promise<void> {
  const pid = await started.running(daemon.name);
  if (pid === null) return;
  const beganMs = clock.nowMs();
  await daemon.end(pid);
  while ((await started.running(daemon.name)) !== null && clock.nowMs() - beganMs < endTimeMsMax) {
    await sleep(clock, lookMs);
  }
  const hasEnded = (await started.running(daemon.name)) === null;
  if (hasEnded) log.info('daemon stopped', { daemon: daemon.name, pid, tookMs: clock.nowMs() - beganMs });
  else log.error('daemon did not end', { daemon: daemon.name, pid, waitedMs: endTimeMsMax });
}
