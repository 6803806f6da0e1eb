/** Stories that the recordings do not tell, on a master and agents within this process. */
import { existsSync, readFileSync } from 'node:fs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Event } from '@mesos-torque/proto/gen/mesos/v1/scheduler/scheduler.ts';
import { schedulerCalls, schedulerEvents } from './wire/codec.ts';
import { findProcess } from './agent/processes.ts';
import { startCluster, type TestCluster } from './testing/cluster.ts';
import { fastClock } from './testing/fast-clock.ts';
import { send, until } from './testing/raw-client.ts';
import { scalar, scriptExecutor, TestScheduler } from './testing/test-scheduler.ts';

let cluster: TestCluster;

beforeEach(async () => {
  cluster = await startCluster(fastClock(10));
});

afterEach(async () => {
  await cluster.close();
});

const subscribeAs = (sketch: Parameters<typeof TestScheduler.subscribe>[1]): Promise<TestScheduler> =>
  TestScheduler.subscribe(cluster.masterUrl, sketch);

async function stateOf(): Promise<{ frameworks: unknown[]; completed_frameworks: { id: string }[] }> {
  const answer = await send({ url: `${cluster.masterUrl}/state`, method: 'GET', headers: {}, body: '' });
  return JSON.parse(answer.body) as Awaited<ReturnType<typeof stateOf>>;
}

test('a framework that stays away for longer than its failover_timeout loses its tasks, and may not come back', async () => {
  await cluster.startAgent(1);
  const scheduler = await subscribeAs({ failover_timeout: 1 });
  await scheduler.launch('t1', { command: { value: 'echo $$ > pid; exec sleep 600' } });
  await scheduler.reaches('t1', 'TASK_RUNNING');
  const pidFile = `${cluster.directory}/a1/slaves/${(await firstAgent()).id}/frameworks/${scheduler.id}/executors/t1/runs/latest/pid`;
  await until(
    () => 'the pid',
    () => existsSync(pidFile) && readFileSync(pidFile, 'utf8') !== '',
  );
  const pid = Number(readFileSync(pidFile, 'utf8'));

  scheduler.close();
  await waitForState((state) => state.completed_frameworks.length === 1);

  const again = await subscribeAs({ id: scheduler.id });
  expect(again.events).toEqual([{ type: 'ERROR', error: { message: 'Framework has been removed' } }]);
  await until(
    () => 'the end of the stream',
    () => again.over === 'end',
  );
  await gone(pid);
});

async function firstAgent(): Promise<{ id: string }> {
  const answer = await send({ url: `${cluster.masterUrl}/slaves`, method: 'GET', headers: {}, body: '' });
  const [agent] = (JSON.parse(answer.body) as { slaves: { id: string }[] }).slaves;
  return agent!;
}

async function waitForState(holds: (state: Awaited<ReturnType<typeof stateOf>>) => boolean): Promise<void> {
  const endMs = Date.now() + 10_000;
  while (!holds(await stateOf())) if (Date.now() > endMs) throw new Error('the state did not come');
}

async function gone(pid: number): Promise<void> {
  const endMs = Date.now() + 10_000;
  while ((await findProcess(pid)) !== null)
    if (Date.now() > endMs) throw new Error(`process ${pid} lives on`);
}

const stubborn = `
  const fs = require('fs');
  const child = require('child_process').spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { detached: true, stdio: 'ignore' });
  fs.writeFileSync('pids', process.pid + ' ' + child.pid);
  process.on('SIGTERM', () => {});
  const id = (name) => ({ value: process.env[name] });
  const call = { type: 'SUBSCRIBE', executor_id: id('MESOS_EXECUTOR_ID'), framework_id: id('MESOS_FRAMEWORK_ID'), subscribe: {} };
  fetch('http://' + process.env.MESOS_AGENT_ENDPOINT + '/api/v1/executor', {
    method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(call) });
  setInterval(() => {}, 1000);`;

test('an executor that does not heed SHUTDOWN is killed after its grace period, with all that it started', async () => {
  await cluster.startAgent(1);
  const scheduler = await subscribeAs({});
  const offer = await scheduler.launch('t1', scriptExecutor('stubborn', stubborn));
  const agentId = offer.agent_id.value;
  const file = `${cluster.directory}/a1/slaves/${agentId}/frameworks/${scheduler.id}/executors/stubborn/runs/latest/pids`;
  await until(
    () => 'the pids',
    () => existsSync(file) && readFileSync(file, 'utf8').includes(' '),
  );
  const pids = readFileSync(file, 'utf8').split(' ').map(Number);

  await scheduler.call('SHUTDOWN', { executor_id: { value: 'stubborn' }, agent_id: { value: agentId } });

  const { reason } = await scheduler.reaches('t1', 'TASK_FAILED');
  expect(reason).toBe('REASON_EXECUTOR_TERMINATED');
  const failure = scheduler.events.find(({ type }) => type === 'FAILURE');
  expect(failure?.['failure']).toMatchObject({ executor_id: { value: 'stubborn' }, status: 9 });
  for (const pid of pids) await gone(pid);
});

test('an executor finds the documented environment and nothing else', async () => {
  await cluster.startAgent(1);
  const scheduler = await subscribeAs({});
  const script = "require('fs').writeFileSync('env.json', JSON.stringify(process.env))";
  const environment = { variables: [{ name: 'OURS', value: '1' }] };
  const { agent_id } = await scheduler.launch('t1', scriptExecutor('ex', script, { environment }));
  await scheduler.reaches('t1', 'TASK_FAILED');

  const file = `${cluster.directory}/a1/slaves/${agent_id.value}/frameworks/${scheduler.id}/executors/ex/runs/latest/env.json`;
  const variables = JSON.parse(readFileSync(file, 'utf8')) as Record<string, string>;

  expect(Object.keys(variables).sort()).toEqual([
    'LIBPROCESS_IP',
    'LIBPROCESS_PORT',
    'MESOS_AGENT_ENDPOINT',
    'MESOS_CHECKPOINT',
    'MESOS_DIRECTORY',
    'MESOS_EXECUTOR_ID',
    'MESOS_EXECUTOR_SHUTDOWN_GRACE_PERIOD',
    'MESOS_FRAMEWORK_ID',
    'MESOS_HTTP_COMMAND_EXECUTOR',
    'MESOS_RECOVERY_TIMEOUT',
    'MESOS_SANDBOX',
    'MESOS_SLAVE_ID',
    'MESOS_SLAVE_PID',
    'MESOS_SUBSCRIPTION_BACKOFF_MAX',
    'OURS',
    'PATH',
  ]);
  expect(variables).toMatchObject({
    MESOS_EXECUTOR_SHUTDOWN_GRACE_PERIOD: '1secs',
    MESOS_RECOVERY_TIMEOUT: '15mins',
    MESOS_SUBSCRIPTION_BACKOFF_MAX: '2secs',
    MESOS_SLAVE_ID: agent_id.value,
  });
});

test('a URI that may be cached is fetched once for two executors', async () => {
  await cluster.startAgent(1);
  const scheduler = await subscribeAs({});
  const uris = [{ value: `${cluster.filesUrl}payload.tar.gz`, cache: true }];
  const command = { value: 'test -f run.sh', uris };

  await scheduler.launch('t1', { command });
  await scheduler.reaches('t1', 'TASK_FINISHED');
  await scheduler.launch('t2', { command });
  await scheduler.reaches('t2', 'TASK_FINISHED');

  expect(cluster.requests.map(({ path }) => path)).toEqual(['/payload.tar.gz']);
});

test('an executor comes out of the archive that was fetched', async () => {
  await cluster.startAgent(1);
  const scheduler = await subscribeAs({});
  const uris = [{ value: `${cluster.filesUrl}start.tar.gz`, extract: true, executable: false, cache: true }];
  const command = { value: './start.sh', arguments: ['./start.sh'], uris };

  const { agent_id } = await scheduler.launch('t1', scriptExecutor('ex', '', command));

  await scheduler.reaches('t1', 'TASK_FAILED');
  const sandbox = `${cluster.directory}/a1/slaves/${agent_id.value}/frameworks/${scheduler.id}/executors/ex/runs/latest`;
  expect(existsSync(`${sandbox}/started`), 'it ran, and ended without subscribing').toBe(true);
});

test('an archive that was cut is a failed fetch', async () => {
  await cluster.startAgent(1);
  const scheduler = await subscribeAs({});
  const uris = [{ value: `${cluster.filesUrl}cut.tar.gz`, extract: true }];

  await scheduler.launch(
    't1',
    scriptExecutor('ex', '', { value: './start.sh', arguments: ['./start.sh'], uris }),
  );

  const { reason, message } = await scheduler.reaches('t1', 'TASK_FAILED');
  expect(reason).toBe('REASON_CONTAINER_LAUNCH_FAILED');
  expect(message).toMatch(
    /^Failed to launch container: Failed to fetch all URIs for container '.+': exited with status 1$/,
  );
});

test('what cannot be executed has ended without a word, as on a sandbox mounted noexec', async () => {
  await cluster.startAgent(1);
  const scheduler = await subscribeAs({});
  const uris = [{ value: `${cluster.filesUrl}executor.js`, executable: false, extract: false }];
  const command = { value: './executor.js', arguments: ['./executor.js'], uris };

  await scheduler.launch('t1', scriptExecutor('ex', '', command));

  const { reason, message } = await scheduler.reaches('t1', 'TASK_FAILED');
  expect([reason, message]).toEqual(['REASON_EXECUTOR_TERMINATED', 'Executor terminated']);
  const failure = scheduler.events.find(({ type }) => type === 'FAILURE');
  expect(failure?.['failure']).toMatchObject({ executor_id: { value: 'ex' }, status: 256 });
});

test('what is reserved for a role is offered to that role alone, with its reservation', async () => {
  await cluster.startAgent(1, { resources: 'cpus:2;mem:1024;cpus(torque):1;mem(torque):512' });
  const other = await subscribeAs({ role: 'other' });
  const first = await other.offer();
  const scheduler = await subscribeAs({ role: 'torque' });

  const second = await scheduler.offer();

  const named = (name: string, value: number, role: string, more: object): object => ({
    ...scalar(name, value),
    allocation_info: { role },
    ...more,
  });
  expect(first.resources).toEqual([named('cpus', 2, 'other', {}), named('mem', 1024, 'other', {})]);
  const reservations = [{ type: 'STATIC', role: 'torque' }];
  expect(second.resources).toEqual([
    named('cpus', 1, 'torque', { reservations }),
    named('mem', 512, 'torque', { reservations }),
  ]);
});

test('two frameworks share two agents', async () => {
  const one = await subscribeAs({ role: 'one' });
  const two = await subscribeAs({ role: 'two' });
  await cluster.startAgent(1);
  await cluster.startAgent(2);

  const offers = await Promise.all([one.offer(), two.offer()]);

  expect(offers.map(({ hostname }) => hostname).sort()).toEqual(['agent1.mesos.test', 'agent2.mesos.test']);
});

test('offers taken back cannot be used any more', async () => {
  await cluster.startAgent(1);
  const scheduler = await subscribeAs({});
  const offer = await scheduler.offer();

  expect(cluster.rescindOffers()).toBe(1);
  await scheduler.launchOn(offer, 'late', { command: { value: 'true' } });

  const status = await scheduler.reaches('late', 'TASK_DROPPED');
  expect(status).toMatchObject({
    reason: 'REASON_INVALID_OFFERS',
    message: `Task launched with invalid offers: Offer ${offer.id.value} is no longer valid`,
  });
});

test('a scheduler that speaks protobuf is answered in protobuf', async () => {
  const type = 'application/x-protobuf';
  const body = schedulerCalls.encode(
    'protobuf',
    schedulerCalls.decode(
      'json',
      Buffer.from(
        '{"type":"SUBSCRIBE","subscribe":{"framework_info":{"user":"root","name":"pb","role":"/bad"}}}',
      ),
    ),
  );
  const response = await fetch(`${cluster.masterUrl}/api/v1/scheduler`, {
    method: 'POST',
    headers: { 'Content-Type': type, Accept: type },
    body: new Uint8Array(body),
  });

  const bytes = Buffer.from(await response.arrayBuffer());

  expect(response.headers.get('content-type')).toBe(type);
  const record = bytes.subarray(bytes.indexOf('\n') + 1);
  const message = "'FrameworkInfo.role' is not a valid role: Role '/bad' cannot start with a slash";
  expect(schedulerEvents.decode('protobuf', record)).toEqual(
    Event.fromPartial({ type: 'ERROR', error: { message } }),
  );
});

test('an executor that never subscribes is given up', async () => {
  await cluster.startAgent(1, { executorRegistrationTimeoutMs: 3_000 });
  const scheduler = await subscribeAs({});
  await scheduler.launch('t1', scriptExecutor('mute', 'setInterval(() => {}, 1000)'));

  const status = await scheduler.reaches('t1', 'TASK_FAILED');

  expect(status).toMatchObject({
    reason: 'REASON_EXECUTOR_REGISTRATION_TIMEOUT',
    message: 'Executor did not register within 3secs',
  });
});

test('a body beyond the limit is refused', async () => {
  await cluster.close();
  cluster = await startCluster(fastClock(10), { bodyBytesMax: 1_000 });
  const headers = { 'Content-Type': 'application/json' };

  const answer = await send({
    url: `${cluster.masterUrl}/api/v1/scheduler`,
    method: 'POST',
    headers,
    body: ' '.repeat(1_001),
  });

  expect(answer.status).toBe(413);
});
