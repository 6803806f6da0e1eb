import type { Story } from '../story.ts';
import { quick } from './policy.ts';
import { explained, jobStatus } from './status.ts';

export const safeAllocation: Story = {
  title: '6 the safe allocation is reached',
  proves:
    'Beyond the safe allocation jobs wait, the arithmetic is shown, and they run when there is room again.',
  needs: [],
  async play(stage) {
    const { startFramework, qsub, runs, ended, level, nodes, gate, check, site, cli } = stage;
    await startFramework({ policy: { ...quick, safeAllocation: { cpus: '4', mem: '8GiB', nodes: '2' } } });
    const door = await gate();
    const first = await qsub(['-N', 'first', '-l', 'nodes=1:ppn=3'], door.script);
    await runs(first, 40);
    const second = await qsub(['-N', 'second', '-l', 'nodes=1:ppn=2'], 'sleep 1\n');

    const waiting = await level('the second job waits for the safe allocation', 20, async () => {
      const job = await jobStatus(stage, second);
      return job?.verdict === 'waiting' && job;
    });
    check(/short by 1\b/.test(waiting.why), `what is short is told: ${waiting.why}`);
    const told = await explained(stage, 'job', second);
    check(
      told.includes('asked 2 cpus, 1 cpu left of 4 cpus, short by 1 cpu'),
      'explain shows the arithmetic',
    );
    const status = await cli('status');
    check(/safe ?allocation/i.test(status) && status.includes('short by 1 cpu'), 'status shows it, too');
    check((await nodes()).length === 1, 'no second node was launched');

    // More than all that is allowed can never run: qsub or explain says so, and nobody is held up by it.
    const third = await site.client.run(['qsub', '-N', 'third', '-l', 'nodes=20:ppn=4'], {
      as: 'alice',
      stdin: 'true\n',
    });
    check(
      third.kind === 'exit' && third.code !== 0,
      'a job larger than the safe allocation is refused by qsub',
    );

    await door.open();
    await ended([first, second], 60);
  },
};
