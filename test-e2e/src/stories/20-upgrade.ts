import type { Story } from '../story.ts';
import { quick } from './policy.ts';

/** Never idle for long enough: what goes here goes for the upgrade. */
const policy = { ...quick, minSlotsHeld: 2, idleTime: '10m' };
const executorVersion = '9.9.9';

export const upgrade: Story = {
  title: '20 a new executor rolls through the nodes',
  proves:
    'After an upgrade every node is replaced by one with the new executor while it is idle; the job on the busy one is not touched.',
  needs: [],
  async play({ framework, startFramework, qsub, runs, ended, level, nodes, tasks, job, gate, check }) {
    await startFramework({ policy });
    await level(
      'two nodes are held',
      60,
      async () => (await nodes()).filter(({ states }) => states.join() === 'free').length === 2,
    );
    const door = await gate();
    const running = await qsub(['-N', 'running', '-l', 'nodes=1:ppn=1'], door.script);
    const [busy = ''] = (await runs(running, 40)).hosts;
    const old = (await tasks()).map(({ id }) => id);
    const busyTask = old.find((id) => id.includes(busy)) ?? 'none';

    await framework.stop();
    await framework.start({ config: { policy }, executorVersion });
    await level('the idle node was replaced, the floor is full again', 90, async () => {
      const [now, up] = [
        await tasks(),
        (await nodes()).filter(({ states }) => !states.includes('offline') && !states.includes('down')),
      ];
      return up.length === 2 && now.length === 2 && now.filter(({ id }) => old.includes(id)).length === 1;
    });
    check(
      (await tasks()).some(({ id }) => id === busyTask),
      'the task of the busy node is still the same',
    );
    check((await job(running)).state === 'R', 'its job runs on');

    await door.open();
    await ended([running], 20);
    await level('both nodes have the new executor', 90, async () => {
      const now = await tasks();
      return now.length === 2 && now.every(({ id }) => !old.includes(id));
    });
    const last = await qsub(['-N', 'last', '-l', 'nodes=2:ppn=1'], 'pbsdsh sleep 1\n');
    await ended([last], 60);
    // Nothing is idle for ten minutes here: a scheduler that gives back at once ends the story.
    await framework.stop();
    await framework.start({ config: { policy: quick }, executorVersion });
  },
};
