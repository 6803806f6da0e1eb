import { expect, test } from 'vitest';
import { unpackTrusted } from './trusted-hosts.ts';

test('hosts that a mom trusts are unpacked as the executor packs them', () => {
  const bytes = Uint8Array.from([10, 77, 0, 11, 58, 155, 192, 168, 255, 1, 117, 50]);

  expect(unpackTrusted(bytes)).toEqual(['10.77.0.11:15003', '192.168.255.1:30002']);
  expect(unpackTrusted(new Uint8Array())).toEqual([]);
});

test('half an entry makes the whole unknown', () => {
  expect(unpackTrusted(Uint8Array.from([10, 77, 0]))).toBeNull();
});
