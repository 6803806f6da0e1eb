import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { credentials, Metadata, type ServiceError } from '@grpc/grpc-js';
import { systemClock } from '@mesos-torque/common/clock.ts';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ControlServiceClient } from '@mesos-torque/proto/gen/control/v1/control.ts';
import { ErrorInfo, ErrorStatus } from '@mesos-torque/proto/gen/control/v1/errors.ts';
import type {
  GetSnapshotResponse,
  GetStatusResponse,
  WatchResponse,
} from '@mesos-torque/proto/gen/control/v1/messages.ts';
import { serveControl, type ControlServer } from './control-server.ts';
import { controlService } from './control-service.ts';
import { aControlStory, type ControlStory } from './testing/control-story.ts';
import { onSocket, tokensOf } from './tokens.ts';

let dir: string;
let socket: string;
let server: ControlServer;
let story: ControlStory;

const tokens = tokensOf('operator olga 0123456789abcdefghij', 'tokens');

beforeEach(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'control-'));
  socket = path.join(dir, 'control.sock');
  story = aControlStory('policy minSlotsHeld=0\njob 1\nnode n1 np=2 phase=up', systemClock);
  server = await serveControl(
    socket,
    controlService(story.control, () => onSocket),
  );
});

afterEach(async () => {
  await server.close();
  await rm(dir, { recursive: true });
});

const client = (place = socket): ControlServiceClient =>
  new ControlServiceClient(`unix:${place}`, credentials.createInsecure());

/** The answer to one call, or the error. */
async function ask<T>(
  call: (client: ControlServiceClient, done: (error: ServiceError | null, answer: T) => void) => void,
  place = socket,
): Promise<T> {
  const asking = client(place);
  try {
    return await new Promise<T>((resolve, reject) => {
      call(asking, (error, answer) => {
        if (error === null) resolve(answer);
        else reject(error);
      });
    });
  } finally {
    asking.close();
  }
}

test('the status is answered', async () => {
  const answer = await ask<GetStatusResponse>((asking, done) => asking.getStatus({ summary: false }, done));
  expect(answer).toMatchObject({ frameworkId: 'fw-1', version: '1.2.3', nodesByPhase: { up: 1 } });
  expect(answer.jobs).toHaveLength(1);
});

test('an error has a standard code, and a word and a sentence for programs and people', async () => {
  const subject = { $case: 'job', value: '99' } as const;
  const error = (await ask((asking, done) => asking.explain({ subject }, done)).catch(
    (thrown: unknown) => thrown,
  )) as ServiceError;

  expect(error).toMatchObject({ code: 5, details: 'there is no job 99' });
  const [details] = error.metadata.get('grpc-status-details-bin');
  const status = ErrorStatus.decode(details as Buffer);
  expect(ErrorInfo.decode(status.details[0]!.value)).toMatchObject({
    reason: 'JOB_UNKNOWN',
    domain: 'mesos-torque',
  });
});

test('a watcher gets what it missed and then what comes, each once', async () => {
  story.ring.append({ atMs: 1, event: 'framework registered' });
  story.ring.append({ atMs: 2, event: 'offer declined' });
  const watching = client();
  const call = watching.watch({ afterSequence: 1n });
  const seen: string[] = [];
  await new Promise<void>((resolve) => {
    call.on('data', (entry: WatchResponse) => {
      seen.push(`${String(entry.sequence)} ${entry.event}`);
      if (seen.length === 1) story.ring.append({ atMs: 3, event: 'node created' });
      if (seen.length === 2) resolve();
    });
  });
  call.on('error', () => undefined);
  call.cancel();
  watching.close();
  expect(seen).toEqual(['2 offer declined', '3 node created']);
});

test('a watcher hears that watching has begun, though nothing happens', async () => {
  const watching = client();
  const call = watching.watch({ afterSequence: 0n });
  call.on('error', () => undefined);
  const begun = await new Promise((resolve) => {
    call.once('metadata', () => {
      resolve(true);
    });
  });
  call.cancel();
  watching.close();
  expect(begun).toBe(true);
});

test('the snapshot comes in pieces that make up JSON', async () => {
  const asking = client();
  const pieces: Buffer[] = [];
  await new Promise<void>((resolve, reject) => {
    const call = asking.getSnapshot({});
    call.on('data', ({ piece }: GetSnapshotResponse) => pieces.push(Buffer.from(piece)));
    call.on('end', resolve);
    call.on('error', reject);
  });
  asking.close();
  expect(JSON.parse(Buffer.concat(pieces).toString())).toMatchObject({ nowMs: 1_000_000 });
});

test('elsewhere than on the socket a token says who may do what', async () => {
  const remote = path.join(dir, 'remote.sock');
  const strict = await serveControl(
    remote,
    controlService(story.control, (metadata) => {
      const [header] = metadata.get('authorization');
      return tokens.mustKnow(header === undefined ? null : String(header).replace('Bearer ', ''));
    }),
  );
  const withToken = new Metadata();
  withToken.set('authorization', 'Bearer 0123456789abcdefghij');

  await expect(
    ask((asking, done) => asking.getStatus({ summary: true }, done), remote),
  ).rejects.toMatchObject({ code: 16 });
  await ask((asking, done) => asking.holdGrowth({ who: 'x', why: 'power cut' }, withToken, done), remote);
  await expect(
    ask(
      (asking, done) => asking.setLogLevel({ who: 'x', why: 'y', level: 'debug' }, withToken, done),
      remote,
    ),
  ).rejects.toMatchObject({ code: 7 });
  await strict.close();
  expect(story.wishes().growthHeld).toMatchObject({ who: 'olga', why: 'power cut' });
});

test('only owner and group may open the socket', async () => {
  expect((await stat(socket)).mode & 0o777).toBe(0o660);
});

test('a second scheduler on the same socket is refused, and a path that is too long', async () => {
  const service = controlService(story.control, () => onSocket);
  await expect(serveControl(socket, service)).rejects.toThrow('another scheduler answers there');
  await expect(serveControl(path.join(dir, 'x'.repeat(120)), service)).rejects.toThrow(
    'choose a shorter path',
  );
});

test('what a killed scheduler left at the path is replaced', async () => {
  const left = path.join(dir, 'left.sock');
  await writeFile(left, '');
  const second = await serveControl(
    left,
    controlService(story.control, () => onSocket),
  );
  expect((await stat(left)).isSocket()).toBe(true);
  await second.close();
});
