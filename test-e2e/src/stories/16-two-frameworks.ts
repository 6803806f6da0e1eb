import { otherFramework, type OtherFramework } from '../other-framework.ts';
import type { Stage } from '../stage.ts';
import type { Story } from '../story.ts';
import { quick } from './policy.ts';
import { jobStatus } from './status.ts';

export const twoFrameworks: Story = {
  title: '16 two frameworks share the cluster',
  proves:
    'What our framework does not need another gets within seconds; while that one has everything, our job waits and says so; when it leaves, our job runs.',
  needs: [],
  async play(stage) {
    const { startFramework, qsub, gate, runs, ended, level, nodes, tasks, check, site } = stage;
    await startFramework({ policy: quick });
    const door = await gate();
    const first = await qsub(['-N', 'first', '-l', 'nodes=1:ppn=3'], door.script);
    await runs(first, 60);

    const other = otherFramework('greedy', await accountOf(stage));
    try {
      await other.open(site.masters.map(({ url }) => url));
      const all = site.agents.reduce((sum, { cpus }) => sum + cpus, 0);
      await level('the other framework has all that ours does not hold', 60, () => hasAllBut(other, all, 3));

      await door.open();
      await ended([first], 40);
      const freeMs = Date.now();
      await level('our node is gone, and its task', 60, async () => {
        const [left, live] = [await nodes(), await tasks()];
        return left.length === 0 && !live.some(({ id }) => id.startsWith('mom.'));
      });
      await level('the other framework has everything', 60, () => hasAllBut(other, all, 0));
      sayHowLong(stage, 'from the end of our last job to the other framework having its processors', freeMs);

      const second = await qsub(['-N', 'second', '-l', 'nodes=2:ppn=2'], 'pbsdsh sleep 2\n');
      const waiting = await level('our next job waits', 40, async () => {
        const job = await jobStatus(stage, second);
        return job?.verdict === 'waiting' && job;
      });
      check(/offers? nothing/.test(waiting.why), `it is told why: ${waiting.why}`);

      const leftMs = Date.now();
      await other.close();
      await runs(second, 90);
      sayHowLong(stage, 'from the other framework leaving to our job running', leftMs);
      await ended([second], 40);
    } finally {
      await other.close();
    }
  },
};

function hasAllBut(other: OtherFramework, all: number, ours: number): Promise<boolean> {
  other.mustBeWell();
  return Promise.resolve(Math.abs(other.cpus() - (all - ours)) < 0.01);
}

function sayHowLong({ say }: Stage, what: string, sinceMs: number): void {
  say(`${what}: ${((Date.now() - sinceMs) / 1000).toFixed(1)} s`);
}

/** Who is root there: tasks run as a user that agents have. */
async function accountOf({ site }: Stage): Promise<string> {
  const asked = await site.agents[0].run(['id', '-un']);
  if (asked.kind !== 'exit') throw new Error(`id: ${asked.kind}`);
  return asked.stdout.toString('utf8').trim();
}
