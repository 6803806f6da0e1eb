import type { Story } from '../story.ts';
import { quick } from './policy.ts';

/** First come, first served: the smallest scheduler that starts jobs. `qrun` needs nodes that are free. */
const firstComeFirstServed = `while sleep 1; do
  pbsnodes -l free | grep -q . || continue
  for job in $(qselect -s Q); do qrun "$job" 2>/dev/null; done
done
`;

export const ownScheduler: Story = {
  title: "18 a scheduler of the site's choice, and stock pbs_sched",
  proves:
    "With torque.scheduler=command the framework runs the site's own scheduler in the place of pbs_sched, starts it again when it ends, and serves its jobs; then the same with pbs_sched.",
  needs: [],
  async play(stage) {
    const { framework, startFramework, qsub, ended, empty, level, check, site } = stage;
    const { head, pbsSched } = site;
    const script = `${framework.stateDir}-scheduler.sh`;
    const scheduler = async (): Promise<number | undefined> =>
      (await head.processes()).find(({ command }) => command === `/bin/sh ${script}`)?.pid;

    await pbsSched.stop();
    await head.writeFile(script, firstComeFirstServed);
    await startFramework({
      torque: { mode: 'manage', scheduler: 'command', schedulerCommand: ['/bin/sh', script], onEnd: 'stop' },
      policy: quick,
    });
    const pid = await level("the site's own scheduler runs", 40, scheduler);
    const ids = [
      await qsub(['-N', 'wide', '-l', 'nodes=2:ppn=2'], 'pbsdsh true\n'),
      await qsub(['-N', 'narrow', '-l', 'nodes=1:ppn=1'], 'sleep 1\n'),
    ];
    await ended(ids, 120);
    await head.signal(pid, 'SIGKILL');
    await level('killed, it is started again', 40, async () => {
      const now = await scheduler();
      return now !== undefined && now !== pid;
    });
    await empty(60);
    await framework.stop();
    check((await scheduler()) === undefined, 'it ends with the framework, as torque.onEnd says');
    check(await site.pbsServer.isRunning(), 'pbs_server, which others had started, runs on');

    await pbsSched.start();
    await startFramework({ policy: quick });
    await ended([await qsub(['-N', 'stock', '-l', 'nodes=2:ppn=1'], 'pbsdsh true\n')], 90);
  },
};
