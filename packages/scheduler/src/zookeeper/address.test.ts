import { expect, test } from 'vitest';
import { readZooAddress } from './address.ts';

test('several servers, some without a port, and a path', () => {
  expect(readZooAddress('zk://z1.example.org:2181,z2.example.org,z3.example.org:2182/mesos/one/')).toEqual({
    ok: true,
    address: {
      servers: ['z1.example.org:2181', 'z2.example.org:2181', 'z3.example.org:2182'],
      path: '/mesos/one',
      digest: null,
    },
  });
});

test('user and secret stand before the @', () => {
  expect(readZooAddress('zk://torque:s3cr@t@z1/ha')).toEqual({
    ok: true,
    address: { servers: ['z1:2181'], path: '/ha', digest: 'torque:s3cr@t' },
  });
});

test.each([
  ['z1:2181/mesos', 'does not begin with zk://'],
  ['zk://z1:2181', 'has no path'],
  ['zk://z1:2181/', 'is no path'],
  ['zk://z1:2181/a b', 'is no path'],
  ['zk://[::1]:2181/a', 'give a name for an IPv6 address'],
  ['zk://z1:port/a', '"z1:port" is not host'],
  ['zk://z1,http://z2/a', 'is no path'],
  ['zk://,z2/a', '"" is not host'],
  ['zk://torque@z1/a', 'is not user:secret'],
  [`zk://${Array(33).fill('z').join(',')}/a`, '33 servers, at most 32'],
])('%s is refused', (text, why) => {
  expect(readZooAddress(text)).toEqual({ ok: false, why: expect.stringContaining(why) as unknown });
});

test('a secret is never repeated in a refusal', () => {
  const reading = readZooAddress('zk://torque:hunter2@z:1:2/a');
  expect(reading.ok).toBe(false);
  expect(JSON.stringify(reading)).not.toContain('hunter2');
});
