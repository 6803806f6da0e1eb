/** The client against the recorded traffic of real agents, over HTTP and in both encodings. */
import { randomUUID } from 'node:crypto';
import { afterEach, describe, expect, test } from 'vitest';
import { systemClock } from '@mesos-torque/common/clock.ts';
import { contentTypeOf } from '@mesos-torque/common/encoding.ts';
import type { Encoding } from '@mesos-torque/common/encoding.ts';
import { silentLog } from '@mesos-torque/common/logger.ts';
import { usualTrust } from '@mesos-torque/common/tls-trust.ts';
import { encodeRecord } from '@mesos-torque/common/recordio.ts';
import { LoopbackServer } from '@mesos-torque/common/testing/loopback-server.ts';
import { executorCalls, executorStreams, shapeOf } from '@mesos-torque/common/testing/mesos-recordings.ts';
import type { RecordedStream } from '@mesos-torque/common/testing/mesos-recordings.ts';
import { Call, Event } from '@mesos-torque/proto/gen/mesos/v1/executor/executor.ts';
import { MomReport } from '@mesos-torque/proto/gen/torque/v1/orders.ts';
import { AgentClient } from './agent-client.ts';
import type { ExecutorEvent } from './agent-port.ts';

const recordings = executorStreams();
const calls = executorCalls();

test('there are recordings in both encodings', () => {
  expect(recordings.filter(({ encoding }) => encoding === 'json').length).toBeGreaterThan(10);
  expect(recordings.filter(({ encoding }) => encoding === 'protobuf').length).toBeGreaterThan(5);
});

describe('recorded streams', () => {
  test.each(recordings.map((recording) => [recording.file, recording] as const))(
    '%s: every event is translated or named',
    async (_file, recording) => {
      const { events } = await replayed(recording);
      expect(events.map(({ kind }) => kind)).toEqual(expectedKinds(recording));
      const tasksSent = recordedEvents(recording).flatMap(({ launch }) => launch?.task?.taskId?.value ?? []);
      const tasksSeen = events.flatMap((event) => (event.kind === 'launch-garbled' ? event.taskId : []));
      expect(tasksSeen).toEqual(tasksSent);
    },
  );
});

describe('calls of ours', () => {
  test.each(['json', 'protobuf'] as const)('in %s are built like the recorded ones', async (encoding) => {
    const recording = recordings.find((candidate) => candidate.encoding === encoding)!;
    const { bodies } = await replayed(recording);
    const known = new Map<string, Set<string>>();
    for (const { type, body } of calls) {
      known.set(type, new Set([...(known.get(type) ?? []), ...shapeOf(body)]));
    }
    const ours = bodies.map((body) => jsonOf(body, encoding));
    expect(ours.map((call) => (call as { type: string }).type)).toEqual(
      expect.arrayContaining(['SUBSCRIBE', 'UPDATE', 'MESSAGE']),
    );
    for (const call of ours) {
      const { type } = call as { type: string };
      const unknown = [...shapeOf(call)].filter(
        (place) => !known.get(type)?.has(place) && !isEmptyList(place),
      );
      expect({ type, unknown }).toEqual({ type, unknown: [] });
    }
  });
});

const cleanups: (() => void | Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

/** Plays a recording as the answer to SUBSCRIBE; meanwhile an update and a message are sent. */
async function replayed(
  recording: RecordedStream,
): Promise<{ readonly events: ExecutorEvent[]; readonly bodies: Buffer[] }> {
  const { encoding } = recording;
  const end: (() => void)[] = [];
  let played = false;
  const server = await LoopbackServer.start((received, response) => {
    const { type } = Call.fromJSON(jsonOf(received.body, encoding));
    if (type !== 'SUBSCRIBE') {
      response.writeHead(202).end();
    } else if (played) {
      response.writeHead(503).end();
    } else {
      played = true;
      response.writeHead(200, { 'Content-Type': contentTypeOf(encoding) });
      response.write(Buffer.concat(recording.records.map(encodeRecord)));
      end.push(() => response.end());
    }
  });
  const client = new AgentClient({
    env: {
      agent: server.endpoint,
      agentTls: null,
      frameworkId: 'F1',
      executorId: 'E1',
      agentId: 'S1',
      sandbox: '/sandbox',
      checkpoint: true,
      recoveryTimeMsMax: 60_000,
      subscriptionBackoffMsMax: 10,
      shutdownGraceMs: 3000,
      authenticationToken: null,
    },
    tls: usualTrust,
    encoding,
    callTimeMsMax: 2000,
    clock: systemClock,
    random: () => 0.5,
    newUuid: randomUUID,
    log: silentLog,
  });
  cleanups.push(
    () => server.close(),
    () => client.close(),
  );
  const events: ExecutorEvent[] = [];
  const ended = new Promise<void>((resolve) => {
    client.open(async (event) => {
      if (event.kind === 'disconnected') {
        resolve();
        return;
      }
      events.push(event);
      if (event.kind !== 'subscribed') return;
      const report = MomReport.create({ nodeName: 'node1.example.org' });
      const status = { taskId: 'T9', state: 'TASK_RUNNING', message: 'runs', healthy: true, report } as const;
      void client.update(status);
      await client.message(Buffer.from('hello'));
    });
  });
  await expect.poll(() => events.length).toBe(expectedKinds(recording).length);
  await expect.poll(() => server.received.length).toBeGreaterThanOrEqual(3);
  for (const endStream of end) endStream();
  await ended;
  return { events, bodies: server.received.map(({ body }) => body) };
}

function jsonOf(body: Buffer, encoding: Encoding): unknown {
  return encoding === 'json' ? JSON.parse(body.toString()) : Call.toJSON(Call.decode(body));
}

/** An empty part of a message has no shape to compare. */
function isEmptyList(place: string): boolean {
  return place.endsWith(': empty');
}

function recordedEvents({ records, encoding }: RecordedStream): Event[] {
  return records.map((record) =>
    encoding === 'json' ? Event.fromJSON(JSON.parse(Buffer.from(record).toString())) : Event.decode(record),
  );
}

/** The recorded scheduler's orders and messages are in words of its own, so those are named, not read. */
function expectedKinds(recording: RecordedStream): ExecutorEvent['kind'][] {
  return recordedEvents(recording).flatMap(({ type }): ExecutorEvent['kind'][] => {
    switch (type) {
      case 'SUBSCRIBED':
        return ['subscribed'];
      case 'LAUNCH':
        return ['launch-garbled'];
      case 'KILL':
        return ['kill'];
      case 'ACKNOWLEDGED':
        return ['acknowledged'];
      case 'MESSAGE':
        return ['garbled'];
      case 'SHUTDOWN':
        return ['shutdown'];
      case 'HEARTBEAT':
        return [];
      case 'ERROR':
      case 'LAUNCH_GROUP':
      case 'UNKNOWN':
      case 'UNRECOGNIZED':
      case undefined:
        throw new Error(`no recording has a ${String(type)}`);
    }
  });
}
