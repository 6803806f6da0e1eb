import { randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { systemClock } from '@mesos-torque/common/clock.ts';
import { silentLog } from '@mesos-torque/common/logger.ts';
import { testAuthority } from '@mesos-torque/common/testing/certificates.ts';
import { usualTrust } from '@mesos-torque/common/tls-trust.ts';
import { AgentClient } from './agent-client.ts';
import { agentTlsIn, readAgentTrust } from './agent-trust.ts';
import { readExecutorEnv } from './env.ts';
import { FakeAgent } from './testing/fake-agent.ts';

const site = testAuthority('site');
const identity = site.issue(['node1.example.org']);
const hostName = 'node1.example.org';
let folder = '';
const cleanups: (() => Promise<void>)[] = [];

beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'agent-trust-'));
  cleanups.push(() => rm(folder, { recursive: true }));
  await writeFile(path.join(folder, 'ca.pem'), site.cert);
  await writeFile(path.join(folder, 'cert.pem'), identity.cert);
  await writeFile(path.join(folder, 'key.pem'), identity.key);
});
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

function variables(more: Readonly<Record<string, string>> = {}): Readonly<Record<string, string>> {
  return { LIBPROCESS_SSL_ENABLED: 'true', ...more };
}

function inFolder(...names: readonly ('CA' | 'CERT' | 'KEY')[]): Readonly<Record<string, string>> {
  return Object.fromEntries(
    names.map((name) => [`LIBPROCESS_SSL_${name}_FILE`, path.join(folder, `${name.toLowerCase()}.pem`)]),
  );
}

describe('what the environment says of TLS', () => {
  test('nothing, or no: none', () => {
    expect(agentTlsIn({})).toBeNull();
    expect(agentTlsIn({ LIBPROCESS_SSL_ENABLED: 'false' })).toBeNull();
  });

  test('files may be given as addresses', () => {
    const files = agentTlsIn(variables({ LIBPROCESS_SSL_CA_FILE: 'file:///etc/ca.pem' }));
    expect(files).toEqual({
      caFile: '/etc/ca.pem',
      caDir: null,
      certFile: null,
      keyFile: null,
      verifies: false,
    });
  });

  test.each(['VERIFY_SERVER_CERT', 'VERIFY_CERT', 'REQUIRE_CERT'])('%s makes it count', (name) => {
    expect(agentTlsIn(variables({ [`LIBPROCESS_SSL_${name}`]: '1' }))).toMatchObject({ verifies: true });
  });
});

describe('the files', () => {
  test('become the trust; the name of this machine will do in the certificate', async () => {
    const files = agentTlsIn(
      variables({ ...inFolder('CA', 'CERT', 'KEY'), LIBPROCESS_SSL_VERIFY_SERVER_CERT: 'true' }),
    );
    expect(await readAgentTrust(files, hostName)).toEqual({
      ok: true,
      trust: { ca: site.cert, identity, verifies: true, names: [hostName] },
    });
    expect(await readAgentTrust(null, hostName)).toEqual({ ok: true, trust: usualTrust });
  });

  test('of a folder of authorities are all read', async () => {
    const caDir = path.join(folder, 'authorities');
    await mkdir(caDir);
    await writeFile(path.join(caDir, '0a1b2c3d.0'), site.cert);
    const trusted = await readAgentTrust(agentTlsIn(variables({ LIBPROCESS_SSL_CA_DIR: caDir })), hostName);
    expect(trusted).toMatchObject({ ok: true, trust: { ca: site.cert } });
  });

  test('that are missing, and keys of others, are said', async () => {
    const missing = variables({ LIBPROCESS_SSL_CA_FILE: '/nonexistent/ca.pem' });
    expect(await readAgentTrust(agentTlsIn(missing), hostName)).toMatchObject({
      ok: false,
      why: expect.stringMatching(/^LIBPROCESS_SSL_\*: ENOENT.*\/nonexistent\/ca\.pem/) as string,
    });
    await writeFile(path.join(folder, 'key.pem'), site.issue(['x']).key);
    const stranger = variables(inFolder('CERT', 'KEY'));
    expect(await readAgentTrust(agentTlsIn(stranger), hostName)).toMatchObject({
      ok: false,
      why: expect.stringContaining('key values mismatch') as string,
    });
  });
});

describe('an executor of an agent with TLS', () => {
  test('subscribes and calls over it, with its token, though the certificate has only the name', async () => {
    const agent = await anAgent();
    const { events, client } = await subscribed(agent, hostName);
    await expect.poll(() => events).toEqual(['subscribed']);
    expect(await client.message(Buffer.from('word'))).toEqual({ kind: 'taken' });
    expect(agent.received.map(({ headers }) => headers.authorization)).toEqual(['Bearer jwt', 'Bearer jwt']);
  });

  test('gives its token to nobody who is not believed', async () => {
    const agent = await anAgent();
    const { events } = await subscribed(agent, 'node2.example.org');
    await expect.poll(() => events[0]).toMatch(/^disconnected .*altnames|^disconnected .*cert's list/);
    expect(agent.received).toEqual([]);
  });
});

/** As an agent with `--ssl_require_cert` answers: over TLS, to those with a certificate of the site. */
async function anAgent(): Promise<FakeAgent> {
  const agent = await FakeAgent.start({ ...identity, ca: site.cert, requestCert: true });
  cleanups.push(() => agent.close());
  return agent;
}

async function subscribed(
  agent: FakeAgent,
  ownName: string,
): Promise<{ readonly client: AgentClient; readonly events: string[] }> {
  const reading = readExecutorEnv(
    variables({
      ...inFolder('CA', 'CERT', 'KEY'),
      LIBPROCESS_SSL_REQUIRE_CERT: '1',
      MESOS_AGENT_ENDPOINT: `127.0.0.1:${agent.endpoint.port}`,
      MESOS_FRAMEWORK_ID: 'F1',
      MESOS_EXECUTOR_ID: 'E1',
      MESOS_DIRECTORY: '/sandbox',
      MESOS_CHECKPOINT: '1',
      MESOS_EXECUTOR_AUTHENTICATION_TOKEN: 'jwt',
    }),
  );
  if (!reading.ok) throw new Error(reading.why);
  const trusted = await readAgentTrust(reading.env.agentTls, ownName);
  if (!trusted.ok) throw new Error(trusted.why);
  const client = new AgentClient({
    env: reading.env,
    tls: trusted.trust,
    encoding: 'protobuf',
    callTimeMsMax: 5000,
    clock: systemClock,
    random: () => 0.5,
    newUuid: randomUUID,
    log: silentLog,
  });
  cleanups.push(() => client.close());
  const events: string[] = [];
  client.open((event) => {
    events.push(event.kind === 'disconnected' ? `disconnected ${event.why}` : event.kind);
    return Promise.resolve();
  });
  return { client, events };
}
