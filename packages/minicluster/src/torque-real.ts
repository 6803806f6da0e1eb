/**
 * The real TORQUE on a host of its own (network namespace, root). Programs are looked up on the PATH;
 * the spool of the host is a private copy, so that an installed TORQUE is not touched.
 */
import { access, mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Argv } from '@mesos-torque/common/run-command.ts';
import { explain, run, succeeded } from './command.ts';
import { startDaemon, type Daemon } from './daemon.ts';
import type { Host } from './hosts/host.ts';
import type { Command } from './command.ts';
import { serverSettings, type TorqueSide } from './torque-side.ts';
import { waitUntil } from './wait-until.ts';

export interface RealTorqueOptions {
  readonly head: Host;
  readonly logDir: string;
  /** An ordinary user of this machine, as whom jobs are submitted; root may not. */
  readonly user: string;
}

const spool = '/var/spool/torque';
const programs = [
  'pbs_server',
  'pbs_sched',
  'pbs_mom',
  'trqauthd',
  'qmgr',
  'qsub',
  'qstat',
  'pbsnodes',
  'momctl',
];
const systemDirs = ['/usr/sbin', '/usr/bin', '/sbin', '/bin'];

/** Folders of the PATH that hold TORQUE's programs; an error names the programs that are missing. */
export async function findRealTorque(pathVariable: string): Promise<readonly string[]> {
  const dirs = pathVariable.split(path.delimiter).filter((dir) => dir !== '');
  const found = await Promise.all(programs.map((program) => firstWith(dirs, program)));
  const missing = programs.filter((_, index) => found[index] === null);
  if (missing.length > 0) {
    throw new Error(
      `--torque real: not on the PATH: ${missing.join(', ')}; add TORQUE's bin and sbin folders to PATH`,
    );
  }
  return [...new Set(found.filter((dir) => dir !== null))];
}

async function firstWith(dirs: readonly string[], program: string): Promise<string | null> {
  for (const dir of dirs) {
    const there = await access(path.join(dir, program)).then(
      () => true,
      () => false,
    );
    if (there) return dir;
  }
  return null;
}

interface Account {
  readonly name: string;
  readonly uid: string;
  readonly gid: string;
  readonly home: string;
}

async function accountOf(user: string): Promise<Account> {
  const passwd = await readFile('/etc/passwd', 'utf8');
  const line = passwd.split('\n').find((entry) => entry.startsWith(`${user}:`));
  const [name, , uid, gid, , home] = line?.split(':') ?? [];
  if (name === undefined || uid === undefined || gid === undefined || home === undefined || uid === '0') {
    throw new Error(`--user ${user}: not an ordinary user of this machine; TORQUE takes no jobs from root`);
  }
  return { name, uid, gid, home };
}

export async function realTorque(options: RealTorqueOptions): Promise<TorqueSide> {
  const binDirs = await findRealTorque(process.env['PATH'] ?? '');
  const account = await accountOf(options.user);
  const daemons: Daemon[] = [];
  const env = { PATH: [...binDirs, ...systemDirs].join(path.delimiter), LANG: 'C.UTF-8' };
  const command = (who: 'user' | 'admin', argv: Argv): Command =>
    who === 'admin'
      ? { host: options.head, argv, env: { ...env, HOME: '/root' }, cwd: '/' }
      : { host: options.head, argv: asUser(account, argv), env: userEnv(env, account), cwd: account.home };
  const daemon = (name: string, argv: Argv): void => {
    daemons.push(startDaemon(options.head, { name, argv, env, cwd: '/', logDir: options.logDir }));
  };
  return {
    kind: 'real',
    serverName: options.head.name,
    binDirs,
    probeUser: account.name,
    command,
    async start() {
      await mkdir(options.logDir, { recursive: true });
      await must(command('admin', ['tee', path.join(spool, 'server_name')]), `${options.head.name}\n`);
      daemon('trqauthd', ['trqauthd', '-D']);
      // The spool is a fresh copy: there is no database yet that -t create could wipe.
      daemon('pbs_server', ['pbs_server', '-D', '-t', 'create', '-f']);
      await waitUntil({ what: 'pbs_server answers', timeoutMs: 15_000, everyMs: 200 }, async () =>
        succeeded(await run(command('admin', ['qmgr', '-c', 'list server']))),
      );
      for (const sentence of serverSettings) await must(command('admin', ['qmgr', '-c', sentence]));
      await must(command('admin', ['pbs_sched']));
    },
    async stop() {
      await run(command('admin', ['pkill', '-x', 'pbs_sched']));
      await run(command('admin', ['qterm', '-t', 'quick']));
      for (const running of daemons) await running.stop(3000);
    },
  };
}

function asUser(account: Account, argv: Argv): Argv {
  return ['setpriv', `--reuid=${account.uid}`, `--regid=${account.gid}`, '--init-groups', '--', ...argv];
}

function userEnv(env: Readonly<Record<string, string>>, account: Account): Record<string, string> {
  return { ...env, HOME: account.home, USER: account.name, LOGNAME: account.name, SHELL: '/bin/bash' };
}

async function must(command: Command, stdin = ''): Promise<void> {
  const result = await run(command, stdin);
  if (!succeeded(result)) throw new Error(`${command.argv.join(' ')}: ${explain(result)}`);
}
