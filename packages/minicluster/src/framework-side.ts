/** The framework's scheduler on the head node: the program that a site would start, with a configuration file. */
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { startDaemon, type Daemon, type Ended } from './daemon.ts';
import type { Host } from './hosts/host.ts';

export interface FrameworkOptions {
  /** `mesos-torque`, or another name for each further scheduler: its files are named after it. */
  readonly name: string;
  /** Where several schedulers choose one that leads; null for one alone. */
  readonly ha: { readonly zookeeper: string; readonly sessionTimeoutMs: number } | null;
  readonly head: Host;
  readonly dir: string;
  readonly logDir: string;
  readonly masterAddress: string;
  readonly serverName: string;
  /** Folders with TORQUE's commands, on the head and on the agents. */
  readonly binDirs: readonly string[];
  readonly httpPort: number;
  /** Whether all moms share one address and so need ports of their own. */
  readonly momsShareAddress: boolean;
  /** As whom the framework submits, where it is root. */
  readonly probeUser: string;
  /** The user as whom executors run. */
  readonly user: string;
  /** The executor, an executable. */
  readonly executorFile: string;
  readonly policy: Readonly<Record<string, unknown>>;
  /** Further options under `executor:`. */
  readonly executor: Readonly<Record<string, unknown>>;
  /** Further options under `torque:`. */
  readonly torque: Readonly<Record<string, unknown>>;
  /** Further options under `mesos:`. */
  readonly mesos: Readonly<Record<string, unknown>>;
  /** Further options under `control:`. */
  readonly control: Readonly<Record<string, unknown>>;
}

export interface FrameworkSide {
  readonly name: string;
  readonly stateDir: string;
  /** Its log, JSON lines. */
  readonly logFile: string;
  readonly configFile: string;
  readonly socket: string;
  /** The command line that starts it, for people. */
  readonly commandLine: string;
  /** Answers 200 once the scheduler plans on fresh readings and pbs_server is set up. */
  readonly readyUrl: string;
  readonly daemon: () => Daemon | null;
  start(): Promise<void>;
  /** TERM: it leaves its nodes as they are and ends. */
  stop(): Promise<Ended | null>;
}

const systemDirs = ['/usr/local/bin', '/usr/bin', '/bin', '/usr/sbin', '/sbin'];
const stopGraceMs = 20_000;

export function frameworkSide(options: FrameworkOptions): FrameworkSide {
  const { name } = options;
  const isFirst = name === 'mesos-torque';
  const configFile = path.join(options.dir, `${name}.yaml`);
  const socket = path.join(options.dir, isFirst ? 'control.sock' : `${name}.sock`);
  const stateDir = path.join(options.dir, isFirst ? 'state' : `${name}.state`);
  const main = fileURLToPath(new URL('../../scheduler/src/main.ts', import.meta.url));
  let daemon: Daemon | null = null;
  return {
    name,
    stateDir,
    logFile: path.join(options.logDir, `${name}.err`),
    configFile,
    socket,
    commandLine: `pnpm -s mesos-torque run --config ${configFile}`,
    readyUrl: `http://${options.head.address}:${String(options.httpPort)}/readyz`,
    daemon: () => daemon,
    async start() {
      await mkdir(options.logDir, { recursive: true });
      // JSON is YAML: what is written here is read as any administrator's file.
      await writeFile(configFile, `${JSON.stringify(configuration(options, socket, stateDir), null, 2)}\n`);
      daemon = startDaemon(options.head, {
        name,
        argv: [process.execPath, main, 'run', '--config', configFile],
        env: {
          PATH: [...options.binDirs, ...systemDirs].join(path.delimiter),
          LANG: 'C.UTF-8',
          HOME: options.dir,
        },
        cwd: options.dir,
        logDir: options.logDir,
      });
    },
    async stop() {
      return daemon === null ? null : daemon.stop(stopGraceMs);
    },
  };
}

function configuration(options: FrameworkOptions, socket: string, stateDir: string): Record<string, unknown> {
  const { ha } = options;
  return {
    mesos: { master: options.masterAddress, user: options.user, ...options.mesos },
    // On shared addresses the names of hosts are made up, and no resolver knows them.
    torque: {
      server: options.serverName,
      checkNames: !options.momsShareAddress,
      probeUser: options.probeUser,
      ...options.torque,
    },
    executor: {
      portsFromOffer: options.momsShareAddress,
      file: options.executorFile,
      path: [...options.binDirs, ...systemDirs].join(path.delimiter),
      ...options.executor,
    },
    http: { host: options.head.address, port: options.httpPort, advertise: options.head.address },
    control: { socket, ...options.control },
    stateDir,
    ...(ha === null
      ? {}
      : { ha: { zookeeper: ha.zookeeper, sessionTimeout: `${String(ha.sessionTimeoutMs)}ms` } }),
    policy: options.policy,
  };
}
