/** Maintenance as operators announce it and frameworks hear of it, see fixtures/mesos/07-maintenance. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startCluster, type TestCluster } from './testing/cluster.ts';
import { fastClock } from './testing/fast-clock.ts';
import { send, until } from './testing/raw-client.ts';
import { scriptExecutor, TestScheduler } from './testing/test-scheduler.ts';

let cluster: TestCluster;
let scheduler: TestScheduler;

beforeAll(async () => {
  cluster = await startCluster(fastClock(10));
  await cluster.startAgent(1, { resources: 'cpus:4;mem:4096;disk:10000;ports:[31000-31100]' });
  scheduler = await TestScheduler.subscribe(cluster.masterUrl);
});

afterAll(async () => {
  await cluster.close();
});

async function announce(
  windows: readonly object[],
): Promise<{ readonly status: number; readonly body: string }> {
  const schedule = {
    type: 'UPDATE_MAINTENANCE_SCHEDULE',
    update_maintenance_schedule: { schedule: { windows } },
  };
  return send({
    url: `${cluster.masterUrl}/api/v1`,
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(schedule),
  });
}

function count(type: string): number {
  return scheduler.events.filter((event) => event.type === type).length;
}

test('a change takes all offers back; what is offered then says when it is away, and who holds something is asked', async () => {
  const { hostname } = await scheduler.launch('t1', scriptExecutor('ex', 'setInterval(() => {}, 1000)'));
  await scheduler.offer();
  const unavailability = { start: { nanoseconds: 1e18 }, duration: { nanoseconds: 6e11 } };
  const machine = { hostname: hostname.toUpperCase(), ip: '127.0.0.1' };

  expect(await announce([{ machine_ids: [machine], unavailability }])).toMatchObject({ status: 200 });

  await until(
    () => 'the offer was taken back, and the framework asked',
    () => count('RESCIND') > 0 && count('INVERSE_OFFERS') === 1,
  );
  expect(JSON.stringify(await scheduler.offer())).toContain(
    '"unavailability":{"start":{"nanoseconds":1000000000000000000}',
  );
  await announce([]);
  await until(
    () => 'the question was taken back',
    () => count('RESCIND_INVERSE_OFFER') === 1,
  );
});

test('a window without machines is refused in the words of the real master', async () => {
  const unavailability = { start: { nanoseconds: 1e18 } };
  expect(await announce([{ machine_ids: [], unavailability }])).toMatchObject({
    status: 400,
    body: 'List of machines in the maintenance window is empty',
  });
});
