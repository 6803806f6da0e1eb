import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { testAuthority } from '@mesos-torque/common/testing/certificates.ts';
import { readMesosAccess, readZooKeeperSecret, type AccessConfig } from './access.ts';

const authority = testAuthority('site');
const ours = authority.issue(['torque']);
const nothing: AccessConfig = {
  principal: null,
  secretFile: null,
  tls: null,
  tlsCa: null,
  tlsCert: null,
  tlsKey: null,
  zookeeperSecretFile: null,
  agentSecretFile: null,
};
let folder = '';

beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'access-'));
});
afterEach(() => rm(folder, { recursive: true }));

async function aFile(name: string, text: string, mode = 0o600): Promise<string> {
  const file = path.join(folder, name);
  await writeFile(file, text);
  await chmod(file, mode);
  return file;
}

describe('the way in to Mesos', () => {
  test('is open where nothing is configured', async () => {
    expect(await readMesosAccess(nothing)).toMatchObject({
      ok: true,
      access: { credential: null, scheme: 'http', zookeeperDigest: null, tls: { ca: null, identity: null } },
    });
  });

  test('holds what the files hold', async () => {
    const config = {
      ...nothing,
      principal: 'torque',
      secretFile: await aFile('secret', 'hunter2\n'),
      tlsCa: await aFile('ca.pem', authority.cert, 0o644),
      tlsCert: await aFile('cert.pem', ours.cert, 0o644),
      tlsKey: await aFile('key.pem', ours.key),
      zookeeperSecretFile: await aFile('zoo', 'torque:hunter3\n'),
      agentSecretFile: await aFile('agents', 'web:hunter4:5\n'),
    };
    expect(await readMesosAccess(config)).toEqual({
      ok: true,
      access: {
        credential: { principal: 'torque', secret: 'hunter2' },
        agentCredential: { principal: 'web', secret: 'hunter4:5' },
        scheme: 'https',
        zookeeperDigest: 'torque:hunter3',
        tls: { ca: authority.cert, identity: ours, verifies: true, names: [] },
      },
    });
  });

  test.each([
    [null, false, 'http'],
    [null, true, 'https'],
    [true, false, 'https'],
    [false, false, 'http'],
  ] as const)('mesos.tls=%s, an authority given: %s: %s', async (tls, hasCa, scheme) => {
    const tlsCa = hasCa ? await aFile('ca.pem', authority.cert) : null;
    expect(await readMesosAccess({ ...nothing, tls, tlsCa })).toMatchObject({ access: { scheme } });
  });

  test.each(['secretFile', 'tlsKey', 'zookeeperSecretFile'] as const)(
    '%s may be read by nobody else, and its content is never told',
    async (key) => {
      const cert = await aFile('cert.pem', ours.cert);
      const file = await aFile('open', 'u:hunter2', 0o644);
      const config = { ...nothing, principal: 'torque', tlsCert: cert, tlsKey: await aFile('k', ours.key) };
      const reading = await readMesosAccess({ ...config, [key]: file });
      expect(reading).toMatchObject({
        ok: false,
        why: expect.stringMatching(
          new RegExp(`^mesos\\.${key}: .* has mode 0644, .*: chmod 600 ${file}$`),
        ) as string,
      });
      expect(JSON.stringify(reading)).not.toContain('hunter2');
    },
  );

  test.each([
    ['tlsCa', 'no certificate', 'there is no certificate (PEM) in'],
    ['tlsKey', 'no key', 'mesos.tlsCa, mesos.tlsCert, mesos.tlsKey: '],
    ['zookeeperSecretFile', 'hunter2', 'has to hold one line "user:secret"'],
  ] as const)('%s that holds %j is refused', async (key, text, why) => {
    const config = {
      ...nothing,
      tlsCert: await aFile('cert.pem', ours.cert),
      tlsKey: await aFile('k', ours.key),
    };
    const reading = await readMesosAccess({ ...config, [key]: await aFile('bad', text) });
    expect(reading).toMatchObject({ ok: false, why: expect.stringContaining(why) as string });
    expect(JSON.stringify(reading)).not.toContain('hunter2');
  });
});

test('a secret of ZooKeeper is user and secret, whatever the secret has in it', async () => {
  const file = await aFile('zoo', 'torque:a:b@c/d\n');
  expect(await readZooKeeperSecret(file, 'ha.zookeeperSecretFile')).toBe('torque:a:b@c/d');
  expect(await readZooKeeperSecret(null, 'ha.zookeeperSecretFile')).toBeNull();
});
