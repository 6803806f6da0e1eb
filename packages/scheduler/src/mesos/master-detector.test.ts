import { describe, expect, test } from 'vitest';
import { endpointText } from '@mesos-torque/common/endpoint.ts';
import { readMasters } from './master-detector.ts';

test.each([
  ['m1.example.org', ['http://m1.example.org:5050']],
  ['m1:5050,m2:5051', ['http://m1:5050', 'http://m2:5051']],
  ['https://m1:443, https://m2', ['https://m1:443', 'https://m2:5050']],
])('%s are masters', (text, masters) => {
  const reading = readMasters(text);
  expect(
    reading.ok && reading.masters.kind === 'list' && reading.masters.endpoints.map(endpointText),
  ).toEqual(masters);
});

test('ZooKeeper is named as Mesos names it', () => {
  expect(readMasters('zk://z1,z2:2182/mesos')).toEqual({
    ok: true,
    masters: {
      kind: 'zookeeper',
      address: { servers: ['z1:2181', 'z2:2182'], path: '/mesos', digest: null },
      scheme: 'http',
    },
  });
});

test('TLS is for those whose address does not say otherwise, and for the leader of ZooKeeper', () => {
  const access = { scheme: 'https', zookeeperDigest: 'torque:hunter2' } as const;
  expect(readMasters('m1,http://m2', access)).toMatchObject({
    masters: {
      endpoints: [
        { scheme: 'https', host: 'm1' },
        { scheme: 'http', host: 'm2' },
      ],
    },
  });
  expect(readMasters('zk://z1/mesos', access)).toMatchObject({
    masters: { scheme: 'https', address: { digest: 'torque:hunter2' } },
  });
});

describe('what is refused says what to do', () => {
  test.each([
    ['zk://z1:2181,z2:2181', 'has no path'],
    ['m1:5050,zk://z1/mesos', '"zk://z1/mesos" is not host:port'],
    ['m1:5050,', '"" is not host:port'],
    ['m1:port', '"m1:port" is not host:port'],
    [Array(33).fill('m:1').join(','), '33 addresses, at most 32'],
  ])('%s', (text, why) => {
    expect(readMasters(text)).toEqual({ ok: false, why: expect.stringContaining(why) as unknown });
  });
});
