import type { Story } from '../story.ts';
import { agentOf, processOn } from './machines.ts';
import { quick } from './policy.ts';
import { explained } from './status.ts';

/** The mom itself, not what watches over it. */
const mom = /(?:^|[ /])pbs_mom(?: |$)/;
const executor = /torque-executor(?: |$)/;

export const momAndExecutorKilled: Story = {
  title: '13 kill -9 of a pbs_mom, and of an executor',
  proves: 'A mom is started again with its job; with its executor a node is lost, told, and its job runs again elsewhere once put back.',
  needs: [],
  async play(stage) {
    const { site, startFramework, qsub, runs, ended, level, tasks, job, gate, check } = stage;
    await startFramework({ policy: { ...quick, brakeNodesMin: 10 }, executor: { healthInterval: '1s' } });
    const door = await gate();
    const first = await qsub(['-N', 'momless', '-l', 'nodes=1:ppn=3'], door.script);
    const second = await qsub(['-N', 'orphan', '-l', 'nodes=1:ppn=4'], door.script);
    const [one = ''] = (await runs(first, 40)).hosts;
    const [other = ''] = (await runs(second, 40)).hosts;
    const before = (await tasks()).map(({ id }) => id);

    const victim = await processOn(agentOf(site, one), mom);
    await agentOf(site, one).signal(victim.pid, 'SIGKILL');
    await level('another pbs_mom runs', 30, async () => (await processOn(agentOf(site, one), mom)).pid !== victim.pid);
    check((await job(first)).state === 'R', 'its job runs on');

    const dead = await processOn(agentOf(site, other), executor);
    await agentOf(site, other).signal(dead.pid, 'SIGKILL');
    await level('the task has ended', 30, async () => (await tasks()).length < before.length);
    await level('what puts its job back is told', 40, async () =>
      (await explained(stage, 'node', other)).includes('qrerun -f'),
    );
    await site.admin(['qrerun', '-f', second]);
    await runs(second, 60);
    await door.open();
    await ended([first, second], 40);
  },
};
