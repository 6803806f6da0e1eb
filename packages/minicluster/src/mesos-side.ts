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
  readonly masterPort: number;
  readonly agents: readonly AgentSpec[];
  /** PATH that agents give to executors. */
  readonly executorPath: string;
}

export interface MesosSide {
  /** `host:port` of the master, as frameworks write it. */
  readonly masterAddress: string;
  readonly agents: readonly Daemon[];
  start(): Promise<void>;
  /** Ends the agents with what runs on them, then the master. */
  stop(): Promise<void>;
}

const readyMs = 15_000;
const stopGraceMs = 5_000;

export function mesosSide(options: MesosOptions): MesosSide {
  const masterAddress = `${options.master.address}:${String(options.masterPort)}`;
  const agents: Daemon[] = [];
  let master: Daemon | null = null;
  return {
    masterAddress,
    agents,
    async start() {
      await mkdir(options.logDir, { recursive: true });
      master = startDaemon(options.master, {
        name: 'mesos-master',
        argv: masterArgv(options),
        env: environment(),
        cwd: options.dir,
        logDir: options.logDir,
      });
      await waitReady(options, master, `http://${masterAddress}/health`);
      for (const [index, agent] of options.agents.entries()) {
        agents.push(
          startDaemon(agent.host, {
            name: `mesos-agent-${String(index + 1)}`,
            argv: agentArgv(options, agent, index + 1),
            env: environment(),
            cwd: options.dir,
            logDir: options.logDir,
          }),
        );
      }
      for (const [index, agent] of agents.entries()) {
        const spec = options.agents[index];
        if (spec !== undefined) {
          await waitReady(options, agent, `http://${spec.host.address}:${String(spec.port)}/health`);
        }
      }
    },
    async stop() {
      // USR1: the agent unregisters and ends its executors; TERM would leave them for its return.
      await Promise.all(agents.map((agent) => agent.stop(stopGraceMs, 'SIGUSR1')));
      await master?.stop(stopGraceMs);
    },
  };
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

function masterArgv(options: MesosOptions): Argv {
  const workDir = path.join(options.dir, 'mesos', 'master');
  const port = String(options.masterPort);
  if (options.kind === 'stand-in') {
    return [
      ...standIn('master-main'),
      '--host',
      options.master.address,
      '--port',
      port,
      '--work-dir',
      workDir,
    ];
  }
  return [
    'mesos-master',
    `--ip=${options.master.address}`,
    `--port=${port}`,
    `--hostname=${options.master.name}`,
    '--no-hostname_lookup',
    '--registry=in_memory',
    `--work_dir=${workDir}`,
  ];
}

function agentArgv(options: MesosOptions, agent: AgentSpec, number: number): Argv {
  const workDir = path.join(options.dir, 'mesos', `agent${String(number)}`);
  const attributes = Object.entries(agent.attributes)
    .map(([name, value]) => `${name}:${value}`)
    .join(';');
  const resources = `cpus:${String(agent.cpus)};mem:${String(agent.memMib)};disk:${String(agent.diskMib)};ports:[${String(agent.ports.begin)}-${String(agent.ports.end)}]`;
  const master = `${options.master.address}:${String(options.masterPort)}`;
  const port = String(agent.port);
  if (options.kind === 'stand-in') {
    return [
      ...standIn('agent-main'),
      ...['--master', master, '--host', agent.host.address, '--port', port, '--hostname', agent.host.name],
      ...['--resources', resources, '--attributes', attributes],
      ...['--work-dir', workDir, '--executor-path', options.executorPath],
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
