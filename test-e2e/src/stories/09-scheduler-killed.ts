import type { Story } from '../story.ts';
import { quick } from './policy.ts';

export const schedulerKilled: Story = {
  title: '9 kill -9 of the scheduler during growth and during shrink',
  proves:
    'A scheduler that is killed while nodes come or go carries on where it was: nothing is launched twice, nothing is left.',
  needs: [],
  async play({ framework, startFramework, qsub, ended, level, nodes, tasks, say, check }) {
    const config = { policy: quick };
    await startFramework(config);
    const wide = await qsub(['-N', 'wide', '-l', 'nodes=2:ppn=2'], 'pbsdsh sleep 1\n');
    const launched = await level('two tasks were launched and have their executors', 60, async () => {
      // One whose executor is still being fetched from the scheduler would fail with it, and be launched again.
      const live = await tasks();
      return live.length === 2 && live.every(({ state }) => state !== 'TASK_STAGING') && live;
    });
    await framework.kill();
    say('killed during growth');
    await startFramework(config);
    await ended([wide], 60);
    const after = await tasks();
    check(
      after.every(({ id }) => launched.some((one) => one.id === id)),
      'no further task was launched for the same job',
    );

    await level('nodes are on their way out', 60, async () => {
      const there = await nodes();
      return there.length < 2 || there.some(({ states }) => states.includes('offline'));
    });
    await framework.kill();
    say('killed during shrink');
    await startFramework(config);
  },
};
