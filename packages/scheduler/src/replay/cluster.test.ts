import { expect, test } from 'vitest';
import { parseCluster } from './cluster.ts';

test('count x slots : name', () => {
  const read = parseCluster('2x80:zewura,1x12/90gb:zegox:fast');

  expect(read).toEqual({
    ok: true,
    value: [
      { host: 'zewura1', slots: 80, memMib: null, properties: ['cl_zewura'] },
      { host: 'zewura2', slots: 80, memMib: null, properties: ['cl_zewura'] },
      { host: 'zegox1', slots: 12, memMib: 92_160, properties: ['cl_zegox', 'fast'] },
    ],
  });
});

test('without a name agents are nodes without properties', () => {
  expect(parseCluster('1x2')).toEqual({
    ok: true,
    value: [{ host: 'node1', slots: 2, memMib: null, properties: [] }],
  });
});

test.each([
  '',
  'x',
  '0x8',
  '2x0',
  '2x8:',
  '2x8:a b',
  '2x8:1st',
  '-1x8',
  '70000x1',
  '1x70000',
  '1x1:a,1x2:a',
  '2*8',
])('is refused: %j', (text) => {
  expect(parseCluster(text).ok).toBe(false);
});
