import { describe, expect, test } from 'vitest';
import { encodings, encodeMessage } from '@mesos-torque/common/encoding.ts';
import type { Encoding } from '@mesos-torque/common/encoding.ts';
import type { Offer, TaskStatus } from '@mesos-torque/proto/gen/mesos/v1/mesos.ts';
import { Event } from '@mesos-torque/proto/gen/mesos/v1/scheduler/scheduler.ts';
import { MomReport } from '@mesos-torque/proto/gen/torque/v1/orders.ts';
import { offer, ports, reserved, scalar } from './testing/builders.ts';
import { readEvent } from './translate.ts';
import type { SchedulerEvent } from './translate.ts';

type PartialEvent = Parameters<typeof Event.fromPartial>[0];

describe.each(encodings)('in %s', (encoding) => {
  const read = (event: PartialEvent): SchedulerEvent => reading(event, encoding);

  test('SUBSCRIBED gives id, master and heartbeat', () => {
    const subscribed = {
      frameworkId: { value: 'F1' },
      heartbeatIntervalSeconds: 7.5,
      masterInfo: { id: 'M', ip: 1, port: 5050, version: '1.12.0', hostname: 'm1.example.org' },
    };
    expect(read({ type: 'SUBSCRIBED', subscribed })).toEqual({
      kind: 'subscribed',
      frameworkId: 'F1',
      master: 'm1.example.org:5050',
      masterVersion: '1.12.0',
      heartbeatMs: 7500,
    });
  });

  test('an offer is summed over what we may use', () => {
    const resources = [
      scalar('cpus', 3.5),
      scalar('cpus', 0.5, reserved('torque')),
      scalar('cpus', 8, { revocable: {} }),
      scalar('mem', 1024.9),
      scalar('fpgas', 2),
      ports([[31_000, 31_005]]),
    ];

    const facts = offersOf(read(offersEvent(offer({ resources }))))[0];

    expect(facts).toMatchObject({
      id: 'O1',
      agentId: 'S1',
      host: 'node1.example.org',
      resources: { cpuMilli: 4000, memMib: 1024, diskMib: 0, gpus: 0 },
      ports: [{ begin: 31_000, end: 31_005 }],
      receivedAtMs: 1234,
      unavailableFromMs: null,
    });
  });

  test('attributes are text in the spelling of Mesos', () => {
    const attributes = [
      { name: 'rack', type: 'TEXT' as const, text: { value: 'r1' } },
      { name: 'weight', type: 'SCALAR' as const, scalar: { value: 2.5 } },
      {
        name: 'slots',
        type: 'RANGES' as const,
        ranges: {
          range: [
            { begin: 1n, end: 3n },
            { begin: 7n, end: 9n },
          ],
        },
      },
      { name: 'rack', type: 'TEXT' as const, text: { value: 'r2' } },
    ];
    const facts = offersOf(read(offersEvent(offer({ attributes }))))[0];
    expect(facts?.attributes).toEqual({ rack: 'r1,r2', weight: '2.5', slots: '[1-3, 7-9]' });
  });

  test('region and zone are attributes, unless the agent has some of that name', () => {
    const domain = { faultDomain: { region: { name: 'eu' }, zone: { name: 'eu-1' } } };
    const attributes = [{ name: 'zone', type: 'TEXT' as const, text: { value: 'hall-2' } }];
    const facts = offersOf(read(offersEvent(offer({ domain, attributes }))))[0];
    expect(facts?.attributes).toEqual({ region: 'eu', zone: 'hall-2' });
  });

  test('an inverse offer is a window of an agent', () => {
    const unavailability = {
      start: { nanoseconds: 1_795_331_418_548_000_000n },
      duration: { nanoseconds: 3_600_000_000_000n },
    };
    const inverseOffers = [
      { id: { value: 'I1' }, frameworkId: { value: 'F1' }, agentId: { value: 'S1' }, unavailability },
    ];
    expect(read({ type: 'INVERSE_OFFERS', inverseOffers: { inverseOffers } })).toEqual({
      kind: 'inverse-offers',
      offers: [{ id: 'I1', agentId: 'S1', fromMs: 1_795_331_418_548, untilMs: 1_795_335_018_548 }],
    });
    expect(
      read({ type: 'RESCIND_INVERSE_OFFER', rescindInverseOffer: { inverseOfferId: { value: 'I1' } } }),
    ).toEqual({ kind: 'inverse-rescinded', offerId: 'I1' });
  });

  test('a maintenance window is a start in milliseconds', () => {
    const unavailability = { start: { nanoseconds: 1_795_331_418_548_000_000n } };
    const facts = offersOf(read(offersEvent(offer({ unavailability }))))[0];
    expect(facts?.unavailableFromMs).toBe(1_795_331_418_548);
  });

  test('an executor says where it stands with its mom', () => {
    const report = MomReport.create({ nodeName: 'node1.example.org', stage: 'MOM_STAGE_ANSWERING' });
    const event = statusEvent({
      state: 'TASK_RUNNING',
      source: 'SOURCE_EXECUTOR',
      healthy: true,
      message: 'mom answers',
      uuid: Buffer.from('0123456789abcdef0123456789abcdef', 'hex'),
      data: Buffer.from(MomReport.encode(report).finish()),
    });
    expect(read(event)).toEqual({
      kind: 'status',
      executorBuild: '',
      status: {
        taskId: 'mom.node1.example.org.7',
        agentId: 'S1',
        state: 'TASK_RUNNING',
        reason: null,
        source: 'executor',
        message: 'mom answers',
        healthy: true,
        stage: 'answering',
        momName: 'node1.example.org',
        trusted: null,
        addresses: [],
        ackToken: {
          taskId: 'mom.node1.example.org.7',
          agentId: 'S1',
          uuid: '0123456789abcdef0123456789abcdef',
        },
      },
    });
  });

  test('what a status does not say is not made up', () => {
    const event = statusEvent({
      state: 'TASK_STAGING',
      source: 'SOURCE_MASTER',
      reason: 'REASON_RECONCILIATION',
    });
    expect(read(event)).toMatchObject({
      status: {
        state: 'TASK_STAGING',
        reason: 'RECONCILIATION',
        healthy: null,
        ackToken: null,
        stage: 'unknown',
      },
    });
  });

  test('data that cannot be read says nothing about the mom', () => {
    const event = statusEvent({
      state: 'TASK_RUNNING',
      source: 'SOURCE_EXECUTOR',
      data: Buffer.from([0xff, 0xff, 0xff]),
    });
    expect(read(event)).toMatchObject({ status: { state: 'TASK_RUNNING', stage: 'unknown', momName: null } });
  });

  test.each<[string, PartialEvent, string]>([
    ['no type', {}, 'event without a type'],
    ['a type of a later Mesos', { type: 'UNRECOGNIZED' }, 'event of a type that is not known here'],
    ['SUBSCRIBED without anything', { type: 'SUBSCRIBED' }, 'SUBSCRIBED event without what it must hold'],
    ['OFFERS without anything', { type: 'OFFERS' }, 'OFFERS event without'],
    ['OFFERS without an offer', { type: 'OFFERS', offers: {} }, 'OFFERS event without'],
    ['RESCIND without an offer', { type: 'RESCIND', rescind: {} }, 'RESCIND event without'],
    ['UPDATE without a status', { type: 'UPDATE', update: {} }, 'UPDATE event without'],
    ['FAILURE of nobody', { type: 'FAILURE', failure: {} }, 'FAILURE event without'],
    ['a status without a state', statusEvent({}), 'status of task mom.node1.example.org.7 without a state'],
    [
      'a status that nobody can acknowledge',
      statusEvent({ state: 'TASK_RUNNING', uuid: Buffer.alloc(16, 1), agentId: undefined }),
      'is to be acknowledged and names no agent',
    ],
    [
      'a task id with a control character',
      statusEvent({ state: 'TASK_RUNNING', taskId: { value: 'a\u0007b' } }),
      'status without a readable task id',
    ],
  ])('%s is one clear problem', (_what, event, why) => {
    expect(read(event)).toEqual({ kind: 'garbled', why: expect.stringContaining(why) as unknown });
  });

  test('a state of a later Mesos is passed on as such', () => {
    expect(read(statusEvent({ state: 'UNRECOGNIZED' }))).toMatchObject({ status: { state: 'UNRECOGNIZED' } });
  });

  test('one offer that makes no sense does not spoil the others', () => {
    const event = read(
      offersEvent(offer(), offer({ id: 'O2', resources: [scalar('cpus', -1)] }), offer({ id: 'O3' })),
    );
    expect(offersOf(event).map(({ id }) => id)).toEqual(['O1', 'O3']);
    expect(event).toMatchObject({
      unreadable: [{ offerId: 'O2', why: 'offer O2: resource "cpus" of the amount -1' }],
    });
  });

  test.each([
    ['no id', { id: undefined }, null, 'offer ?: no readable id'],
    ['no agent', { agentId: undefined }, 'O1', 'offer O1: no readable agent id'],
    ['no host', { hostname: undefined }, 'O1', 'offer O1: host name "" cannot be one'],
    ['a host of two words', { hostname: 'a b' }, 'O1', 'offer O1: host name "a b" cannot be one'],
    [
      'an attribute without value',
      { attributes: [{ name: 'rack', type: 'TEXT' as const }] },
      'O1',
      'offer O1: attribute "rack" of type TEXT without its value',
    ],
  ])('an offer with %s is named', (_what, more, offerId, why) => {
    const event = read({ type: 'OFFERS', offers: { offers: [{ ...offer(), ...more }] } });
    expect(event).toEqual({ kind: 'offers', offers: [], unreadable: [{ offerId, why }] });
  });
});

describe('bytes that are no event', () => {
  test.each<[string, Encoding, Uint8Array, string]>([
    ['cut protobuf', 'protobuf', Uint8Array.of(0x12, 0x20, 0x01), 'not a protobuf message'],
    [
      'text for protobuf',
      'protobuf',
      Buffer.from('{"type":"HEARTBEAT"}'),
      'event of the master: not a protobuf',
    ],
    ['cut JSON', 'json', Buffer.from('{"type":"OFF'), 'not JSON of this kind'],
    ['JSON that is no object', 'json', Buffer.from('[1]'), 'not a JSON object: "[1]"'],
    ['bytes that are no UTF-8', 'json', Uint8Array.of(0x7b, 0xff), 'not UTF-8 at byte 1: "{\\xff"'],
    ['a type of a later Mesos', 'json', Buffer.from('{"type":"FUTURE"}'), 'not known here: "FUTURE"'],
  ])('%s are one clear problem', (_what, encoding, bytes, why) => {
    expect(readEvent(bytes, encoding, 0)).toEqual({
      kind: 'garbled',
      why: expect.stringContaining(why) as unknown,
    });
  });
});

function reading(event: PartialEvent, encoding: Encoding): SchedulerEvent {
  return readEvent(encodeMessage(Event, Event.fromPartial(event), encoding), encoding, 1234);
}

function offersEvent(...offers: Offer[]): PartialEvent {
  return { type: 'OFFERS', offers: { offers } };
}

function statusEvent(status: { [K in keyof TaskStatus]?: TaskStatus[K] | undefined }): PartialEvent {
  const whole = { taskId: { value: 'mom.node1.example.org.7' }, agentId: { value: 'S1' }, ...status };
  return { type: 'UPDATE', update: { status: whole } };
}

function offersOf(
  event: SchedulerEvent,
): { id: string; attributes: Readonly<Record<string, string>>; unavailableFromMs: number | null }[] {
  if (event.kind !== 'offers') throw new Error(`not offers but ${event.kind}`);
  return event.offers.map(({ facts }) => ({ ...facts }));
}
