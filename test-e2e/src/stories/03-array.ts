import type { Story } from '../story.ts';
import { quick } from './policy.ts';

const elements = 6;
const slotLimit = 2;

export const array: Story = {
  title: '3 an array with a slot limit',
  proves: 'Of an array with %2 two elements run at a time, and no nodes are launched for the others.',
  needs: [],
  async play({ startFramework, qsub, level, jobs, nodes, check }) {
    await startFramework({ policy: quick });
    const id = await qsub(
      ['-N', 'six', '-t', `1-${String(elements)}%${String(slotLimit)}`, '-l', 'nodes=1:ppn=1'],
      'sleep 2\n',
      { count: elements },
    );
    let runningMax = 0;
    let slotsMax = 0;
    await level('all elements are complete', 90, async () => {
      const own = (await jobs()).filter((job) => job.id.replace(/\[\d+\]/, '[]') === id);
      runningMax = Math.max(runningMax, own.filter(({ state }) => state === 'R').length);
      slotsMax = Math.max(
        slotsMax,
        (await nodes()).reduce((sum, { np }) => sum + np, 0),
      );
      return own.length === elements && own.every(({ state }) => state === 'C');
    });
    check(
      runningMax === slotLimit,
      `${String(slotLimit)} elements ran at once, never more (${String(runningMax)} were seen)`,
    );
    check(
      slotsMax <= slotLimit,
      `there were never more than ${String(slotLimit)} slots (${String(slotsMax)} were seen)`,
    );
  },
};
