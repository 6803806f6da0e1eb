import type { Story } from '../story.ts';
import { quick } from './policy.ts';
import { statusOf, whenPlanned } from './status.ts';

export const serverRestarted: Story = {
  title: '14 pbs_server is restarted, trqauthd is killed',
  proves: 'While TORQUE cannot be read nothing is taken away; running, waiting and new jobs end well once it is back.',
  needs: [],
  async play(stage) {
    const { site, startFramework, qsub, runs, ended, level, tasks, job, gate, check } = stage;
    await startFramework({ policy: { ...quick, safeAllocation: { ...quick.safeAllocation, nodes: '1' } } });
    const door = await gate();
    const running = await qsub(['-N', 'running', '-l', 'nodes=1:ppn=2'], door.script);
    await runs(running, 40);
    const waiting = await qsub(['-N', 'waiting', '-l', 'nodes=1:ppn=3'], 'sleep 1\n');
    const before = (await tasks()).map(({ id }) => id).join();

    await site.pbsServer.kill();
    await level('the framework says that TORQUE cannot be read', 30, async () => (await statusOf(stage)).queueState !== 'fresh');
    check((await tasks()).map(({ id }) => id).join() === before, 'the task is still there');
    await site.pbsServer.start();
    await level('the framework reads TORQUE again', 40, async () => (await statusOf(stage)).queueState === 'fresh');
    check((await job(running)).state === 'R', 'the running job still runs');
    check((await job(waiting)).state === 'Q', 'the waiting job still waits');

    await site.trqauthd.kill();
    await level('the framework says that TORQUE cannot be read', 30, async () => (await statusOf(stage)).queueState !== 'fresh');
    await site.trqauthd.start();
    await level('the framework reads TORQUE again', 40, async () => (await statusOf(stage)).queueState === 'fresh');
    await whenPlanned(stage, 1);
    check((await tasks()).map(({ id }) => id).join() === before, 'the task is the same as in the beginning');

    await door.open();
    const late = await qsub(['-N', 'late', '-l', 'nodes=1'], 'sleep 1\n');
    await ended([running, waiting, late], 90);
  },
};
