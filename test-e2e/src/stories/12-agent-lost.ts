import type { Story } from '../story.ts';
import { agentOf } from './machines.ts';
import { quick } from './policy.ts';
import { explained } from './status.ts';

export const agentLost: Story = {
  title: '12 an agent is switched off with a job on it',
  proves:
    'Jobs elsewhere are untouched; what is to be done for the lost one is told, and done it runs again and ends well.',
  needs: ['power'],
  async play(stage) {
    const { site, startFramework, qsub, runs, ended, level, job, gate, check } = stage;
    await startFramework({ policy: { ...quick, brakeNodesMin: 10 } });
    const door = await gate();
    const lost = await qsub(['-N', 'lost', '-l', 'nodes=1:ppn=3'], door.script);
    const safe = await qsub(['-N', 'safe', '-l', 'nodes=1:ppn=4'], door.script);
    const [node = ''] = (await runs(lost, 40)).hosts;
    const [other = ''] = (await runs(safe, 40)).hosts;
    check(node !== other, `they run on ${node} and ${other}`);

    const machine = agentOf(site, node);
    await machine.powerOff();
    await level('the framework knows that the agent is away', 40, async () =>
      /unreachable|ended|not reached|down/i.test(await explained(stage, 'node', node)),
    );
    check((await job(safe)).state === 'R', 'the job elsewhere runs on');
    await machine.powerOn();
    await level('what puts the job back is told', 60, async () =>
      (await explained(stage, 'node', node)).includes('qrerun -f'),
    );
    await site.admin(['qrerun', '-f', lost]);
    await runs(lost, 60);
    check((await job(safe)).state === 'R', 'the job elsewhere still runs');
    await door.open();
    await ended([lost, safe], 40);
  },
};
