/** The scheduler as a process: changes by people are on disk at once, and are told after a `kill -9` and a restart. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { credentials } from '@grpc/grpc-js';
import { ControlServiceClient } from '@mesos-torque/proto/gen/control/v1/control.ts';
import {
  ListDecisionsRequest,
  type ListDecisionsResponse,
} from '@mesos-torque/proto/gen/control/v1/messages.ts';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { run } from './cli/testing/run.ts';

let dir: string;
let socket: string;
let scheduler: ChildProcess | null = null;

beforeEach(() => {
  dir = mkdtempSync(path.join(tmpdir(), 'mt-run-'));
  socket = path.join(dir, 's');
});
afterEach(() => {
  scheduler?.kill('SIGKILL');
  rmSync(dir, { recursive: true, force: true });
});

/** Neither a master nor TORQUE is there: what is asked and ordered needs neither. */
async function start(): Promise<ChildProcess> {
  const settings = {
    mesos: { master: '127.0.0.1:9' },
    torque: { mode: 'attach', server: 'localhost' },
    http: { host: '127.0.0.1', port: 0 },
    control: { socket },
    executor: { uri: 'http://127.0.0.1:9/torque-executor.tar.gz' },
    stateDir: path.join(dir, 'state'),
    policy: { safeAllocation: { cpus: 4 } },
  };
  const file = path.join(dir, 'mesos-torque.yaml');
  writeFileSync(file, JSON.stringify(settings));
  scheduler = spawn(process.execPath, [path.join(import.meta.dirname, 'main.ts'), 'run', '--config', file], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let log = '';
  scheduler.stderr?.on('data', (piece: Buffer) => {
    log += piece.toString();
  });
  const answered = async (): Promise<string> => {
    const { code, err } = await ask('jobs');
    return code === 0 ? '' : `${err}${log}`;
  };
  await expect.poll(answered, { timeout: 40_000, interval: 200 }).toBe('');
  return scheduler;
}

const ask = (...args: readonly string[]) => run(...args, '--socket', socket);

async function changes(): Promise<ListDecisionsResponse['entries']> {
  const client = new ControlServiceClient(`unix:${socket}`, credentials.createInsecure());
  try {
    return await new Promise((resolve, reject) => {
      const request = ListDecisionsRequest.fromPartial({ filter: 'who:*', pageSize: 100 });
      client.listDecisions(request, (error, answer) => {
        if (error === null) resolve(answer.entries.filter(({ data }) => data['who'] !== undefined));
        else reject(error);
      });
    });
  } finally {
    client.close();
  }
}

const events = async (): Promise<readonly string[]> => (await changes()).map(({ event }) => event);

test('who changed what and why outlasts the process', async () => {
  const first = await start();
  expect(await ask('hold', '--why', 'power cut at six')).toMatchObject({ code: 0 });
  expect(await ask('log-level', 'debug', '--why', 'to see more')).toMatchObject({
    code: 0,
    out: 'Log level: debug, was info.\n',
  });
  const before = await changes();
  first.kill('SIGKILL');
  await once(first, 'exit');

  await start();

  expect(await changes()).toEqual(before);
  expect(await events()).toEqual(['log level changed', 'growth held']);
  expect(before[1]).toMatchObject({ why: expect.stringContaining(': power cut at six') as string });
  expect((await ask('status', '--json')).out).toContain('power cut at six');
  expect(await ask('release', '--why', 'power is back')).toMatchObject({ code: 0 });
  expect(await events()).toEqual(['growth released', 'log level changed', 'growth held']);
}, 120_000);

test('USR2 asks for debug and takes it back, and the journal says so', async () => {
  const process = await start();

  process.kill('SIGUSR2');
  await expect.poll(events).toEqual(['log level changed']);
  process.kill('SIGUSR2');
  await expect.poll(events).toEqual(['log level changed', 'log level changed']);

  expect((await changes()).map(({ data }) => [data['who'], data['from'], data['to']])).toEqual([
    ['signal USR2', 'debug', 'info'],
    ['signal USR2', 'info', 'debug'],
  ]);
  const lines = readFileSync(path.join(dir, 'state/journal/journal.jsonl'), 'utf8');
  expect(lines.split('\n').filter((line) => line.includes('signal USR2'))).toHaveLength(2);
}, 120_000);
