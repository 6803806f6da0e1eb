/** The site whose machines are containers: joins machines, daemons and schedulers into what stories see. */
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { explain } from '@mesos-torque/minicluster/command.ts';
import { waitUntil } from '@mesos-torque/minicluster/wait-until.ts';
import * as layout from '../layout.ts';
import { reset } from '../process/reset.ts';
import type { AgentMachine, Capability, Machine, MasterMachine, Scheduler, Site } from '../site.ts';
import { writeStates } from '../site-states.ts';
import type { Compose } from './compose.ts';
import { containerDaemon, daemonAnswers, type DaemonName } from './daemon.ts';
import { programsIn } from './detect.ts';
import { run } from './docker.ts';
import { containerMachine, type ContainerMachine } from './machine.ts';
import { containerScheduler } from './scheduler.ts';

export interface SiteParts {
  readonly compose: Compose;
  readonly toolsImage: string;
  /** Takes the cluster away, and what else was made for it. */
  readonly close: () => Promise<void>;
}

const upMsMax = 60_000;
/** What is copied from each machine when a story has failed. */
const logs = [
  '/var/log/site',
  '/var/spool/torque/server_logs',
  '/var/spool/torque/sched_logs',
  '/opt/stand-in/torque/home/server_logs',
];

/** The containers run already; resolves when all daemons answer. */
export async function openSite({ compose, toolsImage, close }: SiteParts): Promise<Site> {
  const place = (placed: layout.Placed, daemons: readonly DaemonName[]): ContainerMachine =>
    containerMachine({
      placed,
      container: compose.containerOf(placed.key),
      address: compose.addressOf(placed.number),
      toolsImage,
      async booted(machine) {
        for (const name of daemons) await daemonAnswers(machine, name);
      },
    });
  const head = place(layout.head, ['trqauthd', 'pbs_server', 'pbs_sched']);
  const client = place(layout.client, ['trqauthd']);
  const zookeeper = place(layout.zookeeper, ['zookeeper']);
  const masters = layout.masters.map((placed) => asMaster(place(placed, ['mesos-master'])));
  const agents = layout.agents.map((placed) => asAgent(placed, place(placed, ['mesos-agent'])));
  const programs = await detected(head);
  const machinePath = (await must(head, ['printenv', 'PATH'])).trim();
  let story = 'before';
  const storyDir = (): string => `/var/lib/mesos-torque/stories/${story}`;
  const scheduler = (name: Scheduler['name']): Scheduler =>
    containerScheduler({ name, head, path: machinePath, storyDir });
  const noMpi = await withoutMpi(agents);
  const forgotten = new Set<string>();
  const site: Site = {
    runtime: 'docker',
    programs,
    head,
    client,
    zookeeper,
    masters: pair(masters),
    agents: four(agents),
    machines: [head, client, zookeeper, ...masters, ...agents],
    trqauthd: containerDaemon(head, 'trqauthd'),
    pbsServer: containerDaemon(head, 'pbs_server'),
    pbsSched: containerDaemon(head, 'pbs_sched'),
    zooKeeper: containerDaemon(zookeeper, 'zookeeper'),
    schedulers: { first: scheduler('first'), second: scheduler('second') },
    cannot: (capability: Capability) => (capability === 'mpich' ? noMpi : null),
    get zookeeperAddress() {
      return `zk://${layout.zookeeper.name}:${String(layout.ports.zookeeper)}/torque-${story}`;
    },
    mpiProgram: '/opt/mpi/hello',
    async qsub(user, args, script) {
      const result = await client.run(['qsub', ...args], { as: user, stdin: script });
      if (result.kind === 'exit' && result.code === 0) return result.stdout.toString('utf8').trim();
      throw new Error(`qsub ${args.join(' ')}: ${explain(result)}`);
    },
    admin: (argv, stdin) => must(head, argv, stdin),
    async forget({ name }) {
      forgotten.add(name);
      await changeHosts(head, (lines) => lines.filter((line) => !line.split(/\s+/).includes(name)));
    },
    async remember(machine) {
      if (forgotten.delete(machine.name)) await changeHosts(head, (lines) => withHost(lines, machine));
    },
    begin(name) {
      story = name;
      return Promise.resolve();
    },
    async reset() {
      const found: string[] = [];
      for (const machine of await offOf([zookeeper, ...masters, head, client, ...agents])) {
        found.push(`${machine.name} was off`);
        await machine.powerOn();
      }
      return [...found, ...(await reset(site))];
    },
    async collect(folder) {
      await writeStates(site, folder);
      for (const machine of [head, client, zookeeper, ...masters, ...agents])
        await collectFrom(machine, path.join(folder, machine.name));
      await copyFrom(head, storyDir(), path.join(folder, 'story'));
    },
    close,
  };
  await allAnswer(site);
  return site;
}

async function allAnswer(site: Site): Promise<void> {
  await site.zooKeeper.start();
  await Promise.all([
    ...site.masters.map(({ master }) => master.start()),
    ...site.agents.map(({ agent }) => agent.start()),
    site.trqauthd.start(),
    site.pbsServer.start(),
    site.pbsSched.start(),
  ]);
  await waitUntil(
    { what: 'TORQUE is set up', timeoutMs: upMsMax },
    async () => (await site.head.readFile('/run/site-is-up')) !== null,
  );
  await agentsJoined(site);
}

/** Only the leading master knows the agents. */
export async function agentsJoined(site: Site): Promise<void> {
  const what = 'all agents have joined the leading master';
  await waitUntil({ what, timeoutMs: upMsMax, everyMs: 200 }, async () => {
    for (const { url } of site.masters) {
      const answer = await fetch(`${url}/slaves`, { redirect: 'manual', signal: AbortSignal.timeout(5_000) });
      if (!answer.ok) continue;
      const { slaves = [] } = (await answer.json()) as {
        readonly slaves?: readonly { readonly active: boolean }[];
      };
      if (slaves.filter(({ active }) => active).length === site.agents.length) return true;
    }
    return false;
  });
}

function asMaster(machine: ContainerMachine): MasterMachine & ContainerMachine {
  const url = `http://${machine.address}:${String(layout.ports.master)}`;
  return { ...machine, master: containerDaemon(machine, 'mesos-master'), url };
}

function asAgent(placed: layout.AgentPlaced, machine: ContainerMachine): AgentMachine & ContainerMachine {
  const { cpus, memMib, attributes } = placed;
  return { ...machine, cpus, memMib, attributes, agent: containerDaemon(machine, 'mesos-agent') };
}

async function offOf(machines: readonly ContainerMachine[]): Promise<readonly ContainerMachine[]> {
  const isOn = await Promise.all(machines.map((machine) => machine.isOn()));
  return machines.filter((_, index) => isOn[index] !== true);
}

async function detected(head: Machine): Promise<Site['programs']> {
  return programsIn(await must(head, ['/opt/mesos-torque/machine/detect']));
}

async function withoutMpi(agents: readonly Machine[]): Promise<string | null> {
  const [agent] = agents;
  const there = await agent?.run(['/opt/mpi/hello']);
  return there?.kind === 'exit' && there.code === 0
    ? null
    : 'the base image has no MPICH: /opt/mpi/hello was not built, or does not run';
}

async function must(machine: Machine, argv: Parameters<Machine['run']>[0], stdin = ''): Promise<string> {
  const result = await machine.run(argv, { stdin });
  if (result.kind === 'exit' && result.code === 0) return result.stdout.toString('utf8');
  throw new Error(`${machine.name}: ${argv.join(' ')}: ${explain(result)}`);
}

/** In place: the engine has mounted this very file. */
async function changeHosts(
  head: Machine,
  change: (lines: readonly string[]) => readonly string[],
): Promise<void> {
  const lines = (await must(head, ['cat', '/etc/hosts'])).split('\n').filter((line) => line !== '');
  const changed = change(lines);
  if (changed.join('\n') !== lines.join('\n'))
    await must(head, ['tee', '/etc/hosts'], `${changed.join('\n')}\n`);
}

function withHost(lines: readonly string[], { name, address }: Machine): readonly string[] {
  return lines.some((line) => line.split(/\s+/).includes(name)) ? lines : [...lines, `${address}\t${name}`];
}

async function collectFrom(machine: ContainerMachine, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const dir of logs) await copyFrom(machine, dir, folder);
}

/** Not every machine has every folder. */
async function copyFrom({ container }: ContainerMachine, from: string, to: string): Promise<void> {
  await run(['docker', 'cp', `${container}:${from}`, to]);
}

function pair<T>(values: readonly T[]): readonly [T, T] {
  const [first, second] = values;
  if (first === undefined || second === undefined) throw new Error('there are not two');
  return [first, second];
}

function four<T>(values: readonly T[]): readonly [T, T, T, T] {
  const [first, second, third, fourth] = values;
  if (first === undefined || second === undefined || third === undefined || fourth === undefined)
    throw new Error('there are not four');
  return [first, second, third, fourth];
}
