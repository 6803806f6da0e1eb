/** Recordings of momctl, qrun, qdel and pbsnodes on nodes whose moms run. */
import { test } from 'vitest';
import { expectAsRecorded, readRecordings, replay } from './testing/recordings.ts';
import type { MomPlace, StandIn } from './testing/stand-in.ts';
import { withStandIn } from './testing/stand-in.ts';

const recordings = readRecordings();

async function play(t: StandIn, names: string, mom: MomPlace | null = null): Promise<void> {
  for (const name of names.split(' ')) {
    const recording = recordings.get(name);
    if (recording === undefined) throw new Error(`no recording ${name}`);
    expectAsRecorded(t, recording, await replay(t, recording, mom));
  }
}

test('one mom and its node, asked in every way', async () => {
  await withStandIn(
    {},
    async (t) => {
      await t.startAll('set server next_job_number = 131', 'set server scheduling = False');
      const places = [];
      for (const [i, np] of [4, 2, 2].entries()) {
        const name = ['node1', 'node2', 'node4'][i] ?? '';
        const properties = name === 'node4' ? ',properties=bigmem' : '';
        places.push(await t.addNode(`${name}.torque.test`, `np=${np}${properties}`));
      }
      const [, , node4] = places;
      if (node4 === undefined) throw new Error('no mom');
      await play(t, 'momctl-q momctl-q-unknown momctl-c momctl-r momctl-C momctl-noarg momctl-badopt', node4);
      await play(t, 'momctl-h-d3-user momctl-d3-user-local momctl-h-unknown', node4);
      await play(t, 'momctl-h-nomom', { ...node4, managerPort: 1 });
      await play(t, 'momctl-h-d0 momctl-h-d3 momctl-C-h', node4);
      await play(t, 'mom-start-user');

      await play(t, 'qrun-missing');
      await t.qsub(['-h', '-N', 'qr', '-l', 'nodes=1'], 'sleep 30');
      await t.qsub(['-N', 'qr', '-l', 'nodes=1:ppn=4'], 'sleep 30');
      await t.qsub(['-N', 'qrH', '-l', 'nodes=1'], 'sleep 30');
      await play(t, 'qrun-4 qrun-5 qrun-H qrun-H-ok');
      await play(t, 'qdel-missing qdel-other qdel-running');
      await t.waitForJob('133', 'C');
      await play(t, 'qdel-complete');

      await play(
        t,
        'pbsnodes-o pbsnodes-x-offline pbsnodes-o-again pbsnodes-o-note pbsnodes-x-note pbsnodes-c',
      );
      await play(t, 'pbsnodes-x-cleared pbsnodes-c-again pbsnodes-N-empty pbsnodes-r pbsnodes-o-two');
      await play(t, 'pbsnodes-x-missing pbsnodes-l-bad');
      await t.ok('pbsnodes', ['-c', 'node1.torque.test']);
      await t.ok('qdel', ['131'], { user: 'alice' });
      await t.waitForJob('131', 'C');
      await play(t, 'pbsnodes-x-two');

      await play(t, 'momctl-s momctl-s-again momctl-d3-down momctl-h-d3-down', node4);
      await t.waitForState('node4.torque.test', 'down');
      await play(t, 'pbsnodes-l-down pbsnodes-l-free pbsnodes-l-up node-down-dead-mom-pbsnodes-x');
      await play(t, 'qmgr-set-offline qmgr-set-offline-off qmgr-set-down qterm-immediate qterm-delay');
    },
    allHosts,
  );
});

const allHosts = Object.fromEntries(
  ['node1', 'node2', 'node3', 'node4', 'node5', 'node6', 'node9', 'alt1', 'head']
    .flatMap((name) => [name, `${name}.torque.test`])
    .concat('10.77.0.13')
    .map((name) => [name, '127.0.0.1']),
);
