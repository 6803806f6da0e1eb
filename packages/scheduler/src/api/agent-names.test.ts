import { expect, test } from 'vitest';
import { anIntent, anOffer, aSnapshot } from '../core/testing/builders.ts';
import { agentNamed } from './agent-names.ts';

const declined = {
  offer: anOffer('old.example.org', { agentId: 'agent-old' }),
  why: 'the queue is empty',
  atMs: 0,
};

test('an agent is meant by its id, or by the name of its host in any case, now or lately', () => {
  const snapshot = aSnapshot({
    offers: [anOffer('a.example.org')],
    intents: [anIntent('b.example.org')],
  });
  expect(agentNamed('agent-of-a.example.org', snapshot, [])).toBe('agent-of-a.example.org');
  expect(agentNamed('A.Example.Org', snapshot, [])).toBe('agent-of-a.example.org');
  expect(agentNamed('b.example.org', snapshot, [])).toBe('agent-of-b.example.org');
  expect(agentNamed('old.example.org', snapshot, [declined])).toBe('agent-old');
});

test('of several on one host none is taken: all are named', () => {
  const snapshot = aSnapshot({ offers: [anOffer('old.example.org', { agentId: 'agent-anew' })] });
  expect(() => agentNamed('old.example.org', snapshot, [declined])).toThrow(
    'agent old.example.org: on that host are agent-anew and agent-old; name one of them by its id',
  );
});

test('what is unknown is given back for whoever asks to say so', () => {
  expect(agentNamed('nobody', aSnapshot(), [])).toBe('nobody');
});
