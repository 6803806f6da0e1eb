/** Master and agents of a mini-cluster: the stand-in or the real Mesos, used in the same way. */
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Argv } from '@mesos-torque/common/run-command.ts';
import { readyLine, startDaemon, type Daemon } from './daemon.ts';
import type { Host } from './hosts/host.ts';
import { waitUntil } from './wait-until.ts';

export interface AgentSpec {
  readonly host: Host;
  /** Port of the agent itself. */
  readonly port: number;
  readonly cpus: number;
  readonly memMib: number;
  readonly diskMib: number;
  /** First and last port that the agent offers. */
  readonly ports: { readonly begin: number; readonly end: number };
  readonly attributes: Readonly<Record<string, string>>;
}

export interface MesosOptions {
  readonly kind: 'stand-in' | 'real';
  readonly dir: string;
  readonly logDir: string;
  readonly master: Host;
  /** One for each master; several need ZooKeeper. */
  readonly masterPorts: readonly [number, ...number[]];
  /** `zk://host:port/path`; null for one master alone. */
  readonly zk: string | null;
  /** How long a dead leader leads on. */
  readonly zkSessionTimeoutMs: number;
  readonly agents: readonly AgentSpec[];
  /** Of the stand-in alone; null for its default. */
  readonly agentRecoveryMs: number | null;
  /** PATH that agents give to executors. */
  readonly executorPath: string;
  /** After how many pings of what length without an answer an agent is unreachable; Mesos' own 5 of 15 s if left out. */
  readonly agentPings?: { readonly timeoutMs: number; readonly count: number };
}

export interface MesosSide {
  /** `host:port` of the master or `zk://…`, as frameworks write it. */
  readonly masterAddress: string;
  /** `http://host:port` of each master. */
  readonly masterUrls: readonly string[];
  readonly masters: readonly Daemon[];
  readonly agents: readonly Daemon[];
  /** Starts it again after its end: number 0 is the first. */
  startMaster(index: number): Promise<void>;
  startAgent(index: number): Promise<void>;
  start(): Promise<void>;
  /** Ends the agents with what runs on them, then the master. */
  stop(): Promise<void>;
}

const readyMs = 15_000;
const stopGraceMs = 5_000;

export function mesosSide(options: MesosOptions): MesosSide {
  const addresses = options.masterPorts.map((port) => `${options.master.address}:${String(port)}`);
  const masterAddress = options.zk ?? `${options.master.address}:${String(options.masterPorts[0])}`;
  const masterUrls = addresses.map((address) => `http://${address}`);
  const agents: Daemon[] = [];
  const masters: Daemon[] = [];

  const startMaster = async (index: number): Promise<void> => {
    const port = options.masterPorts[index];
    if (port === undefined) throw new Error(`there is no master ${String(index + 1)}`);
    const master = startDaemon(options.master, {
      name: index === 0 ? 'mesos-master' : `mesos-master-${String(index + 1)}`,
      argv: masterArgv(options, port, index + 1),
      env: environment(),
      cwd: options.dir,
      logDir: options.logDir,
    });
    masters[index] = master;
    await waitReady(options, master, `http://${options.master.address}:${String(port)}/health`);
  };
  const beginAgent = (index: number): Daemon => {
    const spec = specOf(options, index);
    const agent = startDaemon(spec.host, {
      name: `mesos-agent-${String(index + 1)}`,
      argv: agentArgv(options, masterAddress, spec, index + 1),
      env: environment(),
      cwd: options.dir,
      logDir: options.logDir,
    });
    agents[index] = agent;
    return agent;
  };
  const agentReady = (index: number, agent: Daemon): Promise<void> => {
    const { host, port } = specOf(options, index);
    return waitReady(options, agent, `http://${host.address}:${String(port)}/health`);
  };
  return {
    masterAddress,
    masterUrls,
    masters,
    agents,
    startMaster,
    startAgent: (index) => agentReady(index, beginAgent(index)),
    async start() {
      await mkdir(options.logDir, { recursive: true });
      for (const index of options.masterPorts.keys()) await startMaster(index);
      for (const index of options.agents.keys()) beginAgent(index);
      for (const [index, agent] of agents.entries()) await agentReady(index, agent);
    },
    async stop() {
      // USR1: the agent unregisters and ends its executors; TERM would leave them for its return.
      await Promise.all(agents.map((agent) => agent.stop(stopGraceMs, 'SIGUSR1')));
      await Promise.all(masters.map((master) => master.stop(stopGraceMs)));
    },
  };
}

function specOf(options: MesosOptions, index: number): AgentSpec {
  const spec = options.agents[index];
  if (spec === undefined) throw new Error(`there is no agent ${String(index + 1)}`);
  return spec;
}

/** The stand-in says when it is ready; the real one is asked, where it can be reached from here. */
async function waitReady(options: MesosOptions, daemon: Daemon, healthUrl: string): Promise<void> {
  if (options.kind === 'stand-in') {
    await readyLine(daemon, readyMs);
    return;
  }
  await waitUntil({ what: `${daemon.name} answers at ${healthUrl}`, timeoutMs: readyMs }, async () => {
    const exit = daemon.exit();
    if (exit !== null) throw new Error(`${daemon.name} ended with exit code ${String(exit.code)}`);
    return (await fetch(healthUrl)).ok;
  });
}

function environment(): Record<string, string> {
  return { PATH: process.env['PATH'] ?? '/usr/bin:/bin', LANG: 'C.UTF-8', HOME: process.env['HOME'] ?? '/' };
}

function standIn(program: string): Argv {
  return [process.execPath, fileURLToPath(new URL(`mesos/${program}.ts`, import.meta.url))];
}

function masterArgv(options: MesosOptions, ownPort: number, number: number): Argv {
  const workDir = path.join(options.dir, 'mesos', number === 1 ? 'master' : `master${String(number)}`);
  const port = String(ownPort);
  const timeoutMs = options.zkSessionTimeoutMs;
  if (options.kind === 'stand-in') {
    return [
      ...standIn('master-main'),
      '--host',
      options.master.address,
      '--port',
      port,
      '--work-dir',
      workDir,
      ...(options.zk === null ? [] : [`--zk=${options.zk}`, `--zk-session-timeout-ms=${String(timeoutMs)}`]),
      ...pingFlags(options, 'agent-ping-timeout-ms', 'max-agent-ping-timeouts', ''),
    ];
  }
  return [
    'mesos-master',
    `--ip=${options.master.address}`,
    `--port=${port}`,
    `--hostname=${options.master.name}`,
    '--no-hostname_lookup',
    '--registry=in_memory',
    ...(options.zk === null ? [] : [`--zk=${options.zk}`, `--zk_session_timeout=${String(timeoutMs)}ms`]),
    ...pingFlags(options, 'agent_ping_timeout', 'max_agent_ping_timeouts', 'ms'),
    `--work_dir=${workDir}`,
  ];
}

function pingFlags({ agentPings }: MesosOptions, timeout: string, count: string, unit: string): string[] {
  if (agentPings === undefined) return [];
  return [`--${timeout}=${String(agentPings.timeoutMs)}${unit}`, `--${count}=${String(agentPings.count)}`];
}

function agentArgv(options: MesosOptions, master: string, agent: AgentSpec, number: number): Argv {
  const workDir = path.join(options.dir, 'mesos', `agent${String(number)}`);
  const attributes = Object.entries(agent.attributes)
    .map(([name, value]) => `${name}:${value}`)
    .join(';');
  const resources = `cpus:${String(agent.cpus)};mem:${String(agent.memMib)};disk:${String(agent.diskMib)};ports:[${String(agent.ports.begin)}-${String(agent.ports.end)}]`;
  const port = String(agent.port);
  if (options.kind === 'stand-in') {
    return [
      ...standIn('agent-main'),
      ...['--master', master, '--host', agent.host.address, '--port', port, '--hostname', agent.host.name],
      ...['--resources', resources, '--attributes', attributes],
      ...['--work-dir', workDir, '--executor-path', options.executorPath],
      ...(options.agentRecoveryMs === null ? [] : ['--recovery-timeout-ms', String(options.agentRecoveryMs)]),
    ];
  }
  return [
    'mesos-agent',
    `--master=${master}`,
    `--ip=${agent.host.address}`,
    `--port=${port}`,
    `--hostname=${agent.host.name}`,
    '--no-hostname_lookup',
    `--resources=${resources}`,
    `--attributes=${attributes}`,
    `--work_dir=${workDir}`,
    `--runtime_dir=${workDir}-run`,
    '--launcher=posix',
    '--isolation=posix/cpu,posix/mem',
    '--containerizers=mesos',
    '--no-systemd_enable_support',
    `--executor_environment_variables=${JSON.stringify({ PATH: options.executorPath })}`,
  ];
}
