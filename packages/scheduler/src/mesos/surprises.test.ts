/**
 * What the real Mesos (1.12) does on the wire and nobody would expect. What concerns tasks is in
 * `loop/surprises.test.ts`; uuids of our own updates are in the executor's `agent-client.test.ts`.
 */
import { afterEach, describe, expect, test } from 'vitest';
import { Event } from '@mesos-torque/proto/gen/mesos/v1/scheduler/scheduler.ts';
import { encodeMessage } from '@mesos-torque/common/encoding.ts';
import { readConfig } from '../config.ts';
import type { MesosEvent } from '../loop/ports.ts';
import { fatalOfError } from './remedies.ts';
import { SchedulerClient } from './scheduler-client.ts';
import { FakeMaster } from './testing/fake-master.ts';
import { clientOptions } from './testing/builders.ts';
import { readEvent } from './translate.ts';

const cleanups: (() => void | Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function aClient() {
  const master = await FakeMaster.start();
  const client = new SchedulerClient(clientOptions([master.endpoint]));
  cleanups.push(
    () => master.close(),
    () => client.close(),
  );
  const events: MesosEvent[] = [];
  client.open({ frameworkId: null }, (event) => {
    events.push(event);
    return Promise.resolve();
  });
  await expect.poll(() => events.map(({ kind }) => kind)).toContain('subscribed');
  return { master, client, events };
}

describe('Mesos surprises us on the wire', () => {
  test('a call may be answered 200 instead of 202 (UPDATE_FRAMEWORK is): taken all the same', async () => {
    const { master, client } = await aClient();
    master.answerCalls((_received, response) => {
      response.writeHead(200).end();
    });

    expect(await client.revive()).toEqual({ ok: true, value: null });
  });

  test('a content type with a charset is 415, and any other path below /api/v1 is the operator API', async () => {
    const { master, client } = await aClient();
    await client.revive();

    for (const { headers, path } of master.received) {
      expect(headers['content-type']).toBe('application/x-protobuf');
      expect(path).toBe('/api/v1/scheduler');
    }
  });

  test('updates of an executor carry no executor id: the task id is enough', () => {
    const status = {
      taskId: { value: 'mom.n1.1' },
      agentId: { value: 'S1' },
      state: 'TASK_RUNNING' as const,
    };
    const event = Event.fromPartial({ type: 'UPDATE', update: { status } });

    expect(readEvent(encodeMessage(Event, event, 'json'), 'json', 0)).toMatchObject({
      kind: 'status',
      status: { taskId: 'mom.n1.1', state: 'TASK_RUNNING', ackToken: null },
    });
  });

  test('an update is acknowledged with the very uuid that came, which Mesos checks', async () => {
    const { master, client, events } = await aClient();
    const uuid = Buffer.from('2f1c6ad0a1c94b0e9d4b6a1d5d6a7f31', 'hex');
    const status = {
      taskId: { value: 'mom.n1.1' },
      agentId: { value: 'S1' },
      state: 'TASK_RUNNING' as const,
      uuid,
    };
    master.send({ type: 'UPDATE', update: { status } });
    await expect.poll(() => events.map(({ kind }) => kind)).toContain('status');
    const told = events.find((event) => event.kind === 'status');
    const token = told?.status.ackToken ?? expect.fail('no uuid came through');
    await client.acknowledge(token);

    expect(master.calls('ACKNOWLEDGE')[0]?.acknowledge?.uuid).toEqual(uuid);
  });

  test('a negative failover time-out is accepted by Mesos, and not by us', () => {
    const settings = ['mesos.master=m:5050', 'mesos.failoverTimeout=-1s'];
    const read = readConfig({ file: null, environment: {}, settings }, 'head.example.org');

    expect(read.ok ? [] : read.errors).toEqual([expect.stringContaining('mesos.failoverTimeout')]);
  });

  test.each([
    ['Framework has been removed', /empty state directory.*repair --dry-run/],
    ['Framework failed over', /one scheduler per framework id/],
    ["Changing framework's principal is not allowed.", /configure the one it was registered with/],
    ["Not authorized to use role 'torque'", /register_frameworks/],
  ])('"%s" ends us for good, with the remedy', async (message, remedy) => {
    const { master, events } = await aClient();
    master.send({ type: 'ERROR', error: { message } });
    await expect.poll(() => events.at(-1)?.kind).toBe('fatal');

    expect(events.at(-1)).toEqual(fatalOfError(message));
    expect(fatalOfError(message).remedy).toMatch(remedy);
    // Never a second SUBSCRIBE, which would register another framework.
    expect(master.calls('SUBSCRIBE')).toHaveLength(1);
  });
});
