/** The client against the recorded traffic of real masters, over HTTP and in both encodings. */
import { afterEach, describe, expect, test } from 'vitest';
import { contentTypeOf } from '@mesos-torque/common/encoding.ts';
import { encodeRecord } from '@mesos-torque/common/recordio.ts';
import { LoopbackServer } from '@mesos-torque/common/testing/loopback-server.ts';
import { schedulerCalls, schedulerStreams, shapeOf } from '@mesos-torque/common/testing/mesos-recordings.ts';
import type { RecordedStream } from '@mesos-torque/common/testing/mesos-recordings.ts';
import { Call, Event } from '@mesos-torque/proto/gen/mesos/v1/scheduler/scheduler.ts';
import type { MesosEvent } from '../loop/ports.ts';
import {
  acknowledgeCall,
  declineCall,
  inverseCall,
  killCall,
  reconcileCall,
  reviveCall,
  startMomCall,
  subscribeCall,
  suppressCall,
  teardownCall,
} from './calls.ts';
import { launchCall } from './launch-call.ts';
import { SchedulerClient } from './scheduler-client.ts';
import { clientOptions, executor, launch, offer, orders } from './testing/builders.ts';

const recordings = schedulerStreams();
const calls = schedulerCalls();

test('there are recordings in both encodings', () => {
  expect(recordings.filter(({ encoding }) => encoding === 'json').length).toBeGreaterThan(20);
  expect(recordings.filter(({ encoding }) => encoding === 'protobuf').length).toBeGreaterThan(10);
});

describe('recorded streams', () => {
  test.each(recordings.map((recording) => [recording.file, recording] as const))(
    '%s: every event is translated or known by name',
    async (_file, recording) => {
      const events = await replayed(recording);

      expect(events.map(({ kind }) => kind)).toEqual(expectedKinds(recording));
      const offersSent = recordedEvents(recording).flatMap(({ offers }) => offers?.offers ?? []);
      const offersSeen = events.flatMap((event) => (event.kind === 'offers' ? event.offers : []));
      expect(offersSeen.map(({ id, host }) => ({ id, host }))).toEqual(
        offersSent.map(({ id, hostname }) => ({ id: id?.value, host: hostname })),
      );
      const updatesSent = recordedEvents(recording).flatMap(({ update }) =>
        update?.status?.taskId?.value === '' ? [] : (update?.status ?? []),
      );
      const updatesSeen = events.flatMap((event) => (event.kind === 'status' ? event.status : []));
      expect(updatesSeen.map(({ taskId, state, ackToken }) => [taskId, state, ackToken?.uuid ?? ''])).toEqual(
        updatesSent.map(({ taskId, state, uuid }) => [taskId?.value, state, uuid?.toString('hex') ?? '']),
      );
    },
  );
});

describe('recorded calls', () => {
  test('in protobuf are read as what they were in JSON, and written as the same bytes again', () => {
    const inProtobuf = calls.filter(({ protobuf, status }) => protobuf !== null && status < 300);
    expect(inProtobuf.length).toBeGreaterThan(100);
    for (const { protobuf, body } of inProtobuf) {
      const call = Call.decode(protobuf!);
      expect(numbersAsText(Call.toJSON(call))).toEqual(numbersAsText(Call.toJSON(Call.fromJSON(body))));
      // Encoders may order fields as they like; the size tells that none came or went.
      expect(Call.encode(call).finish().length).toBe(protobuf!.length);
    }
  });

  const options = clientOptions([{ scheme: 'http', host: 'm1', port: 5050, socketPath: null }]);
  const accepted = launchCall(launch(), [offer()], { ...options, frameworkId: 'F1', executor, orders });
  const ours: readonly Call[] = [
    subscribeCall(options, null),
    subscribeCall(options, 'F1'),
    accepted.ok ? accepted.value : expect.fail(accepted.why),
    declineCall('F1', ['O1'], 120),
    inverseCall('F1', 'I1', true, 60),
    inverseCall('F1', 'I1', false, 60),
    suppressCall('F1', 'torque'),
    reviveCall('F1', 'torque'),
    killCall('F1', 'T1', 'S1', 5000),
    acknowledgeCall('F1', { taskId: 'T1', agentId: 'S1', uuid: '0123456789abcdef0123456789abcdef' }),
    reconcileCall('F1', [{ taskId: 'T1', agentId: 'S1' }]),
    reconcileCall('F1', []),
    startMomCall('F1', 'T1', 'S1'),
    teardownCall('F1'),
  ];
  /** What we say and the recorded scheduler did not; each is a field of Mesos' own. */
  const additions = new Set([
    // No shell, so the program's arguments are a list.
    'accept.operations[].launch.task_infos[].executor.command.shell: boolean',
    'accept.operations[].launch.task_infos[].executor.command.arguments[]: string',
    'accept.operations[].launch.task_infos[].executor.command.environment.variables[].type: string',
    'accept.operations[].launch.task_infos[].executor.framework_id.value: string',
    'accept.operations[].type: string',
  ]);

  test.each(ours.map((call) => [call.type ?? 'none', call] as const))(
    '%s of ours is built like those',
    (type, call) => {
      const taken = calls.filter((recorded) => recorded.type === type && recorded.status < 300);
      expect(taken.length).toBeGreaterThan(0);
      const known = new Set(taken.flatMap(({ body }) => [...shapeOf(body)]));
      const unknown = [...shapeOf(Call.toJSON(call))].filter(
        (place) => !known.has(place) && !additions.has(place),
      );
      expect(unknown).toEqual([]);
    },
  );
});

const cleanups: (() => void | Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

/** Plays a recording once, as the answer to SUBSCRIBE, and gives the events up to its end. */
async function replayed(recording: RecordedStream): Promise<MesosEvent[]> {
  let played = false;
  const server = await LoopbackServer.start((received, response) => {
    const isSubscribe = received.headers['mesos-stream-id'] === undefined;
    if (!isSubscribe) {
      response.writeHead(202).end();
    } else if (played) {
      response.writeHead(503).end();
    } else {
      played = true;
      response.writeHead(200, {
        'Content-Type': contentTypeOf(recording.encoding),
        'Mesos-Stream-Id': 'stream-1',
      });
      response.end(Buffer.concat(recording.records.map(encodeRecord)));
    }
  });
  const client = new SchedulerClient(clientOptions([server.endpoint], { encoding: recording.encoding }));
  cleanups.push(
    () => server.close(),
    () => client.close(),
  );
  const events: MesosEvent[] = [];
  await new Promise<void>((resolve) => {
    client.open({ frameworkId: null }, (event) => {
      if (event.kind === 'disconnected') resolve();
      else events.push(event);
      if (event.kind === 'fatal') resolve();
      return Promise.resolve();
    });
  });
  return events;
}

function recordedEvents({ records, encoding }: RecordedStream): Event[] {
  return records.map((record) =>
    encoding === 'json' ? Event.fromJSON(JSON.parse(Buffer.from(record).toString())) : Event.decode(record),
  );
}

/** What the loop is to hear of each recorded event; nothing of those that are only known by name. */
function expectedKinds(recording: RecordedStream): MesosEvent['kind'][] {
  return recordedEvents(recording).flatMap(({ type, failure, update }): MesosEvent['kind'][] => {
    switch (type) {
      case 'SUBSCRIBED':
        return ['subscribed'];
      case 'OFFERS':
        return ['offers'];
      case 'RESCIND':
        return ['rescinded'];
      case 'UPDATE':
        // One recorded launch had an empty task id, and was refused under it.
        return [update?.status?.taskId?.value === '' ? 'garbled' : 'status'];
      case 'FAILURE':
        return [failure?.executorId === undefined ? 'agent-lost' : 'executor-lost'];
      case 'ERROR':
        return ['fatal'];
      case 'INVERSE_OFFERS':
        return ['inverse-offers'];
      case 'RESCIND_INVERSE_OFFER':
        return ['inverse-rescinded'];
      case 'HEARTBEAT':
      case 'MESSAGE':
        return [];
      case 'UPDATE_OPERATION_STATUS':
      case 'UNKNOWN':
      case 'UNRECOGNIZED':
      case undefined:
        throw new Error(`no recording has a ${String(type)}`);
    }
  });
}

/** 64-bit integers are written as text by us and as numbers by the recorder. */
function numbersAsText(value: unknown): unknown {
  return JSON.parse(
    JSON.stringify(value, (_key, part: unknown) => (typeof part === 'number' ? String(part) : part)),
  );
}
