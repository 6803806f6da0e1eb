/** The site whose machines are this one: joins Mesos, TORQUE and our schedulers into what stories see. */
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { explain, succeeded } from '@mesos-torque/minicluster/command.ts';
import type { MesosSide } from '@mesos-torque/minicluster/mesos-side.ts';
import type { ZooKeeperServer } from '@mesos-torque/minicluster/zookeeper-server.ts';
import { waitUntil } from '@mesos-torque/minicluster/wait-until.ts';
import * as layout from '../layout.ts';
import type {
  Account,
  AgentMachine,
  Capability,
  Daemon,
  Machine,
  MasterMachine,
  Scheduler,
  Site,
} from '../site.ts';
import { collect } from './collect.ts';
import { siteDaemon } from './daemon.ts';
import { localMachine } from './machine.ts';
import { ownedProcesses, type Marks, type OwnedProcess } from './owned-processes.ts';
import { reset } from './reset.ts';
import { localScheduler } from './scheduler.ts';
import { pathOf, type LocalTorque } from './torque.ts';

export interface SiteParts {
  readonly dir: string;
  readonly logDir: string;
  readonly keep: boolean;
  readonly executorFile: string;
  readonly mpiProgram: string;
  /** Null where none is installed. */
  readonly zookeeper: ZooKeeperServer | null;
  readonly mesos: MesosSide;
  readonly torque: LocalTorque;
  readonly schedulerPorts: readonly [number, number];
  readonly cannot: Readonly<Partial<Record<Capability, string>>>;
  removeDir(): Promise<void>;
}

const agentsBackMsMax = 30_000;

/** Starts everything but our schedulers. */
export async function openSite(parts: SiteParts): Promise<Site> {
  const { dir, logDir, mesos, torque, zookeeper } = parts;
  await mkdir(logDir, { recursive: true });
  const environmentOf = (account: Account): Record<string, string> => ({
    PATH: pathOf(torque.binDirs(account)),
    HOME: dir,
    LANG: 'C.UTF-8',
  });
  const owned = (): Promise<readonly OwnedProcess[]> => ownedProcesses(dir, marksOf(dir), layout.head.name);
  const machine = (name: string, boot: (() => Promise<void>) | null): Machine =>
    localMachine({ name, environmentOf, cwd: dir, owned, boot });
  const head = machine(layout.head.name, null);
  const masters = [0, 1].map((index) =>
    masterMachine(parts, machine(layout.masters[index]?.name ?? '', null), index),
  );
  const agents = layout.agents.map(({ name }, index) =>
    agentMachine(
      parts,
      machine(name, () => mesos.startAgent(index)),
      index,
    ),
  );
  const daemons = torque.daemonsOn(head);
  await zookeeper?.start();
  await Promise.all([mesos.start(), daemons.create()]);
  let story = 'before';
  const scheduler = (name: Scheduler['name'], port: number): Scheduler =>
    localScheduler({
      name,
      dir,
      head,
      port,
      storyDir: () => path.join(dir, 'stories', story),
      masterAddress: mesos.masterAddress,
      serverName: torque.serverName,
      executorFile: parts.executorFile,
      environmentOf,
    });
  const [first, second] = parts.schedulerPorts;
  const site: Site = {
    runtime: 'process',
    programs: { mesos: { kind: 'stand-in' }, torque: { kind: 'stand-in' } },
    head,
    client: head,
    zookeeper: head,
    masters: pair(masters),
    agents: four(agents),
    machines: [head, ...masters, ...agents],
    ...{ trqauthd: daemons.trqauthd, pbsServer: daemons.pbsServer, pbsSched: daemons.pbsSched },
    zooKeeper: zooKeeperDaemon(parts, head),
    schedulers: { first: scheduler('first', first), second: scheduler('second', second) },
    cannot: (capability) => parts.cannot[capability] ?? null,
    // Each story begins without what an earlier one has kept there.
    get zookeeperAddress() {
      return zookeeper?.address(`/torque-${story}`) ?? '';
    },
    mpiProgram: parts.mpiProgram,
    async qsub(user, args, script) {
      const result = await head.run(['qsub', ...args], { as: user, stdin: script });
      if (result.kind === 'exit' && result.code === 0) return result.stdout.toString('utf8').trim();
      throw new Error(`qsub ${args.join(' ')}: ${explain(result)}`);
    },
    async admin(argv, stdin) {
      const result = await head.run(argv, stdin === undefined ? {} : { stdin });
      if (result.kind === 'exit' && result.code === 0) return result.stdout.toString('utf8');
      throw new Error(`${argv.join(' ')}: ${explain(result)}`);
    },
    forget: ({ name }) => torque.setResolvable(name, false),
    remember: ({ name }) => torque.setResolvable(name, true),
    begin(name) {
      story = name;
      return Promise.resolve();
    },
    reset: () => reset(site),
    collect: (folder) => collect(site, { dir, logDir, storyDir: path.join(dir, 'stories', story) }, folder),
    async close() {
      if (parts.keep) return;
      await reset(site);
      await daemons.pbsServer.stop();
      await Promise.all([daemons.pbsSched.stop(), daemons.trqauthd.stop()]);
      await mesos.stop();
      await zookeeper?.kill();
      for (const { pid } of await owned()) killQuietly(pid);
      await parts.removeDir();
    },
  };
  await agentsJoined(site);
  return site;
}

/** The folders of the agents and masters, and what jobs have in their environment. */
function marksOf(dir: string): readonly Marks[] {
  const agents = layout.agents.map(({ name }, index) => ({
    machine: name,
    texts: [path.join(dir, 'mesos', `agent${String(index + 1)}`), `\0HOSTNAME=${name}\0`],
  }));
  const masters = layout.masters.map(({ name }, index) => ({
    machine: name,
    texts: [path.join(dir, 'mesos', index === 0 ? 'master ' : `master${String(index + 1)}`)],
  }));
  return [...agents, ...masters];
}

function masterMachine({ mesos, logDir }: SiteParts, machine: Machine, index: number): MasterMachine {
  // Where there is one master alone, it is the second one, too.
  const own = Math.min(index, mesos.masterUrls.length - 1);
  const master = siteDaemon({
    name: 'mesos-master',
    machine,
    logDir,
    logName: own === 0 ? 'mesos-master' : `mesos-master-${String(own + 1)}`,
    current: () => mesos.masters[own] ?? null,
    begin: () => mesos.startMaster(own),
  });
  return { ...machine, master, url: mesos.masterUrls[own] ?? '' };
}

function agentMachine({ mesos, logDir }: SiteParts, machine: Machine, index: number): AgentMachine {
  const size = layout.agents[index];
  if (size === undefined) throw new Error(`there is no agent ${String(index + 1)}`);
  const agent = siteDaemon({
    name: 'mesos-agent',
    machine,
    logDir,
    logName: `mesos-agent-${String(index + 1)}`,
    current: () => mesos.agents[index] ?? null,
    begin: () => mesos.startAgent(index),
  });
  const { cpus, memMib, attributes } = size;
  return { ...machine, agent, cpus, memMib, attributes };
}

function zooKeeperDaemon({ zookeeper, logDir }: SiteParts, machine: Machine): Daemon {
  let isUp = zookeeper !== null;
  const start = async (): Promise<void> => {
    if (!isUp) await zookeeper?.start();
    isUp = zookeeper !== null;
  };
  const kill = async (): Promise<void> => {
    await zookeeper?.kill();
    isUp = false;
  };
  const restart = async (): Promise<void> => {
    await kill();
    await start();
  };
  const name = 'zookeeper';
  const log = (): Promise<string> =>
    machine.readFile(path.join(logDir, 'zookeeper.out')).then((text) => text ?? '');
  return { name, machine, isRunning: () => Promise.resolve(isUp), start, stop: kill, kill, restart, log };
}

async function agentsJoined(site: Site): Promise<void> {
  await waitUntil({ what: 'all agents have joined', timeoutMs: agentsBackMsMax, everyMs: 200 }, async () => {
    const answers = await Promise.all(
      site.masters.map(({ url }) =>
        fetch(`${url}/slaves`).then(
          (answer) => answer.text(),
          () => '{}',
        ),
      ),
    );
    return answers.some((text) => {
      const { slaves = [] } = JSON.parse(text) as {
        readonly slaves?: readonly { readonly active: boolean }[];
      };
      return slaves.filter(({ active }) => active).length === site.agents.length;
    });
  });
  const listed = await site.head.run(['qmgr', '-c', 'list server']);
  if (!succeeded(listed)) throw new Error(`qmgr: ${explain(listed)}`);
}

function pair(found: readonly MasterMachine[]): Site['masters'] {
  const [one, other] = found;
  if (one === undefined || other === undefined) throw new Error('a site has two masters');
  return [one, other];
}

function four(found: readonly AgentMachine[]): Site['agents'] {
  const [a, b, c, d] = found;
  if (a === undefined || b === undefined || c === undefined || d === undefined)
    throw new Error('a site has four agents');
  return [a, b, c, d];
}

function killQuietly(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It ended by itself in the meantime.
  }
}
