import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { silentLog } from '@mesos-torque/common/logger.ts';
import { serveHttp, type HttpServer } from './http-server.ts';

let dir: string;
let server: HttpServer;
let ready = { ok: true, why: '' };

beforeEach(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'http-server-'));
  await writeFile(path.join(dir, 'executor.mjs'), 'the executor');
  ready = { ok: true, why: '' };
  server = await serveHttp({
    host: '127.0.0.1',
    port: 0,
    artifacts: [{ name: 'torque-executor.mjs', file: path.join(dir, 'executor.mjs') }],
    ready: () => ready,
    log: silentLog,
  });
});

afterEach(async () => {
  await server.close();
  await rm(dir, { recursive: true });
});

const get = (pathname: string, method = 'GET'): Promise<Response> =>
  fetch(`http://127.0.0.1:${String(server.port)}${pathname}`, { method });

test('an agent fetches the executor', async () => {
  const response = await get('/artifact/torque-executor.mjs');
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

test('an artifact that is gone from the disk breaks the answer, not the server', async () => {
  await rm(path.join(dir, 'executor.mjs'));
  await expect(get('/artifact/torque-executor.mjs')).rejects.toThrow();
  expect((await get('/healthz')).status).toBe(200);
});

test('what an agent is fetching when the scheduler stops is fetched to its end', async () => {
  const bytes = 64 * 1024 * 1024;
  await truncate(path.join(dir, 'executor.mjs'), bytes);
  const response = await get('/artifact/torque-executor.mjs');

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

test('a port in use is named', async () => {
  await expect(
    serveHttp({ host: '127.0.0.1', port: server.port, artifacts: [], ready: () => ready, log: silentLog }),
  ).rejects.toThrow(`listening on 127.0.0.1:${String(server.port)}`);
});
