import type { Story } from '../story.ts';
import { quick } from './policy.ts';

export const fromZero: Story = {
  title: '1 from zero and back to the floor',
  proves:
    'Six mixed jobs on an empty cluster get their nodes, run, and what is beyond the floor is given back.',
  needs: [],
  async play(stage) {
    const { startFramework, qsub, ended, level, nodes, tasks, check, cli } = stage;
    await startFramework({ policy: { ...quick, minSlotsHeld: 1 } });
    await level('the floor of one node is up', 40, async () =>
      (await nodes()).some(({ states }) => states.join() === 'free'),
    );

    const ids = [
      await qsub(['-N', 'wide', '-l', 'nodes=2:ppn=2'], 'pbsdsh sleep 1\n'),
      await qsub(['-N', 'quad', '-l', 'nodes=1:ppn=4'], 'test "$PBS_NP" = 4\n'),
      await qsub(
        ['-N', 'uneven', '-l', 'nodes=1:ppn=2+1:ppn=1'],
        'test "$(sort -u "$PBS_NODEFILE" | wc -l)" = 2\n',
      ),
      await qsub(['-N', 'memory', '-l', 'nodes=1,mem=600mb'], 'sleep 1\n'),
      await qsub(['-N', 'short', '-l', 'walltime=00:01:00'], 'sleep 1\n'),
      await qsub(['-N', 'pair', '-t', '1-2', '-l', 'nodes=1'], 'sleep 1\n', { count: 2 }),
    ];
    await ended(ids, 60);

    await level(
      'one node is left',
      40,
      async () => (await nodes()).length === 1 && (await tasks()).length === 1,
    );
    const [floor] = await nodes();
    check(
      floor?.states.join() === 'free' && floor.jobs === '',
      'the node of the floor is free and has no job',
    );
    // Without a floor nothing at all may remain: that is for the auditor to see.
    await cli('scale', '--min', '0', '--why', 'the story is over');
  },
};
