import { expect, test } from 'vitest';
import { planRound } from './plan-round.ts';

test('a seed gives the same faults again, another one gives others', () => {
  expect(planRound(7, 3, true)).toEqual(planRound(7, 3, true));
  expect(planRound(7, 3, true)).not.toEqual(planRound(8, 3, true));
});

test('50 rounds kill the leader at every decision point', () => {
  const rounds = Array.from({ length: 50 }, (_, round) => planRound(1, round, true));
  const faults = rounds.flat();
  const events = new Set(
    faults.filter(({ kind }) => kind === 'kill-leader').map(({ trigger }) => trigger.event),
  );
  expect([...events].sort()).toEqual([
    'mom start ordered',
    'node created',
    'node deleted',
    'node forgotten',
    'node set offline',
    'offers received',
    'task kill ordered',
    'task launched',
    'task status',
  ]);
  const kinds = new Set(faults.map(({ kind }) => kind));
  expect([...kinds].sort()).toEqual([
    'kill-agent',
    'kill-leader',
    'kill-master',
    'kill-server',
    'kill-zookeeper',
    'stop-leader',
    'stop-server',
  ]);
});

test('without several schedulers nothing is stopped that nobody would replace', () => {
  const kinds = Array.from({ length: 50 }, (_, round) => planRound(1, round, false))
    .flat()
    .map(({ kind }) => kind);
  expect(kinds).not.toContain('kill-zookeeper');
  expect(kinds).not.toContain('stop-leader');
});
