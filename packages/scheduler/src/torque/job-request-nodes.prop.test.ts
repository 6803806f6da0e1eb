/** The grammar of `nodes`: what is printed reads back the same, and hostile text is named. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { NodeRequest } from '../core/facts.ts';
import { isNotUnderstood } from './job-request-words.ts';
import { parseNodes } from './job-request-nodes.ts';

const modes = new Set([
  'exclusive',
  'exclusive_thread',
  'exclusive_process',
  'default',
  'shared',
  'reseterr',
]);

const word = fc
  .stringMatching(/^[A-Za-z][A-Za-z0-9_-]{0,10}$/)
  .filter((text) => !modes.has(text.toLowerCase()));
const host = fc.tuple(word, word).map(([name, domain]) => `${name}.${domain}`.toLowerCase());

const part: fc.Arbitrary<NodeRequest> = fc.oneof(
  fc.record({
    count: fc.integer({ min: 1, max: 5000 }),
    ppn: fc.integer({ min: 1, max: 512 }),
    gpus: fc.constantFrom(0, 0, 1, 4),
    properties: fc.array(word, { maxLength: 3 }),
    host: fc.constant(null),
  }),
  fc.record({
    count: fc.constant(1),
    ppn: fc.integer({ min: 1, max: 512 }),
    gpus: fc.constantFrom(0, 0, 1),
    properties: fc.array(word, { maxLength: 2 }),
    host,
  }),
);

function printed(parts: readonly NodeRequest[], common: readonly string[]): string {
  const spec = parts.map(({ count, ppn, gpus, properties, host: name }) =>
    [
      name ?? String(count),
      ...(ppn === 1 ? [] : [`ppn=${ppn}`]),
      ...(gpus === 0 ? [] : [`gpus=${gpus}`]),
      ...properties,
    ].join(':'),
  );
  return [spec.join('+'), ...common].join('#');
}

test('what is printed reads back the same', () => {
  fc.assert(
    fc.property(
      fc.array(part, { minLength: 1, maxLength: 6 }),
      fc.array(word, { maxLength: 2 }),
      (parts, common) => {
        const expected = parts.map((one) => ({ ...one, properties: [...one.properties, ...common] }));

        expect(parseNodes(printed(parts, common))).toEqual(expected);
      },
    ),
    { numRuns: 1000, seed: 2010 },
  );
});

test('hostile text never throws, and what is not understood is quoted with a reason', () => {
  const piece = fc.constantFrom(
    '1',
    ':',
    '+',
    '#',
    '=',
    'ppn=',
    'gpus=2',
    '^',
    '[',
    '|',
    '\n',
    '\0',
    'ä',
    ' ',
    '-',
    '..',
  );
  const hostile = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 40 }),
    fc.array(piece, { maxLength: 30 }).map((pieces) => pieces.join('')),
  );

  fc.assert(
    fc.property(hostile, (text) => {
      const read = parseNodes(text);
      if (isNotUnderstood(read)) {
        expect(read.why).not.toBe('');
        expect(read.text.length).toBeLessThanOrEqual(201);
        return;
      }
      for (const { count, ppn, properties } of read) {
        expect(Math.min(count, ppn)).toBeGreaterThanOrEqual(1);
        expect(properties.join('')).toMatch(/^[\w.-]*$/);
      }
    }),
    { numRuns: 3000, seed: 2010 },
  );
});

test('sizes have limits, and reaching them is told', () => {
  expect(parseNodes(Array.from({ length: 10_001 }, () => '1').join('+'))).toMatchObject({
    why: 'has more than 10,000 parts',
  });
  expect(parseNodes('1000001')).toMatchObject({ kind: 'not-understood' });
});
