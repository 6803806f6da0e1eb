import { afterEach, expect, test } from 'vitest';
import type { Log } from '@mesos-torque/common/logger.ts';
import { testAuthority } from '@mesos-torque/common/testing/certificates.ts';
import { usualTrust } from '@mesos-torque/common/tls-trust.ts';
import type { MesosEvent } from '../loop/ports.ts';
import type { SchedulerClientOptions } from './client-options.ts';
import { SchedulerClient } from './scheduler-client.ts';
import { clientOptions } from './testing/builders.ts';
import { FakeMaster } from './testing/fake-master.ts';

const site = testAuthority('site');
const certificate = site.issue(['127.0.0.1']);
const identity = site.issue(['torque']);
const trust = { ...usualTrust, ca: site.cert, identity };
const credential = { principal: 'torque', secret: 'hunter2' };
const authorization = `Basic ${Buffer.from('torque:hunter2').toString('base64')}`;

/** Wants a certificate of whoever comes. */
function aTlsMaster(): Promise<FakeMaster> {
  return started(FakeMaster.start({ ...certificate, ca: site.cert, requestCert: true }));
}

test('stream, calls and reads go over TLS, with our certificate and our secret', async () => {
  const master = await aTlsMaster();
  const { client, seen } = subscribed(master, { tls: trust, credential });
  await expect.poll(() => seen).toEqual(['subscribed']);
  master.answerCalls((received, response) => {
    const isRead = received.path === '/api/v1';
    response.writeHead(isRead ? 200 : 202);
    response.end(isRead ? '{"type":"GET_QUOTA","get_quota":{"status":{}}}' : '');
  });

  expect(await client.revive()).toMatchObject({ ok: true });
  expect(await client.readQuota()).toMatchObject({ ok: true });

  expect(master.received.map(({ path }) => path)).toEqual([
    '/api/v1/scheduler',
    '/api/v1/scheduler',
    '/api/v1',
  ]);
  for (const { headers } of master.received) expect(headers.authorization).toBe(authorization);
});

test('the leader that a redirect names is spoken to over TLS too', async () => {
  const leader = await aTlsMaster();
  const other = await aTlsMaster();
  other.answerSubscribe((_received, response) => {
    const { host, port } = leader.endpoint;
    response.writeHead(307, { Location: `//${host}:${port}/master/api/v1/scheduler` }).end();
  });
  const { seen } = subscribed(other, { tls: trust, credential });
  await expect.poll(() => seen).toEqual(['subscribed']);
  expect(leader.received[0]?.headers.authorization).toBe(authorization);
});

test('a redirect away from TLS is not followed: the secret would go over the network as it is', async () => {
  const open = await started(FakeMaster.start());
  const master = await aTlsMaster();
  master.answerSubscribe((_received, response) => {
    response.writeHead(307, { Location: `http://127.0.0.1:${open.endpoint.port}/` }).end();
  });
  const { seen } = subscribed(master, { tls: trust, credential });
  await expect
    .poll(() => seen[0])
    .toMatch(/^disconnected https:.*: redirect from https to "http:.*, which is not encrypted$/);
  expect(open.received).toEqual([]);
});

test('a master that is not believed gets neither secret nor call, and nothing of the secret is logged', async () => {
  const master = await started(FakeMaster.start(testAuthority('site').issue(['127.0.0.1'])));
  const lines: string[] = [];
  const note = (event: string, fields?: object): void => {
    lines.push(`${event} ${JSON.stringify(fields)}`);
  };
  const log: Log = { debug: note, info: note, warn: note, error: note };
  const { seen } = subscribed(master, { tls: trust, credential, log });

  await expect.poll(() => seen[0]).toMatch(/^disconnected https:.* not from an authority that we believe/);

  expect(master.received).toEqual([]);
  expect(lines.length).toBeGreaterThan(0);
  const encoded = Buffer.from('torque:hunter2').toString('base64');
  for (const line of lines) {
    expect(line).not.toContain('hunter2');
    expect(line).not.toContain(encoded);
    expect(line).not.toContain('PRIVATE KEY');
  }
});

const cleanups: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function started(starting: Promise<FakeMaster>): Promise<FakeMaster> {
  const master = await starting;
  cleanups.push(() => master.close());
  return master;
}

function subscribed(
  master: FakeMaster,
  more: Partial<SchedulerClientOptions>,
): { readonly client: SchedulerClient; readonly seen: string[] } {
  const client = new SchedulerClient(clientOptions([master.endpoint], more));
  cleanups.push(() => client.close());
  const seen: string[] = [];
  client.open({ frameworkId: null }, (event: MesosEvent) => {
    seen.push(event.kind === 'disconnected' ? `disconnected ${event.why}` : event.kind);
    return Promise.resolve();
  });
  return { client, seen };
}
