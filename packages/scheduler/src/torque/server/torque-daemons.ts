/** trqauthd and pbs_server as daemons that can be asked, started and ended. */
import path from 'node:path';
import type { RunCommand } from '@mesos-torque/common/run-command.ts';
import type { Clock } from '@mesos-torque/common/clock.ts';
import { unreachable } from '@mesos-torque/common/units.ts';
import type { Outcome } from '../../loop/ports.ts';
import type { TorqueCommands } from '../torque-commands.ts';
import type { Asked, Daemon, StartPlan } from './daemon.ts';
import { lookForDatabase } from './server-database.ts';
import { processIn } from './server-life.ts';

export interface TorqueDaemonParts {
  readonly commands: TorqueCommands;
  readonly run: RunCommand;
  readonly env: Readonly<Record<string, string>>;
  readonly clock: Clock;
  /** Null: on the PATH. */
  readonly binDir: string | null;
  readonly sbinDir: string | null;
  /** Such as /var/spool/torque. */
  readonly home: string;
  readonly isRoot: boolean;
  readonly createDatabase: boolean;
  /** Before the server ends by our hand. */
  readonly beforeServerEnds: () => Promise<void>;
}

const notRoot: StartPlan = {
  ok: false,
  why: 'only root may start it, and we do not run as root: start it yourself',
};
const qtermTimeMsMax = 30_000;

/** trqauthd of 6.1.3 ends with 252 when one runs already, and with 156 when not started by root. */
export function trqauthd(parts: TorqueDaemonParts): Daemon {
  return {
    name: 'trqauthd',
    ask: async () => (await askBoth(parts.commands)).trqauthd,
    planStart: () =>
      Promise.resolve(
        parts.isRoot ? { ok: true, argv: [programIn(parts.sbinDir, 'trqauthd'), '-D'] } : notRoot,
      ),
    judgeEnd: (end) => (end.kind === 'exit' && end.code === 252 ? 'ran-already' : 'failed'),
    end: (pid) => {
      signal(pid, 'SIGTERM');
      return Promise.resolve();
    },
    pid: () => Promise.resolve(null),
  };
}

/** pbs_server of 6.1.3 ends with 3 when its port is taken, which is how it finds itself running. */
export function pbsServer(parts: TorqueDaemonParts): Daemon {
  const lock = path.join(parts.home, 'server_priv', 'server.lock');
  const pid = async (): Promise<number | null> => (await processIn(lock))?.pid ?? null;
  return {
    name: 'pbs_server',
    ask: async () => (await askBoth(parts.commands)).server,
    planStart: () => (parts.isRoot ? planServer(parts) : Promise.resolve(notRoot)),
    judgeEnd: (end) => (end.kind === 'exit' && end.code === 3 ? 'ran-already' : 'failed'),
    async end(known) {
      await parts.beforeServerEnds();
      const result = await parts.run([programIn(parts.binDir, 'qterm'), '-t', 'quick'], {
        timeoutMs: qtermTimeMsMax,
        outputBytesMax: 65_536,
        env: parts.env,
      });
      if (result.kind !== 'exit' || result.code !== 0) signal(known, 'SIGTERM');
    },
    pid,
  };
}

/**
 * `-D` stays in the foreground (4.2 has no `-F`). `-a false`: no cycle of pbs_sched before the guard has made
 * the server read nodect. `-t create -f` wipes, and is used only where there was nothing, twice.
 */
async function planServer({ home, clock, sbinDir, createDatabase }: TorqueDaemonParts): Promise<StartPlan> {
  const program = programIn(sbinDir, 'pbs_server');
  const database = await lookForDatabase(home, clock);
  switch (database.kind) {
    case 'present':
      return { ok: true, argv: [program, '-D', '-a', 'false'] };
    case 'absent':
      if (createDatabase) return { ok: true, argv: [program, '-D', '-a', 'false', '-t', 'create', '-f'] };
      return { ok: false, why: `${home} has no database and torque.createDatabase is false` };
    case 'doubtful':
      return {
        ok: false,
        why: `${database.why}; a new database would wipe what is left. Restore it, or start pbs_server yourself`,
      };
    default:
      return unreachable(database);
  }
}

interface BothAsked {
  readonly trqauthd: Asked;
  readonly server: Asked;
}

/**
 * One question tells of both. 6.1.3: without trqauthd every client says 15137; without a server, 111
 * (connection refused). Only those two mean "does not run"; a refusal is an answer.
 */
async function askBoth(commands: TorqueCommands): Promise<BothAsked> {
  const answer: Outcome<unknown> = await commands.qmgr('list server');
  const running: Asked = { kind: 'running' };
  if (answer.ok || answer.problem.kind === 'refused') return { trqauthd: running, server: running };
  const why = answer.problem.detail;
  const unknown: Asked = { kind: 'unknown', why };
  if (answer.problem.kind !== 'unreachable') return { trqauthd: unknown, server: unknown };
  if (/\b15137\b/.test(why)) {
    const waits: Asked = { kind: 'unknown', why: 'it cannot be asked while trqauthd is down' };
    return { trqauthd: { kind: 'not-running', why }, server: waits };
  }
  if (/\b111\b|connection refused/i.test(why)) {
    // A client that was told its server does not come as far as trqauthd.
    const waits: Asked = { kind: 'unknown', why: 'it cannot be asked while pbs_server is down' };
    return { trqauthd: waits, server: { kind: 'not-running', why } };
  }
  return { trqauthd: unknown, server: unknown };
}

export function programIn(directory: string | null, program: string): string {
  return directory === null ? program : path.join(directory, program);
}

export function signal(pid: number | null, name: NodeJS.Signals): void {
  if (pid === null || pid <= 1) return;
  try {
    process.kill(pid, name);
  } catch {
    // It has ended already, which is what was wanted.
  }
}
