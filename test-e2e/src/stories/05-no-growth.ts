import type { Story } from '../story.ts';
import { quick } from './policy.ts';
import { jobStatus, whenPlanned } from './status.ts';

export const noGrowth: Story = {
  title: '5 held, dependent and waiting jobs cause no growth',
  proves:
    'A held job, one that depends on it and one with a start in the future get no nodes until they may run.',
  needs: [],
  async play(stage) {
    const { startFramework, qsub, ended, level, nodes, tasks, check, site } = stage;
    await startFramework({ policy: quick });
    const held = await qsub(['-N', 'held', '-h', '-l', 'nodes=1'], 'sleep 1\n');
    const dependent = await qsub(
      ['-N', 'after', '-W', `depend=afterok:${held}`, '-l', 'nodes=1'],
      'sleep 1\n',
    );
    const later = await qsub(['-N', 'later', '-a', inTwoDays(), '-l', 'nodes=2'], 'sleep 1\n', {
      ends: 'deleted',
    });

    await level('all three are known, and none is a demand', 20, async () =>
      (await Promise.all([held, dependent, later].map((id) => jobStatus(stage, id)))).every(
        (job) => job?.verdict === 'not-demand',
      ),
    );
    for (const id of [held, dependent, later]) {
      const job = await jobStatus(stage, id);
      check(job?.why !== '', `${id} is no demand: ${job?.why ?? ''}`);
    }
    // Two plans later it is still so: nothing was on its way.
    await whenPlanned(stage, 2);
    check((await nodes()).length === 0 && (await tasks()).length === 0, 'there is neither a node nor a task');

    await site.admin(['qrls', held]);
    await ended([held, dependent], 60);
    const waits = await stage.job(later);
    check(waits.state === 'W', `${later} still waits for its time (${waits.state})`);
    await site.admin(['qdel', later]);
  },
};

/** As `qsub -a` reads it; noon, so that no time zone makes it the past. */
function inTwoDays(): string {
  const day = new Date(Date.now() + 2 * 24 * 3_600_000).toISOString().slice(0, 10).replaceAll('-', '');
  return `${day}1200`;
}
