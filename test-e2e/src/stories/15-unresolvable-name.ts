import type { Story } from '../story.ts';
import { quick } from './policy.ts';
import { explained, jobStatus } from './status.ts';

export const unresolvableName: Story = {
  title: '15 a node whose name the head cannot resolve',
  proves:
    'An agent with a name that pbs_server cannot resolve is told by name, address and cause, put in quarantine and passed over; named, it is used again.',
  needs: ['names'],
  async play(stage) {
    const { startFramework, qsub, ended, level, nodes, job, check, site } = stage;
    const nameless = site.agents[0];
    await site.forget(nameless);
    await startFramework({
      policy: {
        ...quick,
        quarantineFailures: '2',
        quarantineTime: '20s',
        agentBackoff: '1s',
        agentBackoffMax: '1s',
      },
    });
    // It needs every agent, the nameless one too.
    const all = await qsub(['-N', 'all', '-l', 'nodes=4:ppn=1'], 'pbsdsh true\n');

    const told = await level('the agent is in quarantine', 120, async () => {
      const text = await explained(stage, 'agent', nameless.name);
      return text.includes('in quarantine') && text;
    });
    stage.say(told.split('\n').find((line) => line.includes('in quarantine')) ?? '');
    check(told.includes(nameless.name), 'explain names the agent');
    check(told.includes('cannot resolve the name'), 'explain tells that its name does not resolve');
    // No machine goes by its loopback address.
    const { address } = nameless;
    check(address.startsWith('127.') || told.includes(address), `explain shows its address, ${address}`);
    const waiting = await jobStatus(stage, all);
    check(waiting?.verdict === 'waiting', `status tells what the job waits for: ${waiting?.why ?? ''}`);
    check(!(await nodes()).some(({ name }) => name === nameless.name), 'there is no node of that name');

    const others = await qsub(['-N', 'others', '-l', 'nodes=3:ppn=1'], 'pbsdsh true\n');
    await ended([others], 90);
    const { hosts } = await job(others);
    check(
      new Set(hosts).size === 3 && !hosts.includes(nameless.name),
      `other agents are used: ${hosts.join(' ')}`,
    );

    await site.remember(nameless);
    await ended([all], 150);
    check((await job(all)).hosts.includes(nameless.name), 'once the name resolves, the agent is used');
  },
};
