/**
 * The site on one machine, without containers and without root: every machine is this one under another name, and
 * daemons are processes. Networks cannot be cut here; a machine that is "cut off" is frozen instead.
 */
import { mkdirSync } from 'node:fs';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildExecutor } from '@mesos-torque/minicluster/build-executor.ts';
import { buildMpi } from '@mesos-torque/minicluster/mpi/build.ts';
import { localHost } from '@mesos-torque/minicluster/hosts/host.ts';
import { mesosSide } from '@mesos-torque/minicluster/mesos-side.ts';
import { freePortRange } from '@mesos-torque/minicluster/ports.ts';
import { zooKeeperMissing, zooKeeperServer } from '@mesos-torque/minicluster/zookeeper-server.ts';
import { agents, head, type AgentPlaced } from '../layout.ts';
import type { Capability, Runtime } from '../site.ts';
import { openSite } from './local-site.ts';
import { localTorque } from './torque.ts';

export interface ProcessOptions {
  /** Leaves the cluster running when the site is closed. */
  readonly keep: boolean;
}

const scratch = fileURLToPath(new URL('../../../.mesos-torque/', import.meta.url));
const portsPerAgent = 20;
/** Mesos takes no less than two ticks of ZooKeeper's; the real one asks for 10 s. */
const mastersSessionMs = 2_000;
/** An agent that is away for 9 s is unreachable, not 75 as by default: a story has no time for that. */
const agentPings = { timeoutMs: 3_000, count: 3 };

export function processRuntime(options: ProcessOptions): Runtime {
  return {
    name: 'process',
    missing: () =>
      Promise.resolve(
        process.platform === 'linux' ? null : 'processes are told apart by /proc, which Linux has',
      ),
    async open(say) {
      mkdirSync(scratch, { recursive: true });
      const dir = await mkdtemp(path.join(scratch, 'e2e-'));
      await chmod(dir, 0o755);
      say(`hosts are processes of this machine, below ${dir}`);
      say('all hosts have one address: one that is cut off from the network is frozen instead');
      const executorFile = await buildExecutor(path.join(dir, 'torque-executor'));
      const mpi = await buildMpi('MPICH', path.join(dir, 'mpi')).catch(() => null);
      const withoutZooKeeper = zooKeeperMissing();
      const logDir = path.join(dir, 'log');
      const ports = await freePortRange(5 + agents.length * (1 + portsPerAgent));
      const zookeeper =
        withoutZooKeeper === null ? zooKeeperServer(path.join(dir, 'zookeeper'), logDir, ports) : null;
      const mesos = mesosSide({
        kind: 'stand-in',
        dir,
        logDir,
        master: localHost(head.name),
        masterPorts: zookeeper === null ? [ports + 1] : [ports + 1, ports + 2],
        zk: zookeeper?.address('/mesos') ?? null,
        zkSessionTimeoutMs: mastersSessionMs,
        agents: agents.map((agent, index) => agentSpec(agent, index, ports + 5)),
        agentRecoveryMs: null,
        agentPings,
        executorPath: '/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin',
      });
      const torque = await localTorque({
        dir: path.join(dir, 'torque'),
        logDir,
        head: head.name,
        names: agents.map(({ name }) => name),
      });
      const cannot = {
        ...(withoutZooKeeper === null ? {} : { zookeeper: withoutZooKeeper }),
        ...(mpi === null ? { mpich: 'MPICH (mpicc.mpich, mpiexec.mpich) is not installed here' } : {}),
      } satisfies Partial<Record<Capability, string>>;
      return openSite({
        dir,
        logDir,
        keep: options.keep,
        executorFile,
        mpiProgram: mpi === null ? '' : path.join(mpi.dir, 'hello'),
        zookeeper,
        mesos,
        torque,
        schedulerPorts: [ports + 3, ports + 4],
        cannot,
        removeDir: () => rm(dir, { recursive: true, force: true }),
      });
    },
  };
}

type Spec = Parameters<typeof mesosSide>[0]['agents'][number];

function agentSpec(placed: AgentPlaced, index: number, firstPort: number): Spec {
  const { name, cpus, memMib, diskMib, attributes } = placed;
  const port = firstPort + index * (1 + portsPerAgent);
  return {
    host: localHost(name),
    port,
    cpus,
    memMib,
    diskMib,
    ports: { begin: port + 1, end: port + portsPerAgent },
    attributes,
  };
}
