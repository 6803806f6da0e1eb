import { expect, test } from 'vitest';
import { logLines } from './log-lines.ts';

const ours = JSON.stringify({
  level: 'warn',
  time: '2026-11-22T07:11:20.500Z',
  name: 'torque-executor',
  pid: 18,
  event: 'pbs_mom nudged',
  why: 'pbs_mom and head have had no words for 90 s',
  tries: 2,
});

const one = (line: string): unknown => logLines(`${line}\n`, true, 10).lines[0];

test('our own log is an event with its fields', () => {
  expect(one(ours)).toEqual({
    atMs: BigInt(Date.parse('2026-11-22T07:11:20.500Z')),
    level: 'warn',
    text: 'pbs_mom nudged  why=pbs_mom and head have had no words for 90 s  tries=2',
  });
});

test.each([
  [
    'pbs_mom error 11/22/2026 07:11:20.123;01;pbs_mom.18;Svr;x;LOG_ERROR::bad connect',
    'error',
    '11/22/2026 07:11:20.123;01;pbs_mom.18;Svr;x;LOG_ERROR::bad connect',
  ],
  [
    'W1122 07:11:20.123456 18080 fetcher.cpp:562] Failed to fetch',
    'warn',
    'W1122 07:11:20.123456 18080 fetcher.cpp:562] Failed to fetch',
  ],
  ['Segmentation fault', '', 'Segmentation fault'],
  ['{"no":"event"}', '', '{"no":"event"}'],
  ['{broken', '', '{broken'],
])('%s', (line, level, text) => {
  expect(one(line)).toEqual({ atMs: 0n, level, text });
});

test('secrets and escapes do not get through, nor lines without an end', () => {
  expect(one('MESOS_TOKEN=hunter2 \u001B[2J')).toMatchObject({ text: 'MESOS_TOKEN=[withheld] \\u{1b}[2J' });
  expect(one('x'.repeat(3_000))).toMatchObject({ text: `${'x'.repeat(2_000)}…` });
});

test('the end is what is shown, and what was left out is said', () => {
  const text = ['a', 'b', 'c', ''].join('\n');

  expect(logLines(text, true, 2)).toMatchObject({ lines: [{ text: 'b' }, { text: 'c' }], isCut: true });
  expect(logLines(text, true, 3)).toMatchObject({ lines: [{}, {}, {}], isCut: false });
  expect(logLines('', true, 3)).toEqual({ lines: [], isCut: false });
});

test('what begins in the middle of a line begins with the next one', () => {
  expect(logLines('f hunter2\nwhole\n', false, 9)).toMatchObject({ lines: [{ text: 'whole' }], isCut: true });
});

test.each([
  ['a\n-----BEGIN PRIVATE KEY-----\nhunter2\n-----END PRIVATE KEY-----\nb\n', true],
  ['cut\nhunter2\n-----END RSA PRIVATE KEY-----\nb\n', false],
])('of a private key nothing is shown, though it has many lines', (text, whole) => {
  const shown = logLines(text, whole, 9).lines.map((line) => line.text);

  expect(shown.join('\n')).not.toContain('hunter2');
  expect(shown.at(-1)).toBe('b');
});
