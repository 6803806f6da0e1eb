import type { Story } from '../story.ts';
import { quick } from './policy.ts';

/** A machine that is busy may be silent for a while. */
const sessionS = 10;

export const leaderKilled: Story = {
  title: '10 the leading scheduler is killed',
  proves:
    'Of two schedulers the standby takes over within the session time, keeps nodes and jobs, and launches for new ones.',
  needs: ['zookeeper'],
  async play({ site, qsub, runs, ended, level, tasks, gate, check }) {
    const { first, second } = site.schedulers;
    const config = {
      policy: quick,
      ha: { zookeeper: site.zookeeperAddress, sessionTimeout: `${String(sessionS)}s` },
    };
    await first.start({ config });
    await second.start({ config, waitReady: false });
    await level('the second one stands by', 30, async () =>
      (await second.log()).includes('another scheduler leads'),
    );
    const door = await gate();
    const running = await qsub(['-N', 'running', '-l', 'nodes=1:ppn=3'], door.script);
    await runs(running, 40);
    const before = (await tasks()).map(({ id }) => id);

    await first.kill();
    await level('the second one leads', sessionS + 20, async () =>
      (await second.log()).includes('leadership began'),
    );
    await level('it is ready', 30, async () => (await fetch(`${second.url}/readyz`)).ok);
    const later = await qsub(['-N', 'later', '-l', 'nodes=1:ppn=4'], 'sleep 1\n');
    await ended([later], 60);
    const now = (await tasks()).map(({ id }) => id);
    check(
      before.every((id) => now.includes(id)),
      'the task of the running job is the same',
    );
    await door.open();
    await ended([running], 20);
  },
};
