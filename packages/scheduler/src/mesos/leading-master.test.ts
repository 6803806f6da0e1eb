import { expect, test } from 'vitest';
import { endpointText } from '@mesos-torque/common/endpoint.ts';
import { silentLog } from '@mesos-torque/common/logger.ts';
import { createVirtualClock } from '../loop/testing/virtual-clock.ts';
import { FakeZooKeeper } from '../zookeeper/testing/fake-zookeeper.ts';
import { readLeadingMaster, watchLeadingMaster } from './leading-master.ts';
import type { LeaderReading, LeaderWatch } from './leading-master.ts';

/** As a real 1.12 master wrote it; its `ip` is the address as a little-endian number. */
const recorded =
  '{"address":{"hostname":"m1.example.org","ip":"10.0.0.1","port":5050},"capabilities":[{"type":"AGENT_UPDATE"}],' +
  '"hostname":"m1.example.org","id":"e317c1f0-1aad-4709-b612-d2f51fcfb1e8","ip":16777226,"pid":"master@10.0.0.1:5050","port":5050,"version":"1.12.0"}';

function info(ip: string): string {
  return recorded.replaceAll('10.0.0.1', ip);
}

async function read(zoo: FakeZooKeeper, scheme: 'http' | 'https' = 'http'): Promise<LeaderReading> {
  const session = zoo.open(2000);
  if (!session.ok) throw new Error(session.problem.detail);
  return readLeadingMaster(session.value, '/mesos', scheme);
}

test('the lowest number leads, whatever else lies there', async () => {
  const zoo = new FakeZooKeeper();
  zoo.put('/mesos/json.info_0000000012', info('10.0.0.12'));
  zoo.put('/mesos/json.info_0000000003', info('10.0.0.3'));
  zoo.put('/mesos/log_replicas', '');
  zoo.put('/mesos/info_0000000001', 'protobuf of an old master');

  const leader = await read(zoo);

  expect(leader.ok && leader.value && endpointText(leader.value)).toBe('http://10.0.0.3:5050');
});

test('with encryption the name is taken, which its certificate is made out to', async () => {
  const zoo = new FakeZooKeeper();
  zoo.put('/mesos/json.info_0000000000', recorded);
  const leader = await read(zoo, 'https');
  expect(leader.ok && leader.value && endpointText(leader.value)).toBe('https://m1.example.org:5050');
});

test('no znode is no leader; one that cannot be read is said', async () => {
  const zoo = new FakeZooKeeper();
  expect(await read(zoo)).toEqual({ ok: true, value: null });
  zoo.put('/mesos/json.info_0000000000', '{"address":{"ip":"10.0.0.1"}}');
  expect(await read(zoo)).toMatchObject({
    problem: {
      kind: 'garbled',
      detail: expect.stringContaining('json.info_0000000000 is no MasterInfo') as unknown,
    },
  });
});

interface Watched {
  readonly pass: (ms: number) => Promise<void>;
  readonly watch: LeaderWatch;
  readonly changes: string[];
}

function watch(zoo: FakeZooKeeper): Watched {
  const clock = createVirtualClock(0);
  const changes: string[] = [];
  const leaderWatch = watchLeadingMaster({
    name: 'zk://z1:2181/mesos',
    path: '/mesos',
    scheme: 'http',
    openSession: () => Promise.resolve(zoo.open(2000)),
    intervalMs: 1000,
    clock,
    log: silentLog,
  });
  leaderWatch.onChange((leader) => changes.push(endpointText(leader)));
  const pass = (ms: number): Promise<void> => clock.runUntil(clock.nowMs() + ms, () => false);
  return { pass, watch: leaderWatch, changes };
}

test('a change of leader is noticed within a look, and told once', async () => {
  const zoo = new FakeZooKeeper();
  const { pass, watch: leader, changes } = watch(zoo);
  await pass(100);
  expect(leader.next()).toEqual({ ok: false, why: 'zk://z1:2181/mesos: no master is registered there' });

  zoo.put('/mesos/json.info_0000000000', info('10.0.0.1'));
  zoo.put('/mesos/json.info_0000000001', info('10.0.0.2'));
  await pass(1000);
  await pass(5000);
  expect(changes).toEqual(['http://10.0.0.1:5050']);

  zoo.delete('/mesos/json.info_0000000000');
  await pass(1000);
  expect(changes).toEqual(['http://10.0.0.1:5050', 'http://10.0.0.2:5050']);
  expect(leader.next()).toMatchObject({ ok: true, endpoint: { host: '10.0.0.2' } });
});

test('while ZooKeeper is silent the last leader stays, and a session that ended is made anew', async () => {
  const zoo = new FakeZooKeeper();
  zoo.put('/mesos/json.info_0000000000', info('10.0.0.1'));
  const { pass, watch: leader, changes } = watch(zoo);
  await pass(100);

  zoo.answering = false;
  await pass(30_000);
  expect(leader.next()).toMatchObject({ ok: true, endpoint: { host: '10.0.0.1' } });

  zoo.answering = true;
  zoo.expire();
  zoo.delete('/mesos/json.info_0000000000');
  zoo.put('/mesos/json.info_0000000007', info('10.0.0.2'));
  await pass(3000);
  expect(changes).toEqual(['http://10.0.0.1:5050', 'http://10.0.0.2:5050']);
});
