import type { Story } from '../story.ts';
import { quick } from './policy.ts';
import { explained, statusOf } from './status.ts';

export const unknownName: Story = {
  title: '15 a node whose name the head cannot resolve',
  proves: 'It is told, the agent is left alone, and other agents are used for the jobs.',
  needs: ['names'],
  async play(stage) {
    const { site, startFramework, qsub, ended, level, job, check } = stage;
    const [unknown, known] = site.agents;
    await site.forget(unknown);
    await startFramework({
      policy: { ...quick, propertyAttributes: ['rack'], quarantineFailures: 1, quarantineTime: '10m', agentBackoff: '10m' },
    });
    // Only two agents are in this rack.
    const jobs = [
      await qsub(['-N', 'one', '-l', 'nodes=1:r1:ppn=4'], 'sleep 1\n'),
      await qsub(['-N', 'two', '-l', 'nodes=1:r1:ppn=4'], 'sleep 1\n'),
    ];
    const agentId = await level('the agent is told by its name', 40, async () => (await agentIds(site.masters[0].url, site.masters[1].url)).get(unknown.name));
    const told = await level('what is wrong with it is told', 60, async () => {
      const text = await explained(stage, 'agent', agentId);
      return /quarantine|resolve|unknown node/i.test(text) && text;
    });
    check(/resolve|unknown node/i.test(told), `explain names the cause: ${firstLineWith(told, /resolve|unknown node/i)}`);
    await ended(jobs, 120);
    for (const id of jobs) check((await job(id)).hosts.join() === known.name, `${id} ran on ${known.name}`);
    check((await statusOf(stage)).nodes.every(({ name, phase }) => name !== unknown.name || phase !== 'up'), `${unknown.name} was never used`);
    await site.remember(unknown);
  },
};

/** By host name, as the leading master tells. */
async function agentIds(...urls: readonly string[]): Promise<ReadonlyMap<string, string>> {
  for (const url of urls) {
    const answer = await fetch(`${url}/slaves`).catch(() => null);
    if (answer?.ok !== true) continue;
    const { slaves } = (await answer.json()) as { readonly slaves: readonly { readonly id: string; readonly hostname: string }[] };
    return new Map(slaves.map(({ id, hostname }) => [hostname, id]));
  }
  return new Map();
}

function firstLineWith(text: string, what: RegExp): string {
  return text.split('\n').find((line) => what.test(line))?.trim() ?? 'it does not';
}
