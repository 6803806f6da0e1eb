/** A daemon on a container, started as the machine starts it at boot. */
import { connect } from 'node:net';
import { succeeded } from '@mesos-torque/minicluster/command.ts';
import { waitUntil } from '@mesos-torque/minicluster/wait-until.ts';
import { ports } from '../layout.ts';
import type { Daemon } from '../site.ts';
import type { ContainerMachine } from './machine.ts';
import { ofProgram, type ProcessLine } from './processes.ts';

export type DaemonName =
  'trqauthd' | 'pbs_server' | 'pbs_sched' | 'zookeeper' | 'mesos-master' | 'mesos-agent';

const runDaemon = '/opt/mesos-torque/machine/run-daemon';
const startMsMax = 60_000;
const stopMsMax = 30_000;
const connectMsMax = 2_000;
const pbsServerPort = 15_001;

export function containerDaemon(machine: ContainerMachine, name: DaemonName): Daemon {
  const processes = async (): Promise<readonly ProcessLine[]> => daemonIn(await machine.allProcesses(), name);
  const isRunning = async (): Promise<boolean> => (await processes()).length > 0;
  const signal = async (what: NodeJS.Signals): Promise<void> => {
    for (const { pid } of await processes()) await machine.signal(pid, what);
  };
  const ended = (): Promise<true> =>
    waitUntil(
      { what: `${name} on ${machine.name} has ended`, timeoutMs: stopMsMax },
      async () => !(await isRunning()),
    );
  const daemon: Daemon = {
    name,
    machine,
    isRunning,
    async start() {
      if (!(await isRunning())) await machine.begin([runDaemon, name], 'root');
      await daemonAnswers(machine, name);
    },
    async stop() {
      const asked = name === 'pbs_server' && succeeded(await machine.run(['qterm', '-t', 'quick']));
      if (!asked) await signal('SIGTERM');
      await ended();
    },
    async kill() {
      await signal('SIGKILL');
      await ended();
    },
    async restart() {
      await daemon.stop();
      await daemon.start();
    },
    log: async () => (await machine.readFile(`/var/log/site/${name}.log`)) ?? '',
  };
  return daemon;
}

/** Java's command line begins otherwise. */
function daemonIn(lines: readonly ProcessLine[], name: DaemonName): readonly ProcessLine[] {
  if (name !== 'zookeeper') return ofProgram(lines, name);
  return ofProgram(lines, 'java').filter(({ command }) => command.includes('ZooKeeperServerMain'));
}

/** Waits until it does its work: at start and after a boot. */
export async function daemonAnswers(machine: ContainerMachine, name: DaemonName): Promise<void> {
  const { address } = machine;
  const what = `${name} on ${machine.name} answers`;
  await waitUntil({ what, timeoutMs: startMsMax, everyMs: 100 }, async () => {
    switch (name) {
      case 'trqauthd':
      case 'pbs_sched':
        return daemonIn(await machine.allProcesses(), name).length > 0;
      case 'pbs_server':
        return opens(address, pbsServerPort);
      case 'zookeeper':
        return opens(address, ports.zookeeper);
      case 'mesos-master':
        return isHealthy(address, ports.master);
      case 'mesos-agent':
        return isHealthy(address, ports.agent);
    }
  });
}

async function isHealthy(address: string, port: number): Promise<boolean> {
  const answer = await fetch(`http://${address}:${String(port)}/health`, {
    signal: AbortSignal.timeout(connectMsMax),
  });
  await answer.arrayBuffer();
  return answer.ok;
}

function opens(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    const end = (isOpen: boolean): void => {
      socket.destroy();
      resolve(isOpen);
    };
    socket.setTimeout(connectMsMax, () => {
      end(false);
    });
    socket.once('connect', () => {
      end(true);
    });
    socket.once('error', () => {
      end(false);
    });
  });
}
