import { describe, expect, test } from 'vitest';
import { hostWords } from './host-words.ts';
import type { SlotSet } from './shapes.ts';
import { whole } from './sliced.ts';
import { aNode, anIntent, anOffer, aSnapshot, unknown } from './testing/builders.ts';

const set = (...properties: readonly string[]): SlotSet => ({
  slots: 1,
  gpus: 0,
  memMib: 0,
  properties,
  host: null,
  exclusive: false,
});

const words = whole(
  hostWords(
    aSnapshot({
      nodes: [aNode('n1.example.org', { properties: ['n2', 'fast'] }), aNode('single')],
      intents: [anIntent('n3.example.org')],
      offers: [anOffer('N4.Example.org', { attributes: { rack: 'n5' } })],
    }),
  ),
);

describe('a word that is a node’s whole name is a host', () => {
  test.each(['n1.example.org', 'single', 'n3.example.org', 'n4.example.org', 'N1.Example.ORG'])(
    '%s',
    (word) => {
      expect(words.resolve(set('fast', word))).toEqual({ ...set('fast'), host: word.toLowerCase() });
    },
  );

  test('any other is a property', () => {
    expect(words.resolve(set('fast', 'n1'))).toEqual(set('fast', 'n1'));
  });

  test('a host that was named as one stays', () => {
    const named = { ...set('single'), host: 'elsewhere.example.org' };

    expect(words.resolve(named)).toBe(named);
  });
});

describe('a short name', () => {
  test('is none to TORQUE, and the whole one is told', () => {
    expect(words.misnamed(set('n1'))?.text).toBe(
      'asks for n1, which no node has as name or property; TORQUE knows the node as n1.example.org only',
    );
    expect(words.misnamed(set('n4'))?.text).toContain('n4.example.org');
  });

  test('may be a property all the same', () => {
    expect(words.misnamed(set('n2', 'n5', 'fast', 'single'))).toBeNull();
  });
});

test('without a reading of the nodes no word is a node', () => {
  const blind = whole(hostWords(aSnapshot({ nodes: unknown() })));

  expect(blind.resolve(set('n1.example.org')).host).toBeNull();
  expect(blind.misnamed(set('n1'))).toBeNull();
});
