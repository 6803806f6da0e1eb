/** Reading sandboxes at an agent that answers as the recorded one did. */
import { readFileSync } from 'node:fs';
import { systemClock } from '@mesos-torque/common/clock.ts';
import { endpointText } from '@mesos-torque/common/endpoint.ts';
import { testAuthority } from '@mesos-torque/common/testing/certificates.ts';
import { LoopbackServer, type Answerer } from '@mesos-torque/common/testing/loopback-server.ts';
import { usualTrust } from '@mesos-torque/common/tls-trust.ts';
import { Offer } from '@mesos-torque/proto/gen/mesos/v1/mesos.ts';
import { afterEach, expect, test } from 'vitest';
import type { FileTail, Outcome } from '../loop/ports.ts';
import { readAgentAddress } from './agent-addresses.ts';
import { SandboxLogs, type SandboxLogsOptions } from './sandbox-logs.ts';

const cleanups: (() => void | Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

const sandbox = '/frameworks/F1/executors/t1/runs/latest';
const wanted = {
  frameworkId: 'F1',
  agentId: 'S1',
  executorId: 't1',
  file: 'stderr',
  bytesMax: 65_536,
} as const;

/** Files by their paths, read as the agent of 1.12 reads them. */
function agentWith(files: Readonly<Record<string, string>>, debug = '{}'): Answerer {
  return ({ path: asked }, response) => {
    const { pathname, searchParams } = new URL(asked, 'http://agent');
    if (pathname === '/files/debug') {
      response.end(debug);
      return;
    }
    const text = files[searchParams.get('path') ?? ''];
    if (pathname !== '/files/read' || text === undefined) {
      response.writeHead(404, { 'Content-Type': 'text/plain; charset=utf-8', 'Content-Length': 0 }).end();
      return;
    }
    const offset = Number(searchParams.get('offset'));
    const length = Number(searchParams.get('length') ?? Infinity);
    const answer =
      offset < 0
        ? { data: '', offset: text.length }
        : { data: text.slice(offset, offset + Math.min(length, 65_536)), offset };
    response.writeHead(200, { 'Content-Type': 'application/json' }).end(JSON.stringify(answer));
  };
}

async function anAgent(answer: Answerer): Promise<LoopbackServer> {
  const agent = await LoopbackServer.start(answer);
  cleanups.push(() => agent.close());
  return agent;
}

function logsOf(agent: LoopbackServer | null, more: Partial<SandboxLogsOptions> = {}): SandboxLogs {
  const logs = new SandboxLogs({
    connection: () => null,
    headers: {},
    agentCredential: null,
    tls: usualTrust,
    clock: systemClock,
    ...more,
  });
  cleanups.push(() => {
    logs.close();
  });
  if (agent !== null) logs.addresses.note(offerOf(agent));
  return logs;
}

function offerOf({ endpoint }: LoopbackServer): Offer {
  return Offer.fromPartial({
    id: { value: 'O1' },
    agentId: { value: 'S1' },
    hostname: 'agent1.example.org',
    url: {
      scheme: endpoint.scheme,
      address: { hostname: 'agent1.example.org', ip: endpoint.host, port: endpoint.port },
      path: '/slave(1)',
    },
  });
}

function whyOf(outcome: Outcome<FileTail>): string {
  return outcome.ok ? 'it was read' : `${outcome.problem.kind}: ${outcome.problem.detail}`;
}

test('the end of a file, from the agent that offered', async () => {
  const agent = await anAgent(agentWith({ [`${sandbox}/stderr`]: 'abcdefgh' }));

  expect(await logsOf(agent).readTail({ ...wanted, bytesMax: 3 })).toEqual({
    ok: true,
    value: { agent: endpointText(agent.endpoint), text: 'fgh', bytes: 8, offset: 5 },
  });
  expect(agent.received.every(({ headers }) => headers.authorization === undefined)).toBe(true);
});

test('an empty file is read with one question', async () => {
  const agent = await anAgent(agentWith({ [`${sandbox}/stderr`]: '' }));

  expect(await logsOf(agent).readTail(wanted)).toMatchObject({ ok: true, value: { text: '', bytes: 0 } });
  expect(agent.received).toHaveLength(1);
});

test('agents that know sandboxes by their folders are asked which it is', async () => {
  const folder = '/var/lib/mesos/slaves/S1/frameworks/F1/executors/t1/runs/c0ffee';
  const other = folder.replace('t1', 't10');
  const debug = JSON.stringify({ [folder]: folder, [other]: other });
  const agent = await anAgent(agentWith({ [`${folder}/stderr`]: 'abc' }, debug));

  expect(await logsOf(agent).readTail(wanted)).toMatchObject({ ok: true, value: { text: 'abc' } });
});

test('the recorded list of sandboxes is read', async () => {
  const reads = '../../../../fixtures/mesos/08-operator-reads/reads/';
  const debug = readFileSync(new URL(`${reads}agent_files_debug.json`, import.meta.url), 'utf8');
  const framework = 'dab3c997-aeb3-4795-9501-5d285729159b-0000';
  const folder = (JSON.parse(debug) as Record<string, string>)[
    `/frameworks/${framework}/executors/exec-1/runs/latest`
  ];
  const agent = await anAgent(agentWith({ [`${folder ?? ''}/stdout`]: 'executor starting' }, debug));

  const read = await logsOf(agent).readTail({
    ...wanted,
    frameworkId: framework,
    executorId: 'exec-1',
    file: 'stdout',
  });

  expect(read).toMatchObject({ ok: true, value: { text: 'executor starting' } });
});

test.each<[string, Answerer, string]>([
  ['has removed the sandbox', agentWith({}), 'not-found: .* it is not there \\(any more\\)$'],
  [
    'wants to know who asks',
    (_r, response) => response.writeHead(401).end(),
    'refused: .*mesos.agentSecretFile',
  ],
  ['lets us not', (_r, response) => response.writeHead(403).end(), 'refused: .*access_sandboxes'],
  ['is out of sorts', (_r, response) => response.writeHead(500).end('oh'), 'refused: .*answered 500 "oh"$'],
  ['talks of something else', (_r, response) => response.end('<html>'), 'garbled: .*not JSON: "<html>"$'],
])('an agent that %s', async (_what, answer, why) => {
  const agent = await anAgent(answer);

  const said = whyOf(await logsOf(agent).readTail(wanted));

  expect(said).toMatch(new RegExp(why));
  expect(said).toContain('reading stderr from the agent on agent1.example.org (http://127.0.0.1:');
});

test('an agent that is not there, in one line', async () => {
  const agent = await LoopbackServer.start(agentWith({}));
  const logs = logsOf(agent);
  await agent.close();

  expect(whyOf(await logs.readTail(wanted))).toMatch(
    /^unreachable: reading stderr from the agent on agent1\.example\.org \(http:\/\/127\.0\.0\.1:\d+\): connect ECONNREFUSED/,
  );
});

test('an agent that says nothing is not waited for', async () => {
  const agent = await anAgent(() => undefined);

  expect(whyOf(await logsOf(agent).readTail(wanted))).toMatch(/^timed-out: .*no answer within 3000 ms$/);
}, 20_000);

test("an agent sees the secret for agents, and never the framework's", async () => {
  const agent = await anAgent(agentWith({ [`${sandbox}/stderr`]: 'abc' }));
  const headers = { Authorization: 'Basic of-the-master' };

  await logsOf(agent, { headers, agentCredential: { principal: 'web', secret: 's' } }).readTail(wanted);

  const ours = `Basic ${Buffer.from('web:s').toString('base64')}`;
  expect(new Set(agent.received.map((one) => one.headers.authorization))).toEqual(new Set([ours]));
});

test('over TLS the name of the machine may stand in the certificate; a stranger is told nothing', async () => {
  const site = testAuthority('Example Site CA');
  const tls = { ...usualTrust, ca: site.cert };
  const secure = await LoopbackServer.startTls(
    agentWith({ [`${sandbox}/stderr`]: 'abc' }),
    site.issue(['agent1.example.org']),
  );
  cleanups.push(() => secure.close());

  expect(await logsOf(secure, { tls }).readTail(wanted)).toMatchObject({ ok: true });
  expect(whyOf(await logsOf(secure).readTail(wanted))).toMatch(/^unreachable: .*not from an authority/);
});

test('of an agent that has offered nothing the master tells where it is', async () => {
  const agent = await anAgent(agentWith({ [`${sandbox}/stderr`]: 'abc' }));
  const { port } = agent.endpoint;
  const slaves = [{ id: 'S1', pid: `slave(1)@127.0.0.1:${String(port)}`, hostname: 'agent1.example.org' }];
  const master = await anAgent((_received, response) => response.end(JSON.stringify({ slaves })));
  const connection = () => ({ endpoint: master.endpoint, streamId: null });
  const logs = logsOf(null, { connection, headers: { Authorization: 'Basic of-the-master' } });

  expect(await logs.readTail(wanted)).toMatchObject({ ok: true, value: { text: 'abc' } });
  expect(await logs.readTail(wanted)).toMatchObject({ ok: true });

  expect(master.received).toMatchObject([
    { path: '/slaves?slave_id=S1', headers: { authorization: 'Basic of-the-master' } },
  ]);
  expect(whyOf(await logs.readTail({ ...wanted, agentId: 'S9' }))).toBe(
    'not-found: the master has no agent S9 any more',
  );
});

test.each([
  ['slave(1)@10.0.0.7:5051', { host: '10.0.0.7', port: 5051 }],
  ['slave(1)@[fd00::7]:5051', { host: 'fd00::7', port: 5051 }],
  ['slave(1)@10.0.0.7', null],
  ['slave(1)@10.0.0.7:99999', null],
  ['slave(1)@a b:5051', null],
])('the address in %s', (pid, endpoint) => {
  const text = JSON.stringify({ slaves: [{ id: 'S1', pid, hostname: 'a1' }] });

  const read = readAgentAddress(text, 'S1', 'http');

  expect(read).toMatchObject(endpoint === null ? { ok: false } : { ok: true, value: { endpoint } });
});

test('the recorded list of agents is read', () => {
  const file = '../../../../fixtures/mesos/08-operator-reads/reads/GET_slaves.json';
  const text = readFileSync(new URL(file, import.meta.url), 'utf8');
  const { slaves } = JSON.parse(text) as { slaves: { id: string; port: number }[] };

  expect(readAgentAddress(text, slaves[0]?.id ?? '', 'http')).toMatchObject({
    ok: true,
    value: { endpoint: { port: slaves[0]?.port } },
  });
});
