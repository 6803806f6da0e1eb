import type { Story } from '../story.ts';
import { quick } from './policy.ts';
import { explained, jobStatus } from './status.ts';

export const wishesOfJobs: Story = {
  title: '4 a property, a named host, and a GPU that nobody has',
  proves:
    'Jobs get the node with their property or name; one that nobody can serve is told what is missing and holds nobody up.',
  needs: [],
  async play(stage) {
    const { site, startFramework, qsub, level, job, ended, check } = stage;
    const [, , small, large] = site.agents;
    await startFramework({ policy: { ...quick, propertyAttributes: ['bigmem', 'rack'] } });
    const gpu = await qsub(['-N', 'gpu', '-l', 'nodes=1:gpus=2'], 'true\n', { ends: 'deleted' });
    const big = await qsub(['-N', 'big', '-l', 'nodes=1:bigmem'], 'sleep 1\n');
    const named = await qsub(['-N', 'named', '-l', `nodes=${small.name}`], 'sleep 1\n');
    const plain = await qsub(['-N', 'plain', '-l', 'nodes=1'], 'sleep 1\n');

    await ended([big, named, plain], 60);
    check((await job(big)).hosts.join() === large.name, `the job for bigmem ran on ${large.name}`);
    check((await job(named)).hosts.join() === small.name, `the job for a named host ran on ${small.name}`);

    const lack = 'gpus: asked 2 gpus, offer had 0, short by 2';
    const waiting = await level('it is told that GPUs are missing', 20, async () => {
      const found = await jobStatus(stage, gpu);
      return found?.verdict === 'waiting' && found.why.includes(lack) && found;
    });
    stage.say(`what it lacks: ${waiting.why}`);
    const told = (await explained(stage, 'job', gpu)).replaceAll(/\s+/g, ' ');
    check(told.includes(lack), 'explain says the same');
    check((await job(gpu)).state === 'Q', 'it still waits, nobody deleted it');
    await site.admin(['qdel', gpu]);
  },
};
