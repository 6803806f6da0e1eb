/** From an empty cluster to a job over three moms and back, and the traps on the way. */
import { expect, test } from 'vitest';
import { withStandIn } from './testing/stand-in.ts';

const placeholder = ['set server resources_available.nodect = 100', 'create node head.torque.test np=1000'];

const threeNodes = ['node1', 'node2', 'node3'].map((name) => `${name}.torque.test`);

test('a job for three nodes waits on an empty cluster, runs over three moms, and the nodes go away', async () => {
  await withStandIn({}, async (t) => {
    await t.startAll(...placeholder);

    const script = "cat $PBS_NODEFILE\npbsdsh -u sh -c 'echo $PBS_NODENUM on $HOSTNAME'\necho oops >&2\n";
    const id = await t.qsub(['-N', 'three', '-l', 'nodes=3:ppn=2,walltime=00:05:00'], script);
    await t.waitForField(id, 'comment', 'Not Running: Not enough of the right type of nodes are available');
    expect(await t.jobField(id, 'job_state')).toBe('Q');

    await Promise.all(threeNodes.map((name) => t.addNode(name)));
    await t.qmgr('set server scheduling = true');
    await t.waitForJob(id, 'C');

    expect(await t.jobField(id, 'exit_status')).toBe('0');
    expect((await t.jobField(id, 'exec_host')).replaceAll('/0-1', '').split('+').sort()).toEqual(threeNodes);
    const lines = t.readWork('three.o0').trim().split('\n');
    expect(lines.slice(0, 6).sort()).toEqual(threeNodes.flatMap((name) => [name, name]));
    expect(
      lines
        .slice(6)
        .map((line) => line.replace(/^\d on /, ''))
        .sort(),
    ).toEqual(threeNodes);
    expect(t.readWork('three.e0')).toBe('oops\n');

    for (const name of threeNodes) {
      await t.ok('pbsnodes', ['-o', name]);
      await t.qmgr(`delete node ${name}`);
    }
    expect(await t.ok('pbsnodes', ['-l', 'all'])).toBe('head.torque.test     down\n');
  });
});
