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

export interface AgentSize {
  readonly cpus: number;
  readonly memMib: number;
  readonly attributes: Readonly<Record<string, string>>;
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
}

export interface Cluster {
  readonly dir: string;
  readonly head: Host;
  readonly agentHosts: readonly Host[];
  readonly torque: TorqueSide;
  readonly mesos: MesosSide;
  readonly framework: FrameworkSide;
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
  const torque = await torqueOf(options, dir, head, agentHosts);
  const mesos = mesosSide({
    kind: options.mesos,
    dir,
    logDir,
    master: head,
    masterPort: ports,
    agents: agentHosts.map((host, index) => agentSpec(options, host, index, ports + 3)),
    executorPath: '/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin',
  });
  const framework = frameworkSide({
    head,
    dir,
    logDir,
    masterAddress: mesos.masterAddress,
    serverName: torque.serverName,
    binDirs: torque.binDirs,
    probeUser: torque.probeUser,
    httpPort: ports + 1,
    momsShareAddress: shared,
    user: os.userInfo().username,
    executorFile: options.executorFile,
    policy: options.policy,
    executor: options.executor ?? {},
  });
  return clusterOf({ dir, head, torque, mesos, framework, network });
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
  return standInTorque({ dir: path.join(dir, 'torque'), logDir: path.join(dir, 'log'), head, agents });
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
  readonly framework: FrameworkSide;
  readonly network: Network;
}

function clusterOf({ dir, head, torque, mesos, framework, network }: Parts): Cluster {
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
    framework,
    async start() {
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
    tasks: async () => tasksIn(await httpGet(head, `http://${mesos.masterAddress}/state`)),
    processes: () => processesOf(dir),
    async stop() {
      await framework.stop();
      await torque.stop();
      await mesos.stop();
    },
    async clear() {
      for (const { pid } of await processesOf(dir)) killQuietly(pid);
      if (network.close !== null) await network.close();
    },
  };
}

function killQuietly(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It ended by itself in the meantime.
  }
}
