import type { Story } from '../story.ts';
import { greedyFramework } from './greedy-framework.ts';
import { leaderOf } from './machines.ts';
import { quick } from './policy.ts';
import { explained } from './status.ts';

export const twoFrameworks: Story = {
  title: '16 two frameworks share one Mesos',
  proves: 'What idles is given back and taken by another framework; when that lets go, waiting jobs get it again.',
  needs: [],
  async play(stage) {
    const { site, startFramework, qsub, ended, empty, level, tasks, job, check } = stage;
    await startFramework({ policy: quick });
    const first = await qsub(['-N', 'first', '-l', 'nodes=2:ppn=2'], 'sleep 1\n');
    await ended([first], 60);
    await empty(40);

    const greedy = await greedyFramework((await level('a master leads', 10, () => leaderOf(site))).url);
    try {
      await level('the other framework holds all agents', 40, () => Promise.resolve(greedy.running() >= site.agents.length));
      const second = await qsub(['-N', 'second', '-l', 'nodes=2:ppn=2'], 'sleep 1\n');
      const told = await level('the job waits for offers', 30, async () => {
        const text = await explained(stage, 'job', second);
        return /offer/i.test(text) && text;
      });
      check(!/impossible/i.test(told), 'explain says that it waits for offers, and not that it can never run');
      check((await job(second)).state === 'Q', 'it waits');
      check((await tasks()).length === greedy.running(), 'no task is ours');
      await greedy.tearDown();
      await ended([second], 60);
    } finally {
      await greedy.tearDown();
    }
  },
};
