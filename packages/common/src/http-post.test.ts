import { afterEach, expect, test } from 'vitest';
import { systemClock } from './clock.ts';
import { endpointText } from './endpoint.ts';
import { HttpPoster, type PostResult } from './http-post.ts';
import { testAuthority } from './testing/certificates.ts';
import { LoopbackServer } from './testing/loopback-server.ts';
import { trustProblem, usualTrust, type TlsTrust } from './tls-trust.ts';

const site = testAuthority('Example Site CA');
const stranger = testAuthority('Example Site CA');
const server = site.issue(['m1.example.org', '127.0.0.1']);
const trusting: TlsTrust = { ...usualTrust, ca: site.cert };

test('the authority of the site is believed, and the answer comes', async () => {
  const master = await startTls(server);
  expect(await post(master, trusting)).toMatchObject({ kind: 'answer', answer: { status: 202 } });
});

test.each<[string, TlsTrust, string]>([
  ['nobody of the site', usualTrust, 'its certificate is not from an authority that we believe'],
  [
    'another authority of the same name',
    { ...usualTrust, ca: stranger.cert },
    'its certificate is not from an authority that we believe',
  ],
])('who believes %s sends nothing', async (_who, trust, why) => {
  const master = await startTls(server);
  expect(await post(master, trust)).toMatchObject({
    kind: 'unreachable',
    why: expect.stringContaining(why) as string,
  });
  expect(master.received).toEqual([]);
});

test('a certificate that was valid, and one for another host, are not believed', async () => {
  const expired = await startTls(site.issue(['127.0.0.1'], { isExpired: true }));
  const other = await startTls(site.issue(['m2.example.org', '127.0.0.2']));
  expect(await post(expired, trusting)).toMatchObject({
    kind: 'unreachable',
    why: 'TLS: its certificate is not valid (certificate has expired)',
  });
  expect(await post(other, trusting)).toMatchObject({
    kind: 'unreachable',
    why: expect.stringContaining("IP: 127.0.0.1 is not in the cert's list: 127.0.0.2") as string,
  });
});

test('one name more may stand in the certificate, where the address is not made out in it', async () => {
  const agent = await startTls(site.issue(['node1.example.org']));
  const named = { ...trusting, names: ['node1.example.org'] };
  expect(await post(agent, named)).toMatchObject({ kind: 'answer' });
  expect(await post(agent, { ...trusting, names: ['node2.example.org'] })).toMatchObject({
    kind: 'unreachable',
  });
});

test('who verifies nothing is answered by anybody', async () => {
  const master = await startTls(stranger.issue(['elsewhere.example.org']));
  expect(await post(master, { ...usualTrust, verifies: false })).toMatchObject({ kind: 'answer' });
});

test('a server that wants a certificate gets ours, and is silent to those without', async () => {
  const master = await startTls(server, true);
  const identity = site.issue(['torque']);
  expect(await post(master, { ...trusting, identity })).toMatchObject({ kind: 'answer' });
  const without = await post(master, trusting);
  expect(without.kind).not.toBe('answer');
  const strange = await post(master, { ...trusting, identity: stranger.issue(['torque']) });
  expect(strange.kind).not.toBe('answer');
  expect(master.received).toHaveLength(1);
});

test('a server without TLS is named as that', async () => {
  const open = await LoopbackServer.start(() => undefined);
  cleanups.push(() => open.close());
  expect(await post(open, trusting, 'https')).toMatchObject({
    kind: 'unreachable',
    why: 'TLS: it does not speak TLS',
  });
});

test('files that are no PEM are found before they are used', () => {
  const { cert, key } = site.issue(['torque']);
  expect(trustProblem({ ...trusting, identity: { cert, key } })).toBeNull();
  expect(trustProblem({ ...trusting, identity: { cert, key: server.key } })).toContain('key values mismatch');
  expect(trustProblem({ ...trusting, identity: { cert, key: 'no key' } })).not.toBeNull();
});

const cleanups: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function startTls(
  { cert, key }: { readonly cert: string; readonly key: string },
  asksForCertificate = false,
): Promise<LoopbackServer> {
  const clients = asksForCertificate ? { requestCert: true, rejectUnauthorized: true, ca: site.cert } : {};
  const started = await LoopbackServer.startTls(
    (_received, response) => {
      response.writeHead(202).end();
    },
    { cert, key, ...clients },
  );
  cleanups.push(() => started.close());
  return started;
}

async function post(to: LoopbackServer, tls: TlsTrust, scheme = to.endpoint.scheme): Promise<PostResult> {
  const poster = new HttpPoster(systemClock);
  const endpoint = { ...to.endpoint, scheme };
  expect(endpointText(endpoint)).toContain('https://');
  const request = { endpoint, path: '/', headers: {}, body: Buffer.from('call'), tls };
  try {
    return await poster.post(request, 5000);
  } finally {
    poster.close();
  }
}
