/** The TORQUE stand-in on this machine, with the durations of the real one. */
import { mkdir, rm, symlink } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { Argv } from '@mesos-torque/common/run-command.ts';
import { explain, run, succeeded, type Command } from './command.ts';
import { startDaemon, type Daemon } from './daemon.ts';
import type { Host } from './hosts/host.ts';
import { installTorque } from './torque/install.ts';
import type { Settings } from './torque/shared/settings.ts';
import { serverSettings, type TorqueSide } from './torque-side.ts';
import { waitUntil } from './wait-until.ts';

export interface StandInOptions {
  readonly dir: string;
  readonly logDir: string;
  readonly head: Host;
  /** Their names resolve; others do not. */
  readonly agents: readonly Host[];
  /** Durations that are to be other than the real ones. */
  readonly times: Partial<Settings>;
}

/** Who submits jobs. The programs run as whoever runs the mini-cluster; this is a name for TORQUE. */
const user = 'alice';
const systemDirs = ['/usr/local/bin', '/usr/bin', '/bin'];
const answerMs = 15_000;
const stopGraceMs = 5_000;

export async function standInTorque(options: StandInOptions): Promise<TorqueSide> {
  const installed = await installTorque({
    dir: options.dir,
    users: [user],
    hosts: Object.fromEntries([options.head, ...options.agents].map(({ name, address }) => [name, address])),
    // Checkouts below /tmp are common; the real pbs_mom refuses to have its home there.
    settings: {
      ...options.times,
      serverName: options.head.name,
      serverPort: 0,
      homeBelowWorldWritable: 'allowed',
    },
  });
  const submitDir = await qsubAsUser(options.dir, installed.userBinDir(user));
  const daemons: Daemon[] = [];
  const pathOf = (binDir: string): string => [binDir, ...systemDirs].join(path.delimiter);
  const command = (who: 'user' | 'admin', argv: Argv): Command => ({
    host: options.head,
    argv,
    env: {
      PATH: pathOf(who === 'user' ? installed.userBinDir(user) : installed.binDir),
      HOME: options.dir,
      LANG: 'C.UTF-8',
    },
    cwd: options.dir,
  });
  const daemon = (name: string, argv: Argv): void => {
    const { env, cwd } = command('admin', argv);
    daemons.push(startDaemon(options.head, { name, argv, env, cwd, logDir: options.logDir }));
  };
  const admin = (argv: Argv): ReturnType<typeof run> => run(command('admin', argv));
  return {
    kind: 'stand-in',
    serverName: installed.serverName,
    binDirs: [submitDir, installed.binDir],
    // Who acts is told by the launcher; the process stays whose it is.
    probeUser: os.userInfo().username,
    command,
    async start() {
      daemon('trqauthd', ['trqauthd', '-D']);
      daemon('pbs_server', ['pbs_server', '-D', '-t', 'create', '-f']);
      await waitUntil({ what: 'pbs_server answers', timeoutMs: answerMs, everyMs: 100 }, async () =>
        succeeded(await admin(['qmgr', '-c', 'list server'])),
      );
      for (const sentence of serverSettings) {
        const result = await admin(['qmgr', '-c', sentence]);
        if (!succeeded(result)) throw new Error(`qmgr -c "${sentence}": ${explain(result)}`);
      }
      daemon('pbs_sched', ['pbs_sched', '-D']);
    },
    async stop() {
      await admin(['qterm', '-t', 'quick']);
      for (const running of daemons.reverse()) await running.stop(stopGraceMs);
    },
  };
}

/** Root may not submit jobs, so the framework, which acts as root, finds the user's qsub first. */
async function qsubAsUser(dir: string, userBinDir: string): Promise<string> {
  const folder = path.join(dir, 'submit-bin');
  await mkdir(folder, { recursive: true });
  await rm(path.join(folder, 'qsub'), { force: true });
  await symlink(path.join(userBinDir, 'qsub'), path.join(folder, 'qsub'));
  return folder;
}
