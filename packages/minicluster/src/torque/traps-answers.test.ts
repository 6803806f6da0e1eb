/** Traps of TORQUE 6.1.3 in what its commands answer, and in what the server forgets, each as a story. */
import { expect, test } from 'vitest';
import type { MomPlace, StandIn } from './testing/stand-in.ts';
import { withStandIn } from './testing/stand-in.ts';

const [node1, node2, node3] = ['node1.torque.test', 'node2.torque.test', 'node3.torque.test'] as const;

test('pbsnodes -o and -c exit 0 for a node that is not there, and without permission; only the words tell', async () => {
  await withStandIn({}, async (t) => {
    await t.startAll();
    await t.addNode(node1);

    const missing = await t.run('pbsnodes', ['-o', 'nosuch.torque.test']);
    const unallowed = await t.run('pbsnodes', ['-o', node1], { user: 'bob' });

    expect([missing.code, unallowed.code]).toEqual([0, 0]);
    expect(missing.stderr).not.toBe('');
    expect(unallowed.stderr).toContain('Unauthorized Request');
    expect(await t.nodeState(node1)).toBe('free');
  });
});

test('qmgr with sentences on its input exits 0 although one failed; with -c it does not', async () => {
  await withStandIn({}, async (t) => {
    await t.startAll();
    const sentence = 'delete node nosuch.torque.test';
    expect((await t.run('qmgr', [], { stdin: `${sentence}\n` })).code).toBe(0);
    expect((await t.run('qmgr', ['-c', sentence])).code).toBe(2);
  });
});

test('no nodes is rc 1 before the first and rc 2 after the last, both without XML, and so is a server that is down', async () => {
  await withStandIn({}, async (t) => {
    const server = await t.startAll();
    const never = await t.run('pbsnodes', ['-x']);
    await t.qmgr(`create node ${node1}`);
    await t.qmgr(`delete node ${node1}`);
    const deleted = await t.run('pbsnodes', ['-x']);
    await server.stop();
    const down = await t.run('pbsnodes', ['-x']);

    expect([never.code, deleted.code, down.code]).toEqual([1, 2, 1]);
    expect([never.stdout, deleted.stdout, down.stdout]).toEqual(['', '', '']);
    expect(new Set([never.stderr, deleted.stderr, down.stderr]).size).toBe(3);
  });
});

test('before the list of hosts was sent, setting a state is refused', async () => {
  await withStandIn({ hostListDelayMs: 600_000 }, async (t) => {
    await t.startAll(`create node ${node1}`);
    const refused = await t.run('qmgr', ['-c', `set node ${node1} state=offline`]);
    expect(refused.code).toBe(2);
  });
});

test('a note is not a mark: whoever writes the next one replaces it; requestid stays', async () => {
  await withStandIn({}, async (t) => {
    await t.startAll(`create node ${node1} np=2,requestid=mesos-torque.f.t`);
    await t.waitForState(node1, 'down');
    await t.ok('pbsnodes', ['-N', 'mesos-torque', node1]);
    await t.ok('pbsnodes', ['-N', 'bad disk', node1]);

    const shown = await t.ok('pbsnodes', ['-x', node1]);

    expect(shown).not.toContain('<note>mesos-torque');
    expect(shown).toContain('<requestid>mesos-torque.f.t</requestid>');
  });
});

test('unset of scheduler_iteration exits 0 and changes nothing', async () => {
  await withStandIn({}, async (t) => {
    await t.startAll('set server scheduler_iteration = 7');
    await t.qmgr('unset server scheduler_iteration');
    expect(await t.qmgr('print server')).toContain('set server scheduler_iteration = 7');
  });
});

test('an operator’s try to set nodect is refused, and the server forgets the nodect that it goes on printing', async () => {
  await withStandIn({}, async (t) => {
    await t.startAll(
      'set server resources_available.nodect = 48',
      'create node head.torque.test np=48',
      'set server operators += alice@head.torque.test',
      'set server scheduling = False',
    );
    await t.qsub(['-l', 'nodes=40'], 'true');

    const refused = await t.run('qmgr', ['-c', 'set server resources_available.nodect=47'], {
      user: 'alice',
    });

    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain('read only or insufficient permission');
    expect(await t.qmgr('print server')).toContain('set server resources_available.nodect = 48');
    const later = await t.run('qsub', ['-l', 'nodes=40'], { user: 'alice', stdin: 'true' });
    expect(later.code).toBe(190);
  });
});

test('a node that is offline when the list of hosts goes out is not told, and not when its mark is cleared', async () => {
  await withStandIn({}, async (t) => {
    await t.startAll();
    const [kept, drained] = [await t.addNode(node1), await t.addNode(node2)];
    await t.ok('pbsnodes', ['-o', node2]);
    const added = await t.addNode(node3);
    await t.until('the node that was online is told', () => trusts(t, kept, added));

    await t.ok('pbsnodes', ['-c', node2]);
    await t.waitForState(node2, 'free');

    expect(await trusts(t, drained, kept)).toBe(true);
    expect(await trusts(t, drained, added)).toBe(false);
  });
});

async function trusts(t: StandIn, mom: MomPlace, other: MomPlace): Promise<boolean> {
  const told = (await t.momctl(mom, '-d', '3')).stdout;
  const list = /Trusted Client List: (.*)/.exec(told)?.[1] ?? '';
  return list.includes(`127.0.0.1:${other.managerPort}`);
}

test('a job that lacks nodes is deleted by pbs_sched without a placeholder, although the queue took it', async () => {
  await withStandIn({}, async (t) => {
    await t.startAll('set queue batch is_transit = true');
    const id = await t.qsub(['-l', 'nodes=3:ppn=2'], 'true');
    await t.waitForJob(id, 'C');
    expect(await t.jobField(id, 'exec_host')).toBe('');
  });
});
