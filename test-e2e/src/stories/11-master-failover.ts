import type { Story } from '../story.ts';
import { leaderOf } from './machines.ts';
import { quick } from './policy.ts';

export const masterFailover: Story = {
  title: '11 the leading Mesos master dies',
  proves: 'Jobs, nodes and tasks stay when the next master leads, and new jobs get nodes through it.',
  needs: ['zookeeper'],
  async play({ site, startFramework, qsub, runs, ended, level, nodes, tasks, job, gate, check }) {
    await startFramework({ policy: quick });
    const door = await gate();
    const running = await qsub(['-N', 'running', '-l', 'nodes=2:ppn=1'], door.script);
    await runs(running, 40);
    const before = {
      nodes: (await nodes()).map(({ name }) => name),
      tasks: (await tasks()).map(({ id }) => id),
    };

    const dying = await level('a master leads', 10, () => leaderOf(site));
    await dying.master.kill();
    const next = await level('the other master leads', 30, () => leaderOf(site));
    check(next.name !== dying.name, `${next.name} leads instead of ${dying.name}`);
    await level('the agents have brought their tasks', 40, async () => {
      const live = await tasks();
      return before.tasks.every((id) => live.some((task) => task.id === id && task.state === 'TASK_RUNNING'));
    });
    await dying.master.start();
    const later = await qsub(['-N', 'later', '-l', 'nodes=1:ppn=3'], 'sleep 1\n');
    await ended([later], 60);
    const now = (await nodes()).map(({ name }) => name);
    check(
      before.nodes.every((name) => now.includes(name)),
      'the nodes of the running job are the same',
    );
    check((await job(running)).state === 'R', 'the job still runs');
    await door.open();
    await ended([running], 20);
  },
};
