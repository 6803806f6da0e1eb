/** The stand-ins of TORQUE: server, scheduler and authentication as daemons, commands for every account. */
import { mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Argv, CommandResult } from '@mesos-torque/common/run-command.ts';
import { explain, succeeded } from '@mesos-torque/minicluster/command.ts';
import { startDaemon, type Daemon as Process } from '@mesos-torque/minicluster/daemon.ts';
import { localHost } from '@mesos-torque/minicluster/hosts/host.ts';
import { serverSettings } from '@mesos-torque/minicluster/torque-side.ts';
import { installTorque } from '@mesos-torque/minicluster/torque/install.ts';
import { waitUntil } from '@mesos-torque/minicluster/wait-until.ts';
import { standInTimes } from '../layout.ts';
import type { Account, Daemon, Machine } from '../site.ts';
import { siteDaemon } from './daemon.ts';

export interface TorqueParts {
  readonly dir: string;
  readonly logDir: string;
  readonly head: string;
  /** Machines whose names resolve. */
  readonly names: readonly string[];
}

export interface LocalTorque {
  readonly serverName: string;
  /** Folders with the commands that act as the account. */
  binDirs(account: Account): readonly string[];
  /** To be called once the head is a machine: its daemons. */
  daemonsOn(head: Machine): TorqueDaemons;
  /** From now on the name resolves, or does not. */
  setResolvable(name: string, isResolvable: boolean): Promise<void>;
}

export interface TorqueDaemons {
  readonly trqauthd: Daemon;
  readonly pbsServer: Daemon;
  readonly pbsSched: Daemon;
  /** Starts all, with a new database, and sets the server up. */
  create(): Promise<void>;
}

const users: readonly Account[] = ['alice', 'bob', 'carol'];
const systemDirs = ['/usr/local/bin', '/usr/bin', '/bin', '/usr/sbin', '/sbin'];
const answerMsMax = 20_000;

export async function localTorque(parts: TorqueParts): Promise<LocalTorque> {
  const installed = await installTorque({
    dir: parts.dir,
    users,
    hosts: Object.fromEntries(parts.names.map((name) => [name, '127.0.0.1'])),
    // Checkouts below /tmp are common; the real pbs_mom refuses to have its home there.
    settings: {
      serverName: parts.head,
      serverPort: 0,
      homeBelowWorldWritable: 'allowed',
      ...standInTimes,
    },
  });
  const submitDir = await qsubAsUser(parts.dir, installed.userBinDir('alice'));
  const binDirs = (account: Account): readonly string[] =>
    account === 'root' ? [submitDir, installed.binDir] : [installed.userBinDir(account)];
  return {
    serverName: installed.serverName,
    binDirs,
    daemonsOn: (head) => torqueDaemons(parts, head),
    async setResolvable(name, isResolvable) {
      const file = path.join(installed.home, 'hosts');
      const lines = (await readFile(file, 'utf8')).split('\n').filter((line) => !line.endsWith(` ${name}`));
      if (isResolvable) lines.unshift(`127.0.0.1 ${name}`);
      await writeFile(file, lines.join('\n'));
    },
  };
}

/** Root may not submit jobs, so the framework, which acts as root, finds a user's qsub first. */
async function qsubAsUser(dir: string, userBinDir: string): Promise<string> {
  const folder = path.join(dir, 'submit-bin');
  await mkdir(folder, { recursive: true });
  await rm(path.join(folder, 'qsub'), { force: true });
  await symlink(path.join(userBinDir, 'qsub'), path.join(folder, 'qsub'));
  return folder;
}

export function pathOf(binDirs: readonly string[]): string {
  return [...binDirs, ...systemDirs].join(path.delimiter);
}

function torqueDaemons(parts: TorqueParts, head: Machine): TorqueDaemons {
  const running = new Map<string, Process>();
  const begin = (name: string, argv: Argv): void => {
    const env = { PATH: pathOf([path.join(parts.dir, 'bin')]), HOME: parts.dir, LANG: 'C.UTF-8' };
    const options = { name, argv, env, cwd: parts.dir, logDir: parts.logDir };
    running.set(name, startDaemon(localHost(parts.head), options));
  };
  const serverAnswers = (): Promise<true> =>
    waitUntil({ what: 'pbs_server answers', timeoutMs: answerMsMax, everyMs: 100 }, async () =>
      succeeded(await head.run(['qmgr', '-c', 'list server'])),
    );
  const daemon = (name: string, start: () => Promise<void>, askToEnd?: () => Promise<void>): Daemon =>
    siteDaemon({
      name,
      machine: head,
      logDir: parts.logDir,
      logName: name,
      current: () => running.get(name) ?? null,
      begin: start,
      ...(askToEnd === undefined ? {} : { askToEnd }),
    });
  const trqauthd = daemon('trqauthd', () => {
    begin('trqauthd', ['trqauthd', '-D']);
    return Promise.resolve();
  });
  const pbsServer = daemon(
    'pbs_server',
    async () => {
      // As an administrator should: with scheduling on and nodect unset, stock pbs_sched deletes large jobs.
      begin('pbs_server', ['pbs_server', '-D', '-a', 'false']);
      await serverAnswers();
    },
    async () => {
      await must(head.run(['qterm', '-t', 'quick']), 'qterm -t quick');
    },
  );
  const pbsSched = daemon('pbs_sched', () => {
    begin('pbs_sched', ['pbs_sched', '-D']);
    return Promise.resolve();
  });
  return {
    trqauthd,
    pbsServer,
    pbsSched,
    async create() {
      await trqauthd.start();
      begin('pbs_server', ['pbs_server', '-D', '-t', 'create', '-f']);
      await serverAnswers();
      for (const sentence of serverSettings)
        await must(head.run(['qmgr', '-c', sentence]), `qmgr -c "${sentence}"`);
      await pbsSched.start();
    },
  };
}

async function must(running: Promise<CommandResult>, what: string): Promise<void> {
  const result = await running;
  if (!succeeded(result)) throw new Error(`${what}: ${explain(result)}`);
}
