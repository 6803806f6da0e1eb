import { mkdtemp, rename, rm, truncate, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { silentLog } from '@mesos-torque/common/logger.ts';
import { Artifact } from './artifact.ts';
import { serveHttp, type HttpServer } from './http-server.ts';

let dir: string;
let file: string;
let server: HttpServer;
let executor: Artifact;
let url: string;
let alive = { ok: true, why: '' };
let ready = { ok: true, why: '' };

beforeEach(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'http-server-'));
  alive = { ok: true, why: '' };
  ready = { ok: true, why: '' };
  await serve(12);
});

/** Serves a file of that size. */
async function serve(bytes: number): Promise<void> {
  file = path.join(dir, 'torque-executor.tar.gz');
  await writeFile(file, 'the executor');
  await truncate(file, bytes);
  executor = await Artifact.open(file);
  url = `/artifact/${executor.name}`;
  server = await serveHttp({
    host: '127.0.0.1',
    port: 0,
    artifacts: [executor],
    alive: () => alive,
    ready: () => ready,
    handlers: [],
    log: silentLog,
  });
}

afterEach(async () => {
  await server.close();
  await executor.close();
  await rm(dir, { recursive: true });
});

const get = (pathname: string, method = 'GET'): Promise<Response> =>
  fetch(`http://127.0.0.1:${String(server.port)}${pathname}`, { method });

test('an agent fetches the executor', async () => {
  const response = await get(url);
  expect(response.status).toBe(200);
  expect(response.headers.get('content-length')).toBe('12');
  expect(await response.text()).toBe('the executor');
});

test('only artifacts are served, whatever the path', async () => {
  for (const pathname of [
    '/artifact/other',
    '/artifact/../http-server.ts',
    '/artifact/%2e%2e/x',
    '/etc/passwd',
  ]) {
    expect((await get(pathname)).status, pathname).toBe(404);
  }
  expect((await get('/healthz', 'POST')).status).toBe(405);
});

test('a new version put in its place does not change what is served until the next start', async () => {
  await rename(file, `${file}.old`);
  await writeFile(file, 'a later executor');

  expect(await (await get(url)).text()).toBe('the executor');
});

test('a file that was written over is not given out, and the answer says why', async () => {
  await writeFile(file, 'half an exec');
  await utimes(file, 1, 1);

  const response = await get(url);
  expect(response.status).toBe(410);
  expect(await response.text()).toContain('was changed since we started');
});

test('what an agent is fetching when the scheduler stops is fetched to its end', async () => {
  await server.close();
  await executor.close();
  const bytes = 64 * 1024 * 1024;
  await serve(bytes);
  const response = await get(url);

  const closed = server.close();
  const body = await response.arrayBuffer();
  await closed;

  expect(body.byteLength).toBe(bytes);
  await expect(get('/healthz')).rejects.toThrow();
});

test('readiness says why not', async () => {
  expect((await get('/readyz')).status).toBe(200);
  ready = { ok: false, why: 'qstat: exit code 111: pbs_server is down' };
  const response = await get('/readyz');
  expect(response.status).toBe(503);
  expect(await response.text()).toContain('pbs_server is down');
});

test('health is of the loop, and not only of what answers', async () => {
  ready = { ok: false, why: 'not connected to Mesos' };
  expect((await get('/healthz')).status).toBe(200);
  alive = { ok: false, why: 'no plan was made for 601 s' };
  const response = await get('/healthz');
  expect(response.status).toBe(503);
  expect(await response.text()).toContain('601 s');
});

test('a port in use is named', async () => {
  await expect(
    serveHttp({
      host: '127.0.0.1',
      port: server.port,
      artifacts: [],
      alive: () => ({ ok: true, why: '' }),
      ready: () => ready,
      handlers: [],
      log: silentLog,
    }),
  ).rejects.toThrow(`listening on 127.0.0.1:${String(server.port)}`);
});
