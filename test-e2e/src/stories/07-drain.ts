import type { Story } from '../story.ts';
import { quick } from './policy.ts';
import { explained } from './status.ts';

export const drain: Story = {
  title: '7 a node with a running job is wanted back',
  proves: 'A drained node takes no new jobs, its job ends by itself with 0, and only then the node leaves.',
  needs: [],
  async play(stage) {
    const { startFramework, qsub, runs, ended, level, nodes, job, gate, check, cli } = stage;
    await startFramework({ policy: { ...quick, idleTime: '1m' } });
    const door = await gate();
    const running = await qsub(['-N', 'running', '-l', 'nodes=1:ppn=1'], door.script);
    const [node = ''] = (await runs(running, 40)).hosts;

    await cli('drain', 'node', node, '--why', 'new disk');
    await level(`${node} is offline with its job on it`, 20, async () =>
      (await nodes()).some(
        ({ name, states, jobs }) => name === node && states.includes('offline') && jobs !== '',
      ),
    );
    const told = await explained(stage, 'node', node);
    check(told.includes('new disk'), 'explain says who wants it and why');
    const other = await qsub(['-N', 'other', '-l', 'nodes=1:ppn=1'], 'sleep 1\n');
    await ended([other], 60);
    check(
      (await job(other)).hosts.join() !== node,
      `a job that came later ran elsewhere: ${(await job(other)).hosts.join()}`,
    );
    check((await job(running)).state === 'R', 'the job on the drained node still runs');

    await door.open();
    await ended([running], 20);
    await level(`${node} has left`, 40, async () => (await nodes()).every(({ name }) => name !== node));
    await cli('undrain', 'node', node, '--why', 'disk is in');
    // The rest is idle for a minute yet: it goes when nothing is allowed any more.
    const [left] = await nodes();
    if (left !== undefined) await cli('drain', 'node', left.name, '--why', 'the story is over');
  },
};
