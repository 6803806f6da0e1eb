import type { AgentMachine, Site } from '../site.ts';
import type { Story } from '../story.ts';
import { leaderOf } from './machines.ts';
import { quick } from './policy.ts';
import { jobStatus } from './status.ts';

const beginsInMs = 5 * 60_000;
const lastsMs = 60 * 60_000;

export const maintenance: Story = {
  title: '19 a maintenance window, with a long and a short job',
  proves:
    'A job that ends before the window runs there, one that might not waits and is told why, and runs when the window is called off.',
  needs: [],
  async play(stage) {
    const { site, startFramework, qsub, ended, empty, level, job, check } = stage;
    const [one, other] = site.agents;
    await startFramework({ policy: { ...quick, propertyAttributes: ['rack'], maintenanceLead: '1s' } });
    // All agents of this rack are announced to be away.
    await announce(site, [one, other]);
    try {
      const short = await qsub(['-N', 'short', '-l', 'nodes=1:r1,walltime=00:01:00'], 'sleep 1\n');
      await ended([short], 90);
      check(
        [one.name, other.name].includes((await job(short)).hosts.join()),
        'the short job ran there before the window',
      );

      // On a node that is there already pbs_sched may start whatever fits: only what is launched is ours to decide.
      await empty(40);
      const long = await qsub(['-N', 'long', '-l', 'nodes=1:r1,walltime=01:00:00'], 'sleep 1\n');
      const waiting = await level('the long job waits for the maintenance', 40, async () => {
        const found = await jobStatus(stage, long);
        return found?.verdict === 'waiting' && /maintenance/i.test(found.why) && found;
      });
      check((await job(long)).state === 'Q', `it is told why: ${waiting.why}`);

      await announce(site, []);
      await ended([long], 90);
    } finally {
      await announce(site, []);
    }
  },
};

/** Replaces the whole schedule of the leading master. Times are nanoseconds, which a number of JSON holds well enough. */
async function announce(site: Site, machines: readonly AgentMachine[]): Promise<void> {
  const machine_ids = machines.map(({ name, address }) => ({ hostname: name, ip: address }));
  const unavailability = {
    start: { nanoseconds: (Date.now() + beginsInMs) * 1e6 },
    duration: { nanoseconds: lastsMs * 1e6 },
  };
  const windows = machines.length === 0 ? [] : [{ machine_ids, unavailability }];
  const leader = await leaderOf(site);
  if (leader === null) throw new Error('no master leads');
  const answer = await fetch(`${leader.url}/api/v1`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({
      type: 'UPDATE_MAINTENANCE_SCHEDULE',
      update_maintenance_schedule: { schedule: { windows } },
    }),
  });
  if (!answer.ok)
    throw new Error(`UPDATE_MAINTENANCE_SCHEDULE: ${String(answer.status)} ${await answer.text()}`);
}
