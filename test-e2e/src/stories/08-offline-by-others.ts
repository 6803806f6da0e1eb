import type { Story } from '../story.ts';
import { quick } from './policy.ts';
import { whenPlanned } from './status.ts';

const note = 'disk swap';

export const offlineByOthers: Story = {
  title: "8 the administrator's own offline and note",
  proves:
    'A node that an administrator set offline is not used, not cleared, not deleted, and keeps its note, through growth and shrink.',
  needs: [],
  async play(stage) {
    const { site, startFramework, qsub, runs, ended, level, nodes, tasks, job, gate, check } = stage;
    await startFramework({ policy: { ...quick, idleTime: '1s' } });
    const door = await gate();
    const first = await qsub(['-N', 'first', '-l', 'nodes=1:ppn=1'], door.script);
    const [theirs = ''] = (await runs(first, 40)).hosts;
    await site.admin(['pbsnodes', '-o', '-N', note, theirs]);

    // Growth: the node would have had room for these, and is passed over.
    const second = await qsub(['-N', 'second', '-l', 'nodes=1:ppn=1'], 'sleep 1\n');
    await ended([second], 60);
    check((await job(second)).hosts.join() !== theirs, 'a job that came later ran on another node');
    await door.open();
    await ended([first], 20);

    // Shrink: the other node goes, this one stays as it was left.
    await level(
      'the other node has left with its task',
      40,
      async () => (await nodes()).length === 1 && (await tasks()).length === 1,
    );
    await whenPlanned(stage, 2);
    const [left] = await nodes();
    check(left?.name === theirs && left.states.includes('offline'), `${theirs} is still there and offline`);
    check(left?.note === note, `its note is "${left?.note ?? ''}"`);
    check((await tasks())[0]?.id.includes(theirs) === true, 'its task lives');

    // Cleared by the administrator, it is an idle node like any other.
    await site.admin(['pbsnodes', '-c', '-N', '', theirs]);
  },
};
