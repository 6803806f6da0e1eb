/**
 * A whole cluster on one machine: Mesos, TORQUE and the framework, started and ended together. Demo,
 * integration tests and e2e stories stand on it.
 */
import { mkdir, realpath } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { Argv, CommandResult } from '@mesos-torque/common/run-command.ts';
import { jobsIn, nodesIn, tasksIn, type JobSeen, type NodeSeen, type TasksSeen } from './audit.ts';
import { explain, run } from './command.ts';
import { frameworkSide, type FrameworkSide } from './framework-side.ts';
import { localHost, type Host } from './hosts/host.ts';
import { createNetns, type NetnsNetwork } from './hosts/netns-hosts.ts';
import { httpGet } from './http-get.ts';
import { mesosSide, type AgentSpec, type MesosSide } from './mesos-side.ts';
import { freePortRange } from './ports.ts';
import { processesOf, type ProcessInfo } from './processes.ts';
import { realTorque } from './torque-real.ts';
import type { TorqueSide } from './torque-side.ts';
import { standInTorque } from './torque-stand-in.ts';
import type { Settings } from './torque/shared/settings.ts';
import { zooKeeperServer, type ZooKeeperServer } from './zookeeper-server.ts';

export interface AgentSize {
  readonly cpus: number;
  readonly memMib: number;
  readonly attributes: Readonly<Record<string, string>>;
}

/** Several of what a site has one of; a real ZooKeeper, started with the cluster, says which leads. */
export interface HaOptions {
  readonly schedulers: number;
  readonly masters: number;
  /** Of the schedulers' sessions; masters have Mesos' own least of 2 s. Milliseconds. */
  readonly sessionTimeoutMs: number;
}

export interface ClusterOptions {
  /** Everything the cluster writes is below this folder. */
  readonly dir: string;
  readonly agents: readonly AgentSize[];
  readonly torque: 'stand-in' | 'real';
  readonly mesos: 'stand-in' | 'real';
  /** An ordinary user of this machine for the real TORQUE; the stand-in has a user of its own. */
  readonly user: string;
  /** The executor, an executable. */
  readonly executorFile: string;
  /** The policy part of the framework's configuration. */
  readonly policy: Readonly<Record<string, unknown>>;
  /** Further options under `executor:` of the framework's configuration; none if left out. */
  readonly executor?: Readonly<Record<string, unknown>>;
  /** Further options under `torque:` of the framework's configuration; none if left out. */
  readonly frameworkTorque?: Readonly<Record<string, unknown>>;
  /** Further options under `mesos:` of the framework's configuration, the master's address among them; none if left out. */
  readonly frameworkMesos?: Readonly<Record<string, unknown>>;
  /** Further options under `control:` of the framework's configuration; none if left out. */
  readonly frameworkControl?: Readonly<Record<string, unknown>>;
  /** One scheduler and one master if left out. */
  readonly ha?: HaOptions;
  /** How long executors wait for the stand-in of an agent that has gone; 15 min, as with Mesos, if left out. */
  readonly agentRecoveryMs?: number;
  /** Durations of the stand-in TORQUE that are to be other than the real ones. */
  readonly torqueTimes?: Partial<Settings>;
}

export interface Cluster {
  readonly dir: string;
  readonly head: Host;
  readonly agentHosts: readonly Host[];
  readonly torque: TorqueSide;
  readonly mesos: MesosSide;
  /** The first scheduler, or the only one. */
  readonly framework: FrameworkSide;
  readonly schedulers: readonly FrameworkSide[];
  /** Null without `ha`. */
  readonly zookeeper: ZooKeeperServer | null;
  /** Starts Mesos and TORQUE; the framework is started by itself. */
  start(): Promise<void>;
  /** A command on the head, as the cluster's user or administrator. */
  run(who: 'user' | 'admin', argv: Argv, stdin?: string): Promise<CommandResult>;
  /** `qsub`; the id that it printed, or an error with what it said. */
  qsub(args: readonly string[], script: string): Promise<string>;
  jobs(): Promise<readonly JobSeen[]>;
  nodes(): Promise<readonly NodeSeen[]>;
  tasks(): Promise<TasksSeen>;
  processes(): Promise<readonly ProcessInfo[]>;
  /** Ends framework, TORQUE and Mesos in order. What is left then is `processes`. */
  stop(): Promise<void>;
  /** Ends whatever is left, and the hosts. */
  clear(): Promise<void>;
}

const domain = 'mini.example.org';
const portsPerAgent = 20;
const diskMib = 10_000;

export async function createCluster(options: ClusterOptions): Promise<Cluster> {
  await mkdir(options.dir, { recursive: true });
  const dir = await realpath(options.dir);
  const network = await networkOf(options, dir);
  const [head, ...agentHosts] = network.hosts;
  if (head === undefined) throw new Error('a cluster needs a head');
  const logDir = path.join(dir, 'log');
  await mkdir(logDir, { recursive: true });
  const shared = network.close === null;
  const ports = await freePortRange(3 + agentHosts.length * (1 + portsPerAgent));
  const several = await severalOf(options, dir, logDir);
  const torque = await torqueOf(options, dir, head, agentHosts);
  const mesos = mesosSide({
    kind: options.mesos,
    dir,
    logDir,
    master: head,
    masterPorts: [ports, ...several.masterPorts],
    zk: several.zookeeper?.address('/mesos') ?? null,
    zkSessionTimeoutMs: mastersSessionMs,
    agents: agentHosts.map((host, index) => agentSpec(options, host, index, ports + 3)),
    agentRecoveryMs: options.agentRecoveryMs ?? null,
    executorPath: '/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin',
  });
  const framework = {
    head,
    dir,
    logDir,
    masterAddress: mesos.masterAddress,
    serverName: torque.serverName,
    binDirs: torque.binDirs,
    probeUser: torque.probeUser,
    momsShareAddress: shared,
    user: os.userInfo().username,
    executorFile: options.executorFile,
    policy: options.policy,
    executor: options.executor ?? {},
    torque: options.frameworkTorque ?? {},
    mesos: options.frameworkMesos ?? {},
    control: options.frameworkControl ?? {},
    ha: several.ha,
  };
  const first = frameworkSide({ ...framework, name: 'mesos-torque', httpPort: ports + 1 });
  const others = several.schedulerPorts.map((httpPort, index) =>
    frameworkSide({ ...framework, name: `mesos-torque-${String(index + 2)}`, httpPort }),
  );
  const { zookeeper } = several;
  return clusterOf({ dir, head, torque, mesos, schedulers: [first, ...others], zookeeper, network });
}

/** Mesos takes no less than two ticks of ZooKeeper's; the real one asks for 10 s. */
const mastersSessionMs = 2_000;

interface Several {
  readonly zookeeper: ZooKeeperServer | null;
  readonly ha: { readonly zookeeper: string; readonly sessionTimeoutMs: number } | null;
  /** Of those beyond the first. */
  readonly masterPorts: readonly number[];
  readonly schedulerPorts: readonly number[];
}

async function severalOf({ ha }: ClusterOptions, dir: string, logDir: string): Promise<Several> {
  if (ha === undefined) return { zookeeper: null, ha: null, masterPorts: [], schedulerPorts: [] };
  const masters = ha.masters - 1;
  const first = await freePortRange(ha.masters + ha.schedulers);
  const zookeeper = zooKeeperServer(path.join(dir, 'zookeeper'), logDir, first);
  return {
    zookeeper,
    ha: { zookeeper: zookeeper.address('/torque'), sessionTimeoutMs: ha.sessionTimeoutMs },
    masterPorts: Array.from({ length: masters }, (_, index) => first + 1 + index),
    schedulerPorts: Array.from({ length: ha.schedulers - 1 }, (_, index) => first + 1 + masters + index),
  };
}

interface Network {
  readonly hosts: readonly Host[];
  /** Null where the hosts are this machine, which has no end. */
  readonly close: NetnsNetwork['close'] | null;
}

async function networkOf(options: ClusterOptions, dir: string): Promise<Network> {
  const names = ['head', ...options.agents.map((_, index) => `node${String(index + 1)}`)];
  const full = names.map((name) => `${name}.${domain}`);
  if (options.torque === 'stand-in' && options.mesos === 'stand-in') {
    return { hosts: full.map(localHost), close: null };
  }
  return createNetns({
    dir: path.join(dir, 'hosts'),
    names: full,
    spoolSkeleton: options.torque === 'real' ? '/var/spool/torque' : null,
  });
}

function torqueOf(
  options: ClusterOptions,
  dir: string,
  head: Host,
  agents: readonly Host[],
): Promise<TorqueSide> {
  if (options.torque === 'real') {
    return realTorque({ head, logDir: path.join(dir, 'log'), user: options.user });
  }
  const times = options.torqueTimes ?? {};
  return standInTorque({ dir: path.join(dir, 'torque'), logDir: path.join(dir, 'log'), head, agents, times });
}

function agentSpec(options: ClusterOptions, host: Host, index: number, firstPort: number): AgentSpec {
  const size = options.agents[index];
  if (size === undefined) throw new Error(`there is no agent ${String(index + 1)}`);
  const port = firstPort + index * (1 + portsPerAgent);
  return {
    host,
    port,
    cpus: size.cpus,
    memMib: size.memMib,
    diskMib,
    ports: { begin: port + 1, end: port + portsPerAgent },
    attributes: size.attributes,
  };
}

interface Parts {
  readonly dir: string;
  readonly head: Host;
  readonly torque: TorqueSide;
  readonly mesos: MesosSide;
  readonly schedulers: readonly [FrameworkSide, ...FrameworkSide[]];
  readonly zookeeper: ZooKeeperServer | null;
  readonly network: Network;
}

function clusterOf({ dir, head, torque, mesos, schedulers, zookeeper, network }: Parts): Cluster {
  const command: Cluster['run'] = (who, argv, stdin) => run(torque.command(who, argv), stdin);
  const printed = async (argv: Argv): Promise<string> => {
    const result = await command('admin', argv);
    // pbsnodes fails where there are no nodes; what it prints then is nothing, which is the answer.
    if (result.kind === 'exit' && (result.code === 0 || argv[0] === 'pbsnodes'))
      return result.stdout.toString('utf8');
    throw new Error(`${argv.join(' ')}: ${explain(result)}`);
  };
  return {
    dir,
    head,
    agentHosts: network.hosts.slice(1),
    torque,
    mesos,
    framework: schedulers[0],
    schedulers,
    zookeeper,
    async start() {
      await zookeeper?.start();
      await Promise.all([mesos.start(), torque.start()]);
    },
    run: command,
    async qsub(args, script) {
      const result = await command('user', ['qsub', ...args], script);
      if (result.kind === 'exit' && result.code === 0) return result.stdout.toString('utf8').trim();
      throw new Error(`qsub ${args.join(' ')}: ${explain(result)}`);
    },
    jobs: async () => jobsIn(await printed(['qstat', '-f', '-x', '-t'])),
    nodes: async () => nodesIn(await printed(['pbsnodes', '-x'])),
    tasks: async () => tasksIn(await stateOf(head, mesos)),
    processes: () => processesOf(dir),
    async stop() {
      await Promise.all(schedulers.map((scheduler) => scheduler.stop()));
      await torque.stop();
      await mesos.stop();
      await zookeeper?.kill();
    },
    async clear() {
      for (const { pid } of await processesOf(dir)) killQuietly(pid);
      if (network.close !== null) await network.close();
    },
  };
}

/** The leading master's; one that does not lead sends on to it. */
async function stateOf(head: Host, mesos: MesosSide): Promise<string> {
  let last: unknown = null;
  for (const url of mesos.masterUrls) {
    try {
      return await httpGet(head, `${url}/state`);
    } catch (error) {
      last = error;
    }
  }
  throw last;
}

function killQuietly(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It ended by itself in the meantime.
  }
}
