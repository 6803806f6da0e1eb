import { expect, test } from 'vitest';
import { packTrusted, trustedHostsMax } from './trusted-hosts.ts';

test('6 bytes a host, sorted, without entries for any port and those that are no address', () => {
  const { trustedHosts, trustedTold } = packTrusted([
    '10.77.0.1:0',
    '192.168.255.1:30002',
    '10.77.0.11:15003',
    'x:1',
  ]);

  expect([...trustedHosts]).toEqual([10, 77, 0, 11, 58, 155, 192, 168, 255, 1, 117, 50]);
  expect(trustedTold).toBe(true);
});

test('before the mom answered, and for a list that is too long, nothing is told', () => {
  const many = Array.from(
    { length: trustedHostsMax + 1 },
    (_, n) => `10.0.${String(n >> 8)}.${String(n & 255)}:15003`,
  );

  for (const { trustedHosts, trustedTold } of [packTrusted(null), packTrusted(many)]) {
    expect(trustedTold).toBe(false);
    expect(trustedHosts).toHaveLength(0);
  }
});
