import type { Story } from '../story.ts';
import { agentOf } from './machines.ts';
import { quick } from './policy.ts';
import { statusOf } from './status.ts';

const cutMs = 30_000;

export const agentCutOff: Story = {
  title: '12b an agent is cut off from the network for 30 s',
  proves:
    'Its job goes on and ends well after the network is back, its node is kept, and jobs elsewhere are untouched.',
  needs: ['network'],
  async play(stage) {
    const { site, startFramework, qsub, runs, ended, level, tasks, job, gate, check } = stage;
    await startFramework({ policy: quick });
    const door = await gate();
    const away = await qsub(['-N', 'away', '-l', 'nodes=1:ppn=3'], door.script);
    const here = await qsub(['-N', 'here', '-l', 'nodes=1:ppn=4'], door.script);
    const [node = ''] = (await runs(away, 40)).hosts;
    const hosts = [node, ...(await runs(here, 40)).hosts];
    // A third node, begun while it was not known yet where TORQUE would put the jobs, is idle and leaves.
    const before = (await tasks())
      .map(({ id }) => id)
      .filter((id) => hosts.some((host) => id.includes(host)));
    check(before.length === 2, 'each job runs on a node of its own');

    const machine = agentOf(site, node);
    const fromMs = Date.now();
    await machine.cut();
    await level('the framework knows that the agent is away', 30, async () =>
      (await statusOf(stage)).nodes.some(({ name, phase }) => name === node && phase === 'suspect'),
    );
    await level('30 s without a network are over', 40, () => Promise.resolve(Date.now() - fromMs >= cutMs));
    check((await job(here)).state === 'R', 'the job elsewhere runs on');
    await machine.heal();
    await level('the node is up again', 60, async () =>
      (await statusOf(stage)).nodes.some(({ name, phase }) => name === node && phase === 'up'),
    );
    const now = (await tasks()).map(({ id }) => id);
    check(
      before.every((id) => now.includes(id)),
      'both tasks are the same as before',
    );
    check((await job(away)).state === 'R', 'the job that was cut off still runs');
    await door.open();
    await ended([away, here], 40);
  },
};
