import type { Stage } from '../stage.ts';
import type { Story } from '../story.ts';
import { quick } from './policy.ts';
import { statusOf } from './status.ts';

const idleMs = 5_000;

export const serverAndTrqauthd: Story = {
  title: '14 pbs_server is restarted, and trqauthd is killed',
  proves:
    'Growth goes on over a restart of pbs_server, running jobs and one larger than the cluster outlive it, and while TORQUE cannot be asked nothing shrinks.',
  needs: [],
  async play(stage) {
    const { startFramework, qsub, gate, runs, ended, level, job, nodes, tasks, check, site } = stage;
    await startFramework({
      policy: {
        ...quick,
        idleTime: `${String(idleMs / 1000)}s`,
        safeAllocation: { cpus: '12', mem: '16GiB', nodes: '4' },
      },
    });
    const [firstDoor, secondDoor] = [await gate(), await gate()];
    const first = await qsub(['-N', 'first', '-l', 'nodes=1:ppn=2'], firstDoor.script);
    await runs(first, 60);
    // All that is allowed, and so it waits as long as the first one runs; stock pbs_sched deletes such jobs after a restart.
    const wide = await qsub(['-N', 'wide', '-l', 'nodes=3:ppn=4'], 'pbsdsh true\n');
    const second = await qsub(['-N', 'second', '-l', 'nodes=1:ppn=1'], secondDoor.script);
    await level('a node for the second job is being launched', 40, async () => (await tasks()).length === 2);

    const before = await taskIds(stage);
    await site.pbsServer.restart();
    await level(
      'the framework is ready again',
      60,
      async () => (await fetch(`${stage.framework.url}/readyz`)).ok,
    );
    await runs(second, 90);
    check((await job(first)).state === 'R', 'the first job runs on');
    check((await job(wide)).state === 'Q', 'the wide job still waits');
    check(isWithin(before, await taskIds(stage)), 'no task ended meanwhile');

    const [held, standing] = [await taskIds(stage), await nodes()];
    await site.trqauthd.kill();
    await secondDoor.open();
    await level('the scheduler says that it cannot read TORQUE', 40, async () =>
      (await statusOf(stage)).notices.find((text) => text.includes('could not be read')),
    );
    const unreadMs = Date.now();
    await level(
      'a plan was made when a node without a job would long have been idle',
      60,
      async () => Number((await statusOf(stage)).plannedAtMs) > unreadMs + 2 * idleMs,
    );
    const kept = await taskIds(stage);
    check(
      isWithin(held, kept) && kept.length === held.length,
      'what TORQUE cannot be asked about neither shrank nor grew',
    );
    await site.trqauthd.start();
    // 6.1.3's ends by itself when it is asked for a cycle and cannot ask the server; a stand-in does not.
    if (!(await site.pbsSched.isRunning()))
      stage.say('pbs_sched had ended with trqauthd, and is started again');
    await site.pbsSched.start();
    const after = await nodes();
    check(
      standing.every(({ name }) =>
        after.some((node) => node.name === name && !node.states.includes('offline')),
      ),
      'all nodes stood as before when TORQUE could be asked again',
    );
    await firstDoor.open();
    await ended([first, second, wide], 120);
  },
};

async function taskIds({ tasks }: Stage): Promise<readonly string[]> {
  return (await tasks()).map(({ id }) => id);
}

function isWithin(some: readonly string[], all: readonly string[]): boolean {
  return some.every((one) => all.includes(one));
}
