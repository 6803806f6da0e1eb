import { afterEach, describe, expect, test } from 'vitest';
import { silentLog, type Log } from '@mesos-torque/common/logger.ts';
import type { Event } from '@mesos-torque/proto/gen/mesos/v1/scheduler/scheduler.ts';
import type { MesosEvent, Outcome } from '../loop/ports.ts';
import type { SchedulerClientOptions } from './client-options.ts';
import { SchedulerClient } from './scheduler-client.ts';
import { FakeMaster } from './testing/fake-master.ts';
import { clientOptions, launch, offer, scalar } from './testing/builders.ts';

type PartialEvent = Parameters<typeof Event.fromPartial>[0];

describe('subscribing', () => {
  test('a new framework has no id; after SUBSCRIBED it has the same one in both places', async () => {
    const master = await startMaster();
    const { seen } = subscribed(master);
    await expect.poll(() => seen).toEqual(['subscribed F1']);

    master.endStream();

    await expect.poll(() => seen).toEqual(['subscribed F1', 'disconnected', 'subscribed F1']);
    const [first, second] = master.calls('SUBSCRIBE');
    expect(first).toMatchObject({ frameworkId: undefined, subscribe: { frameworkInfo: { id: undefined } } });
    expect(second).toMatchObject({
      frameworkId: { value: 'F1' },
      subscribe: { frameworkInfo: { id: { value: 'F1' } } },
    });
  });

  test('says who we are', async () => {
    const master = await startMaster();
    const { seen } = subscribed(master, { principal: 'torque', wantsGpus: true });
    await expect.poll(() => seen).toHaveLength(1);
    expect(master.calls('SUBSCRIBE')[0]?.subscribe?.frameworkInfo).toMatchObject({
      user: 'root',
      name: 'mesos-torque',
      roles: ['torque'],
      role: undefined,
      checkpoint: true,
      failoverTimeout: 604_800,
      principal: 'torque',
      capabilities: [
        { type: 'MULTI_ROLE' },
        { type: 'PARTITION_AWARE' },
        { type: 'RESERVATION_REFINEMENT' },
        { type: 'TASK_KILLING_STATE' },
        { type: 'GPU_RESOURCES' },
      ],
    });
  });

  test('authenticates on every call, where that is asked for', async () => {
    const master = await startMaster();
    const { client, seen } = subscribed(master, { credential: { principal: 'torque', secret: 'hunter2' } });
    await expect.poll(() => seen).toHaveLength(1);
    await client.revive();
    const authorization = `Basic ${Buffer.from('torque:hunter2').toString('base64')}`;
    expect(master.received.map(({ headers }) => headers.authorization)).toEqual([
      authorization,
      authorization,
    ]);
  });

  test.each([
    ['that we were given', 'a.b', 'unused', 0],
    ['that Mesos gave us', null, 'a.b', 1],
  ])('a framework id %s with a dot in it is fatal', async (_what, ours, theirs, subscriptions) => {
    const master = await startMaster();
    master.frameworkId = theirs;
    const { seen } = subscribed(master, {}, ours);
    await expect
      .poll(() => seen)
      .toEqual(['fatal framework id a.b has a dot in it, which the marks of our nodes cannot hold']);
    expect(master.received).toHaveLength(subscriptions);
  });
});

describe('calls', () => {
  test('carry the id of the stream, SUBSCRIBE does not', async () => {
    const master = await startMaster();
    const { client, seen } = subscribed(master);
    await expect.poll(() => seen).toHaveLength(1);

    expect(await client.kill('T1', 'S1', 1500)).toEqual({ ok: true, value: null });

    expect(master.received.map(({ headers }) => headers['mesos-stream-id'])).toEqual([undefined, 'stream-1']);
    expect(master.calls('KILL')[0]?.kill).toMatchObject({
      taskId: { value: 'T1' },
      agentId: { value: 'S1' },
      killPolicy: { gracePeriod: { nanoseconds: 1_500_000_000n } },
    });
  });

  test('before there is a subscription are not made', async () => {
    const master = await startMaster();
    const client = new SchedulerClient(clientOptions([master.endpoint]));
    expect(problemOf(await client.revive())).toEqual([
      'unreachable',
      'reviving offers: there is no subscription',
    ]);
    expect(master.received).toEqual([]);
  });

  test.each([
    [400, 'Failed to validate scheduler::Call', 'refused'],
    [401, '401 Unauthorized.', 'refused'],
    [403, 'Not authorized', 'refused'],
    [503, 'No leader elected', 'unreachable'],
    [307, '', 'unreachable'],
    [400, "The stream ID 'x' included in this request didn't match", 'unreachable'],
  ])('answered with %d %j are %s', async (status, body, kind) => {
    const master = await startMaster();
    const { client, seen } = subscribed(master);
    await expect.poll(() => seen).toHaveLength(1);
    master.answerCalls((_received, response) => {
      response.writeHead(status).end(body);
    });
    const [problemKind, detail] = problemOf(await client.suppress());
    expect(problemKind).toBe(kind);
    expect(detail).toContain(
      `suppressing offers: http://127.0.0.1:${master.endpoint.port} answered ${status}`,
    );
    // None of these says that our subscription is over.
    expect(master.calls('SUBSCRIBE')).toHaveLength(1);
  });

  test('that are never answered may have had their effect', async () => {
    const master = await startMaster();
    const { client, seen } = subscribed(master, { callTimeMsMax: 50 });
    await expect.poll(() => seen).toHaveLength(1);
    master.answerCalls(() => undefined);
    expect(problemOf(await client.suppress())).toEqual([
      'timed-out',
      expect.stringContaining('no answer within 50 ms'),
    ]);
  });

  test('to a master that does not know our subscription make a new one', async () => {
    const master = await startMaster();
    const { client, seen } = subscribed(master);
    await expect.poll(() => seen).toHaveLength(1);
    master.answerCalls((_received, response) => {
      response.writeHead(403).end('Framework is not subscribed');
    });
    expect(problemOf(await client.suppress())[0]).toBe('unreachable');
    await expect.poll(() => seen).toEqual(['subscribed F1', 'disconnected', 'subscribed F1']);
  });
});

describe('offers', () => {
  test('are used up by ACCEPT', async () => {
    const master = await startMaster();
    const { client, seen } = subscribed(master);
    master.send({ type: 'OFFERS', offers: { offers: [offer()] } });
    await expect.poll(() => seen).toEqual(['subscribed F1', 'offers O1']);

    expect(await client.accept(launch())).toEqual({ ok: true, value: null });
    expect(problemOf(await client.accept(launch()))).toEqual([
      'not-found',
      expect.stringContaining('offer O1 is not held: used, declined or rescinded'),
    ]);

    expect(master.calls('ACCEPT')).toHaveLength(1);
  });

  test('are kept when the ACCEPT certainly had no effect, and not when it may have had one', async () => {
    const master = await startMaster();
    const { client, seen } = subscribed(master, { callTimeMsMax: 50 });
    master.send({ type: 'OFFERS', offers: { offers: [offer()] } });
    await expect.poll(() => seen).toContain('offers O1');
    master.answerCalls((_received, response) => {
      response.writeHead(503).end();
    });
    expect(problemOf(await client.accept(launch()))[0]).toBe('unreachable');
    master.answerCalls(() => undefined);
    expect(problemOf(await client.accept(launch()))[0]).toBe('timed-out');
    expect(problemOf(await client.accept(launch()))[0]).toBe('not-found');
  });

  test.each<[string, PartialEvent]>([
    ['rescinded', { type: 'RESCIND', rescind: { offerId: { value: 'O1' } } }],
  ])('are gone when %s', async (what, event) => {
    const master = await startMaster();
    const { client, seen } = subscribed(master);
    master.send({ type: 'OFFERS', offers: { offers: [offer()] } });
    master.send(event);
    await expect.poll(() => seen).toContain(`${what} O1`);
    expect(problemOf(await client.accept(launch()))[0]).toBe('not-found');
  });

  test('are gone when declined, and when the connection was lost', async () => {
    const master = await startMaster();
    const { client, seen } = subscribed(master);
    master.send({ type: 'OFFERS', offers: { offers: [offer(), offer({ id: 'O2' })] } });
    await expect.poll(() => seen).toContain('offers O1 O2');

    await client.decline(['O1'], 120);
    expect(problemOf(await client.accept(launch()))[0]).toBe('not-found');
    master.endStream();
    await expect.poll(() => seen.length).toBe(4);

    expect(problemOf(await client.accept(launch({}, ['O2'])))[0]).toBe('not-found');
    expect(master.calls('DECLINE')[0]?.decline).toMatchObject({ filters: { refuseSeconds: 120 } });
  });

  test('that cannot be read are named and declined, the others go on', async () => {
    const master = await startMaster();
    const warnings: string[] = [];
    const { seen } = subscribed(master, { log: { ...silentLog, warn: (event) => warnings.push(event) } });
    const broken = offer({ id: 'O2', resources: [scalar('cpus', -1)] });
    master.send({ type: 'OFFERS', offers: { offers: [offer(), broken] } });
    await expect
      .poll(() => seen)
      .toEqual(['subscribed F1', 'offers O1', 'garbled offer O2: resource "cpus" of the amount -1']);
    await expect
      .poll(() => master.calls('DECLINE').map(({ decline }) => decline?.offerIds))
      .toEqual([[{ value: 'O2' }]]);
    // The loop has it in the log, once.
    expect(warnings).toEqual([]);
  });
});

describe('an ERROR', () => {
  test.each([
    [
      'Framework failed over',
      'another scheduler took over this framework id',
      'run one scheduler per framework id',
    ],
    ['Framework has been removed', 'Framework has been removed', 'an empty state directory'],
    ["Changing framework's principal is not allowed.", 'principal', 'keeps its principal'],
    ['Not authorized to register framework  with roles { other }', 'Not authorized', 'register_frameworks'],
    ['The framework failover_timeout (1e+30) is invalid', '1e+30', 'shorter failover time-out'],
    ['Something new', 'Something new', 'log of the master'],
  ])('%s stops us with a remedy', async (message, why, remedy) => {
    const master = await startMaster();
    const { events, seen } = subscribed(master);
    master.send({ type: 'ERROR', error: { message } });
    await expect
      .poll(() => events.at(-1))
      .toEqual({
        kind: 'fatal',
        why: expect.stringContaining(why) as unknown,
        remedy: expect.stringContaining(remedy) as unknown,
      });
    master.endStream();
    expect(seen).toHaveLength(2);
    expect(master.calls('SUBSCRIBE')).toHaveLength(1);
  });

  test('in place of a subscription stops us as well, as a refusal does', async () => {
    const master = await startMaster();
    master.answerSubscribe((_received, response) => {
      response.writeHead(401).end('401 Unauthorized.');
    });
    const { events } = subscribed(master);
    await expect
      .poll(() => events)
      .toEqual([
        {
          kind: 'fatal',
          why: `subscribing at http://127.0.0.1:${master.endpoint.port}: answered 401 "401 Unauthorized."`,
          remedy: expect.stringContaining('configure the principal and secret') as unknown,
        },
      ]);
  });
});

test('garbage is one clear problem, and what follows is heard', async () => {
  const master = await startMaster();
  const { seen } = subscribed(master);
  master.sendBytes(Buffer.from('{"type":"HEARTBEAT"}'));
  master.send({ type: 'RESCIND', rescind: { offerId: { value: 'O9' } } });
  await expect
    .poll(() => seen)
    .toEqual([
      'subscribed F1',
      expect.stringContaining('garbled event of the master: not a protobuf'),
      'rescinded O9',
    ]);
});

test('TEARDOWN closes the connection, and nothing comes after it', async () => {
  const master = await startMaster();
  const { client, seen } = subscribed(master);
  await expect.poll(() => seen).toHaveLength(1);
  master.answerCalls((_received, response) => {
    // As Mesos does it: first the stream ends, then the call is answered.
    master.endStream();
    response.writeHead(202).end();
  });
  expect(await client.teardown()).toEqual({ ok: true, value: null });
  expect(master.calls('SUBSCRIBE')).toHaveLength(1);
});

test('no secret is ever logged', async () => {
  const lines: unknown[] = [];
  const write = (event: string, fields?: object): void => void lines.push(event, fields);
  const log: Log = { debug: write, info: write, warn: write, error: write };
  const master = await startMaster();
  master.answerSubscribe((_received, response) => {
    response.writeHead(401).end('no');
  });
  const { seen } = subscribed(master, { log, credential: { principal: 'torque', secret: 'hunter2' } });
  await expect.poll(() => seen).toHaveLength(1);
  expect(lines.length).toBeGreaterThan(0);
  expect(JSON.stringify(lines)).not.toMatch(/hunter2|aHVudGVyMg|Basic/);
});

const cleanups: (() => void | Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function startMaster(): Promise<FakeMaster> {
  const master = await FakeMaster.start();
  cleanups.push(() => master.close());
  return master;
}

interface Watched {
  readonly client: SchedulerClient;
  readonly events: MesosEvent[];
  /** The events in short. */
  readonly seen: string[];
}

/** A client of this master, subscribing. */
function subscribed(
  master: FakeMaster,
  more: Partial<SchedulerClientOptions> = {},
  frameworkId: string | null = null,
): Watched {
  const client = new SchedulerClient(clientOptions([master.endpoint], more));
  cleanups.push(() => client.close());
  const events: MesosEvent[] = [];
  const seen: string[] = [];
  client.open({ frameworkId }, (event) => {
    events.push(event);
    seen.push(shown(event));
    return Promise.resolve();
  });
  return { client, events, seen };
}

function shown(event: MesosEvent): string {
  switch (event.kind) {
    case 'subscribed':
      return `subscribed ${event.frameworkId}`;
    case 'offers':
      return `offers ${event.offers.map(({ id }) => id).join(' ')}`;
    case 'rescinded':
      return `rescinded ${event.offerId}`;
    case 'garbled':
    case 'fatal':
      return `${event.kind} ${event.why}`;
    case 'disconnected':
    case 'status':
    case 'inverse-offers':
    case 'inverse-rescinded':
    case 'agent-lost':
    case 'executor-lost':
      return event.kind;
  }
}

function problemOf(outcome: Outcome<null>): [string, string] {
  return outcome.ok ? ['none', ''] : [outcome.problem.kind, outcome.problem.detail];
}
