import { mkdtemp, rm } from 'node:fs/promises';
import http from 'node:http';
import net from 'node:net';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { CheckFlags } from '../command-line.ts';
import { writeFakeTorque } from '../testing/fake-torque.ts';
import { runCheck } from './run-check.ts';

let dir: string;

beforeEach(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'check-'));
});

afterEach(async () => {
  await rm(dir, { recursive: true });
});

async function checked(more: Partial<CheckFlags>): Promise<{ code: number; text: string }> {
  let text = '';
  const flags: CheckFlags = {
    pbsServer: null,
    scheduler: null,
    home: dir,
    path: dir,
    pbsMom: 'pbs_mom',
    momctl: 'momctl',
    servicePort: 31_111,
    managerPort: 31_112,
    json: false,
    ...more,
  };
  const code = await runCheck(flags, (printed) => {
    text += printed;
  });
  return { code, text };
}

test('one line for each thing, with the reason', async () => {
  const taken = net.createServer().listen(0, '0.0.0.0');
  await once(taken, 'listening');
  const { port } = taken.address() as AddressInfo;

  const { code, text } = await checked({ servicePort: port });
  taken.close();

  expect(code).toBe(1);
  expect(text).toMatch(
    new RegExp(`^BAD  port +${port}: .*EADDRINUSE.*does another pbs_mom run here\\?$`, 'm'),
  );
  expect(text).toMatch(/^BAD {2}pbs_mom +no program pbs_mom on this agent's PATH/m);
  expect(text).toMatch(/a pbs_mom could not run here: [0-9]+ reasons\n$/);
});

test('for programs it is JSON, and says whether a mom could run', async () => {
  await writeFakeTorque(dir);
  const { text, code } = await checked({ json: true });
  const { ok, findings } = JSON.parse(text) as { ok: boolean; findings: { name: string; text: string }[] };
  expect(ok).toBe(code === 0);
  expect(findings.map(({ name }) => name)).toContain('memlock');
  expect(findings.find(({ name }) => name === 'momctl')?.text).toBe(path.join(dir, 'momctl'));
});

test("the scheduler's clock is asked of its HTTP server", async () => {
  const server = http.createServer((_request, response) => {
    response.setHeader('Date', new Date(Date.now() + 3_600_000).toUTCString());
    response.end('ok');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;

  const { text } = await checked({ scheduler: `http://127.0.0.1:${port}` });
  server.close();

  expect(text).toMatch(/^BAD {2}clock +our clock is (?:3600|3599)\.[0-9] s behind the scheduler's/m);
});
