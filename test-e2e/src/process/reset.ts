/** Puts the site back in order after a story, and says what was not. */
import { messageOf } from '@mesos-torque/common/text.ts';
import { jobsIn, nodesIn } from '@mesos-torque/minicluster/audit.ts';
import { waitUntil } from '@mesos-torque/minicluster/wait-until.ts';
import type { Site } from '../site.ts';

const nodesMsMax = 30_000;

export async function reset(site: Site): Promise<readonly string[]> {
  const found: string[] = [];
  const step = async (what: string, work: () => Promise<unknown>): Promise<void> => {
    await work().catch((error: unknown) => found.push(`${what}: ${messageOf(error)}`));
  };
  for (const scheduler of Object.values(site.schedulers)) {
    if (!(await scheduler.isRunning())) continue;
    found.push(`scheduler ${scheduler.name} was still running`);
    await step(`stopping ${scheduler.name}`, () => scheduler.stop());
  }
  for (const agent of site.agents) {
    await step(`healing ${agent.name}`, () => agent.heal());
    await step(`naming ${agent.name}`, () => site.remember(agent));
  }
  await daemonsUp(site, found, step);
  await step('ending jobs', () => endJobs(site, found));
  await step('ending frameworks', () => endFrameworks(site));
  await step('deleting nodes', () => deleteNodes(site, found));
  return found;
}

type Step = (what: string, work: () => Promise<unknown>) => Promise<void>;

async function daemonsUp(site: Site, found: string[], step: Step): Promise<void> {
  const { zooKeeper, trqauthd, pbsServer, pbsSched } = site;
  const agents = site.agents.map(({ agent }) => agent);
  const masters = site.masters.map(({ master }) => master);
  const hasZooKeeper = site.cannot('zookeeper') === null;
  const daemons = [
    ...(hasZooKeeper ? [zooKeeper] : []),
    ...masters,
    ...agents,
    trqauthd,
    pbsServer,
    pbsSched,
  ];
  const isUp = await Promise.all(daemons.map((daemon) => daemon.isRunning()));
  for (const daemon of daemons.filter((_, index) => isUp[index] !== true)) {
    found.push(`${daemon.name} on ${daemon.machine.name} was down`);
    await step(`starting ${daemon.name}`, () => daemon.start());
  }
  const isOn = await Promise.all(site.agents.map((agent) => agent.isOn()));
  for (const agent of site.agents.filter((_, index) => isOn[index] !== true))
    await step(agent.name, () => agent.powerOn());
  await step('scheduling', () => site.admin(['qmgr', '-c', 'set server scheduling = true']));
}

async function endJobs(site: Site, found: string[]): Promise<void> {
  const jobs = jobsIn(await site.admin(['qstat', '-f', '-x', '-t']));
  for (const { id, state } of jobs) {
    if (state === 'C') continue;
    found.push(`job ${id} was still there, ${state}`);
    // One with a dead mom ends by force alone.
    await site.head.run(['qdel', '-p', id]);
  }
}

/** What a scheduler that never comes back has: its tasks end with it. */
async function endFrameworks(site: Site): Promise<void> {
  for (const { url } of site.masters) {
    const text = await fetch(`${url}/frameworks`).then(
      (answer) => answer.text(),
      () => '{}',
    );
    const { frameworks = [] } = JSON.parse(text) as {
      readonly frameworks?: readonly { readonly id: string }[];
    };
    for (const { id } of frameworks)
      await fetch(`${url}/teardown`, { method: 'POST', body: `frameworkId=${id}` });
  }
}

async function deleteNodes(site: Site, found: string[]): Promise<void> {
  const nodes = async (): Promise<readonly string[]> => {
    const result = await site.head.run(['pbsnodes', '-x']);
    const printed = result.kind === 'exit' ? result.stdout.toString('utf8') : '';
    return nodesIn(printed)
      .map(({ name }) => name)
      .filter((name) => name !== site.head.name);
  };
  for (const name of await nodes()) {
    found.push(`node ${name} was still there`);
    await site.head.run(['pbsnodes', '-o', name]);
    await site.head.run(['qmgr', '-c', `delete node ${name}`]);
  }
  await waitUntil(
    { what: 'no node is left', timeoutMs: nodesMsMax },
    async () => (await nodes()).length === 0,
  );
}
