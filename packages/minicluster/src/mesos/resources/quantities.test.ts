import fc from 'fast-check';
import { expect, test } from 'vitest';
import { add, allocated, contains, subtract } from './quantities.ts';
import { parseAttributes, parseResources, resourcesText } from './text.ts';

test('sums are exact where doubles are not', () => {
  const total = add(parseResources('cpus:0.1'), parseResources('cpus:0.2'));

  expect(resourcesText(total)).toBe('cpus:0.3');
});

test('ports are taken out of the middle of a range', () => {
  const left = subtract(parseResources('ports:[31000-31100]'), parseResources('ports:[31010-31019]'));

  expect(resourcesText(left)).toBe('ports:[31000-31009, 31020-31100]');
});

test('reserved resources do not stand for unreserved ones', () => {
  const reserved = parseResources('cpus(torque):4');

  expect(contains(reserved, parseResources('cpus:1'))).toBe(false);
  expect(contains(reserved, parseResources('cpus(torque):1'))).toBe(true);
  expect(resourcesText(allocated(reserved, 'torque'))).toBe(
    'cpus(allocated: torque)(reservations: [(STATIC,torque)]):4',
  );
});

test('what is added can be taken away again', () => {
  const amount = fc.record({
    cpus: fc.integer({ min: 1, max: 64_000 }),
    first: fc.integer({ min: 1, max: 500 }),
    ports: fc.integer({ min: 0, max: 50 }),
  });
  const resources = amount.map(({ cpus, first, ports }) =>
    parseResources(`cpus:${cpus / 1000};ports:[${first}-${first + ports}]`),
  );
  fc.assert(
    fc.property(resources, resources, (a, b) => {
      const both = add(a, b);
      expect(contains(both, a) && contains(both, b)).toBe(true);
      expect(contains(a, subtract(both, b))).toBe(true);
    }),
  );
});

test.each([
  ['cpus', 'resource "cpus" is not name:value'],
  ['cpus:-1', 'resource "cpus:-1" has no amount'],
  ['cpus(:1', 'resource "cpus(:1" is not name:value'],
  ['ports:[1-]', 'range "1-" is not first-last'],
])('%s is no resource', (text, message) => {
  expect(() => parseResources(text)).toThrow(message);
});

test('attributes are scalars, ranges and text; sets are refused as the real agent refuses them', () => {
  const types = parseAttributes('rack:r1;ratio:2.5;cores:[1-4]').map(({ type }) => type);

  expect(types).toEqual(['TEXT', 'SCALAR', 'RANGES']);
  expect(() => parseAttributes('zone:{a,b}')).toThrow('is a set');
});
