import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { credentials } from '@grpc/grpc-js';
import { afterEach, beforeEach, expect, test } from 'vitest';
import {
  ControlServiceClient,
  GetStatusResponse,
  type WatchResponse,
} from '@mesos-torque/proto/gen/control/v1/control.ts';
import { serveControl, type ControlServer } from './control-server.ts';
import { controlService, type JournalView, type NumberedEntry } from './control-service.ts';

let dir: string;
let socket: string;
let server: ControlServer;
let journal: ReturnType<typeof aJournal>;

function aJournal(): JournalView & { add(event: string): void } {
  const entries: NumberedEntry[] = [];
  const listeners = new Set<(entry: NumberedEntry) => void>();
  return {
    since: (sequence) => entries.filter((entry) => entry.sequence > sequence),
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    add(event) {
      const entry = { sequence: entries.length + 1, entry: { atMs: 1_000 + entries.length, event } };
      entries.push(entry);
      for (const listener of listeners) listener(entry);
    },
  };
}

beforeEach(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'control-'));
  socket = path.join(dir, 'control.sock');
  journal = aJournal();
  server = await serveControl(
    socket,
    controlService({
      journal,
      status: () => GetStatusResponse.fromPartial({ frameworkId: 'fw-1', floorNodes: 2 }),
    }),
  );
});

afterEach(async () => {
  await server.close();
  await rm(dir, { recursive: true });
});

const client = (): ControlServiceClient =>
  new ControlServiceClient(`unix:${socket}`, credentials.createInsecure());

test('the status is answered', async () => {
  const asking = client();
  const answer = await new Promise<GetStatusResponse>((resolve, reject) => {
    asking.getStatus({}, (error, response) => {
      if (error === null) resolve(response);
      else reject(error);
    });
  });
  asking.close();
  expect(answer).toMatchObject({ frameworkId: 'fw-1', floorNodes: 2 });
});

test('a watcher gets what it missed and then what comes, each once', async () => {
  journal.add('framework registered');
  journal.add('offer declined');
  const watching = client();
  const call = watching.watch({ afterSequence: 1n });
  const seen: string[] = [];
  await new Promise<void>((resolve) => {
    call.on('data', (entry: WatchResponse) => {
      seen.push(`${String(entry.sequence)} ${entry.event}`);
      if (seen.length === 1) journal.add('node created');
      if (seen.length === 2) resolve();
    });
  });
  call.on('error', () => undefined);
  call.cancel();
  watching.close();
  expect(seen).toEqual(['2 offer declined', '3 node created']);
});

test('only owner and group may open the socket', async () => {
  expect((await stat(socket)).mode & 0o777).toBe(0o660);
});

test('a second scheduler on the same socket is refused, and a path that is too long', async () => {
  const service = controlService({ journal, status: () => GetStatusResponse.fromPartial({}) });
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
    controlService({ journal, status: () => GetStatusResponse.fromPartial({}) }),
  );
  expect((await stat(left)).isSocket()).toBe(true);
  await second.close();
});
