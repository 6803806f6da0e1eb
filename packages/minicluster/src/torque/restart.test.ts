/** What `kill -9` of the stand-in's pbs_server leaves, and what moms are told after the next start. */
import { expect, test } from 'vitest';
import { withStandIn } from './testing/stand-in.ts';

test('a job whose id was told is there after kill -9, however soon that comes', async () => {
  await withStandIn({}, async (t) => {
    let server = await t.startAll('set server scheduling = False');
    for (let round = 0; round < 5; round += 1) {
      const id = await t.qsub(['-l', 'walltime=00:01:00'], 'true');
      await server.stop('SIGKILL');
      server = await t.startServer('-a', 'false');
      expect(await t.jobField(id, 'job_state')).toBe('Q');
    }
  });
});

// As tried on 6.1.3: its new life tells the list within a second, and with it the nodes are known to all moms.
test('after a start every mom is told of all nodes, of those too whose list was not sent before the end', async () => {
  await withStandIn({ hostListDelayMs: 60_000 }, async (t) => {
    const server = await t.startAll();
    const places = [await t.placeMom('node1.torque.test'), await t.placeMom('node2.torque.test')];
    for (const place of places) {
      await t.createNode(place);
      await t.startMom(place);
    }
    expect(await t.nodeState('node2.torque.test')).toContain('MOM-list-not-sent');

    await server.stop('SIGKILL');
    await t.startServer('-a', 'false');

    const all = places.map(({ managerPort }) => `127.0.0.1:${managerPort}`);
    for (const place of places) {
      await t.waitForState(place.name, 'free');
      await t.until(`${place.name} trusts all`, async () => {
        const { stdout } = await t.momctl(place, '-d', '3');
        return all.every((host) => stdout.includes(host));
      });
    }
  });
});
