import { randomUUID } from 'node:crypto';
import { afterEach, describe, expect, test } from 'vitest';
import { systemClock } from '@mesos-torque/common/clock.ts';
import { silentLog } from '@mesos-torque/common/logger.ts';
import { usualTrust } from '@mesos-torque/common/tls-trust.ts';
import type { TaskInfo } from '@mesos-torque/proto/gen/mesos/v1/mesos.ts';
import { TaskInfo as TaskInfoCodec } from '@mesos-torque/proto/gen/mesos/v1/mesos.ts';
import { MomOrders, MomReport, SchedulerMessage } from '@mesos-torque/proto/gen/torque/v1/orders.ts';
import { AgentClient } from './agent-client.ts';
import type { ExecutorEvent, ReportedState, StatusReport } from './agent-port.ts';
import type { ExecutorEnv } from './env.ts';
import { FakeAgent } from './testing/fake-agent.ts';

describe('events', () => {
  test('LAUNCH gives the orders, MESSAGE the order to start, KILL its grace', async () => {
    const agent = await startAgent();
    const { events } = subscribed(agent);
    await expect.poll(() => events).toHaveLength(1);

    agent.send({ type: 'LAUNCH', launch: { task: task() } });
    agent.send({ type: 'MESSAGE', message: { data: startMom('T1') } });
    agent.send({
      type: 'KILL',
      kill: { taskId: { value: 'T1' }, killPolicy: { gracePeriod: { nanoseconds: 2_500_000_000n } } },
    });
    agent.send({ type: 'KILL', kill: { taskId: { value: 'T1' } } });
    agent.send({ type: 'SHUTDOWN' });

    await expect
      .poll(() => events)
      .toEqual([
        { kind: 'subscribed', agentHost: 'node1.example.org', agentId: 'S1' },
        { kind: 'launch', taskId: 'T1', orders, killGraceMs: 8000 },
        { kind: 'start-mom', taskId: 'T1' },
        { kind: 'kill', taskId: 'T1', graceMs: 2500 },
        { kind: 'kill', taskId: 'T1', graceMs: null },
        { kind: 'shutdown' },
      ]);
  });

  test.each([
    ['no orders', Buffer.alloc(0), 'task T1 has no orders'],
    ['orders that are garbage', Buffer.from([0xff, 0xff]), 'orders of task T1 cannot be read: "\\xff\\xff"'],
    [
      'orders of nothing',
      Buffer.from(MomOrders.encode(MomOrders.create({ np: 2 })).finish()),
      'name no node or no server',
    ],
  ])('a launch with %s is to be answered', async (_what, data, why) => {
    const agent = await startAgent();
    const { events } = subscribed(agent);
    await expect.poll(() => events).toHaveLength(1);
    agent.send({ type: 'LAUNCH', launch: { task: task({ data }) } });
    await expect
      .poll(() => events[1])
      .toEqual({
        kind: 'launch-garbled',
        taskId: 'T1',
        why: expect.stringContaining(why) as unknown,
      });
  });

  test('that make no sense are one clear problem each, and the rest is heard', async () => {
    const agent = await startAgent();
    const { events } = subscribed(agent);
    await expect.poll(() => events).toHaveLength(1);
    agent.send({ type: 'UNRECOGNIZED' });
    agent.send({ type: 'LAUNCH' });
    agent.send({ type: 'LAUNCH_GROUP', launchGroup: {} });
    agent.send({ type: 'KILL', kill: {} });
    agent.send({ type: 'ACKNOWLEDGED', acknowledged: { taskId: { value: 'T1' } } });
    agent.send({ type: 'MESSAGE', message: { data: Buffer.from('hello') } });
    agent.send({ type: 'SHUTDOWN' });
    await expect
      .poll(() => events.slice(1).map((event) => ('why' in event ? event.why : event.kind)))
      .toEqual([
        'event of a type that is not known here',
        'LAUNCH event without what it must hold',
        'LAUNCH_GROUP event, which is not for executors of this kind',
        'KILL event without what it must hold',
        'ACKNOWLEDGED event without what it must hold',
        'framework message that is not known here: "hello"',
        'shutdown',
      ]);
  });
});

describe('updates', () => {
  test('say what Mesos needs, with a uuid of version 4', async () => {
    const agent = await startAgent();
    const { client, events } = subscribed(agent);
    await expect.poll(() => events).toHaveLength(1);

    const outcome = client.update(status('TASK_RUNNING', true));
    await expect.poll(() => agent.calls('UPDATE')).toHaveLength(1);

    const [call] = agent.calls('UPDATE');
    expect(call).toMatchObject({ executorId: { value: 'E1' }, frameworkId: { value: 'F1' } });
    const sent = call?.update?.status;
    expect(sent).toMatchObject({
      taskId: { value: 'T1' },
      state: 'TASK_RUNNING',
      source: 'SOURCE_EXECUTOR',
      healthy: true,
      message: 'as told',
    });
    expect(sent?.uuid?.toString('hex')).toMatch(/^[0-9a-f]{12}4[0-9a-f]{3}[89ab][0-9a-f]{15}$/);
    expect(MomReport.decode(sent!.data!)).toEqual(report);
    agent.acknowledge(0);
    expect(await outcome).toEqual({ kind: 'acknowledged' });
  });

  test('leave health open before it is known', async () => {
    const agent = await startAgent();
    const { client } = subscribed(agent);
    void client.update(status('TASK_STARTING', null));
    await expect
      .poll(() => [...agent.calls('UPDATE'), ...agent.calls('SUBSCRIBE')].length)
      .toBeGreaterThan(0);
    const [subscribe] = agent.calls('SUBSCRIBE');
    expect(subscribe?.subscribe?.unacknowledgedUpdates[0]?.status?.healthy).toBeUndefined();
  });

  test('may be awaited by a handler: the acknowledgement does not wait for it', async () => {
    const agent = await startAgent();
    agent.answerCalls((_received, response) => {
      response.writeHead(202).end();
      agent.acknowledge(0);
    });
    const outcomes: string[] = [];
    const client = clientOf(agent);
    client.open(async (event) => {
      if (event.kind !== 'subscribed') return;
      outcomes.push((await client.update(status('TASK_STARTING', null))).kind);
    });
    await expect.poll(() => outcomes).toEqual(['acknowledged']);
  });

  test('keep their order when one has to be sent again', async () => {
    const agent = await startAgent();
    const { client, events } = subscribed(agent);
    await expect.poll(() => events).toHaveLength(1);
    let refusals = 2;
    agent.answerCalls((_received, response) => {
      refusals -= 1;
      response.writeHead(refusals >= 0 ? 503 : 202).end();
    });

    for (const state of states) void client.update(status(state, null));

    await expect
      .poll(() => agent.calls('UPDATE').map(({ update }) => update?.status?.state))
      .toEqual(['TASK_STARTING', 'TASK_STARTING', ...states]);
  });

  test('go with every SUBSCRIBE until they are acknowledged, and their task with them', async () => {
    const agent = await startAgent();
    const { client, events } = subscribed(agent);
    await expect.poll(() => events).toHaveLength(1);
    agent.send({ type: 'LAUNCH', launch: { task: task() } });
    for (const state of states) void client.update(status(state, null));
    await expect.poll(() => agent.calls('UPDATE')).toHaveLength(3);

    agent.breakStream();
    await expect.poll(() => agent.calls('SUBSCRIBE')).toHaveLength(2);
    agent.acknowledge(0);
    await expect.poll(() => events.at(-1)).toEqual({ kind: 'acknowledged', taskId: 'T1' });
    agent.breakStream();
    await expect.poll(() => agent.calls('SUBSCRIBE')).toHaveLength(3);

    const resent = agent.calls('SUBSCRIBE').map(({ subscribe }) => ({
      tasks: subscribe?.unacknowledgedTasks.map(({ taskId }) => taskId?.value),
      states: subscribe?.unacknowledgedUpdates.map(({ status: sent }) => sent?.state),
    }));
    expect(resent).toEqual([
      { tasks: [], states: [] },
      { tasks: ['T1'], states },
      { tasks: [], states: states.slice(1) },
    ]);
    // The agent has them from the SUBSCRIBE: nothing was sent twice beside it.
    expect(agent.calls('UPDATE')).toHaveLength(3);
  });

  test('that the agent refuses are given back with its words', async () => {
    const agent = await startAgent();
    const { client, events } = subscribed(agent);
    await expect.poll(() => events).toHaveLength(1);
    agent.answerCalls((_received, response) => {
      response.writeHead(400).end('Failed to validate Executor::Call: Not a valid UUID');
    });
    expect(await client.update(status('TASK_STARTING', null))).toEqual({
      kind: 'refused',
      why: expect.stringContaining('Not a valid UUID') as unknown,
    });
  });

  test('are given up when the connection is closed', async () => {
    const agent = await startAgent();
    const { client } = subscribed(agent);
    const outcome = client.update(status('TASK_STARTING', null));
    await client.close();
    expect(await outcome).toMatchObject({ kind: 'given-up' });
    expect(await client.update(status('TASK_RUNNING', null))).toMatchObject({ kind: 'given-up' });
  });
});

describe('an agent that goes away', () => {
  test('and does not come back in time is lost', async () => {
    const agent = await startAgent();
    const { events } = subscribed(agent, { recoveryTimeMsMax: 100 });
    await expect.poll(() => events).toHaveLength(1);
    agent.answerSubscribe((_received, response) => {
      response.writeHead(503).end('Agent has not finished recovery');
    });
    agent.breakStream();
    await expect
      .poll(() => events.slice(1))
      .toEqual([
        { kind: 'disconnected', why: expect.stringContaining('stream broke off') as unknown },
        { kind: 'lost', why: expect.stringContaining('did not come back within 100 ms') as unknown },
      ]);
  });

  test('is lost at once without checkpointing', async () => {
    const agent = await startAgent();
    const { events } = subscribed(agent, { checkpoint: false });
    await expect.poll(() => events).toHaveLength(1);
    agent.breakStream();
    await expect.poll(() => events.map(({ kind }) => kind)).toEqual(['subscribed', 'lost']);
  });

  test('and comes back is subscribed to again, as often as it likes', async () => {
    const agent = await startAgent();
    const { events } = subscribed(agent, { recoveryTimeMsMax: 5000 });
    await expect.poll(() => events).toHaveLength(1);
    agent.breakStream();
    await expect.poll(() => events).toHaveLength(3);
    agent.breakStream();
    await expect
      .poll(() => events.map(({ kind }) => kind))
      .toEqual(['subscribed', 'disconnected', 'subscribed', 'disconnected', 'subscribed']);
  });

  test('for good says so with an ERROR, or by refusing', async () => {
    const agent = await startAgent();
    const { events } = subscribed(agent);
    await expect.poll(() => events).toHaveLength(1);
    agent.answerSubscribe((_received, response) => {
      response.writeHead(400).end('Executor cannot be found');
    });
    agent.breakStream();
    await expect
      .poll(() => events.at(-1))
      .toEqual({
        kind: 'lost',
        why: expect.stringContaining('refused the subscription: 400 "Executor cannot be found"') as unknown,
      });
  });
});

test('the token is sent with every call', async () => {
  const agent = await startAgent();
  const { client, events } = subscribed(agent, { authenticationToken: 'jwt' });
  await expect.poll(() => events).toHaveLength(1);
  expect(await client.message(Buffer.from('hello'))).toEqual({ kind: 'taken' });
  expect(agent.received.map(({ headers }) => headers.authorization)).toEqual(['Bearer jwt', 'Bearer jwt']);
});

const cleanups: (() => void | Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

const states: readonly ReportedState[] = ['TASK_STARTING', 'TASK_RUNNING', 'TASK_KILLED'];
const orders = MomOrders.create({ nodeName: 'node1.example.org', pbsServer: 'head.example.org', np: 2 });
const report = MomReport.create({ nodeName: 'node1.example.org', stage: 'MOM_STAGE_PREPARED' });

function status(state: ReportedState, healthy: boolean | null): StatusReport {
  return { taskId: 'T1', state, message: 'as told', healthy, report };
}

function task(more: Partial<TaskInfo> = {}): TaskInfo {
  return TaskInfoCodec.create({
    name: 'pbs_mom',
    taskId: { value: 'T1' },
    agentId: { value: 'S1' },
    data: Buffer.from(MomOrders.encode(orders).finish()),
    killPolicy: { gracePeriod: { nanoseconds: 8_000_000_000n } },
    ...more,
  });
}

function startMom(taskId: string): Buffer {
  const message = SchedulerMessage.create({ taskId, message: { $case: 'startMom', value: {} } });
  return Buffer.from(SchedulerMessage.encode(message).finish());
}

async function startAgent(): Promise<FakeAgent> {
  const agent = await FakeAgent.start();
  cleanups.push(() => agent.close());
  return agent;
}

function clientOf(agent: FakeAgent, more: Partial<ExecutorEnv> = {}): AgentClient {
  const client = new AgentClient({
    env: {
      agent: agent.endpoint,
      agentTls: null,
      frameworkId: 'F1',
      executorId: 'E1',
      agentId: 'S1',
      sandbox: '/sandbox',
      checkpoint: true,
      recoveryTimeMsMax: 5000,
      subscriptionBackoffMsMax: 10,
      shutdownGraceMs: 3000,
      authenticationToken: null,
      ...more,
    },
    tls: usualTrust,
    encoding: 'protobuf',
    callTimeMsMax: 1000,
    clock: systemClock,
    random: () => 0.5,
    newUuid: randomUUID,
    log: silentLog,
  });
  cleanups.push(() => client.close());
  return client;
}

function subscribed(
  agent: FakeAgent,
  more: Partial<ExecutorEnv> = {},
): { readonly client: AgentClient; readonly events: ExecutorEvent[] } {
  const client = clientOf(agent, more);
  const events: ExecutorEvent[] = [];
  client.open((event) => {
    events.push(event);
    return Promise.resolve();
  });
  return { client, events };
}
