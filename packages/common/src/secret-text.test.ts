import { expect, test } from 'vitest';
import { printable, withoutSecrets } from './secret-text.ts';

test.each([
  ['password=hunter2 user=ada', 'password=[withheld] user=ada'],
  ['{"mesosSecret":"hun\\"ter2","np":4}', '{"mesosSecret":[withheld],"np":4}'],
  ["token: 'hunter2 and more', next", 'token: [withheld], next'],
  ['Authorization: Basic dG9ycXVlOmh1bnRlcjI=', 'Authorization: Basic [withheld]'],
  ['sent Bearer eyJhbGciOiJIUzI1.hunter2.sig', 'sent Bearer [withheld]'],
  ['fetching https://ada:hunter2@files.example.org/x', 'fetching https://[withheld]@files.example.org/x'],
  ['zk://torque:hunter2@z1:2181/mesos', 'zk://[withheld]@z1:2181/mesos'],
  ['MESOS_EXECUTOR_AUTHENTICATION_TOKEN=hunter2', 'MESOS_EXECUTOR_AUTHENTICATION_TOKEN=[withheld]'],
  ['-----BEGIN RSA PRIVATE KEY-----hunter2', '[withheld]'],
  ['AWS_SECRET_ACCESS_KEY=hunter2;x', 'AWS_SECRET_ACCESS_KEY=[withheld];x'],
])('%s', (line, shown) => {
  expect(withoutSecrets(line)).toBe(shown);
});

test.each([
  'pbs_mom answers as n1.example.org',
  '11/22/2026 07:11:20.123;01;pbs_mom.18;Svr;pbs_mom;LOG_ERROR::no credentials',
  'http://10.0.0.7:5051/files/read?path=a',
  'the token ring of 1990',
])('what is no secret stays: %s', (line) => {
  expect(withoutSecrets(line)).toBe(line);
});

test('a terminal is not played with', () => {
  expect(printable('a\u001B[2Jb\tc\u202Ed\u0007')).toBe('a\\u{1b}[2Jb\tc\\u{202e}d\\u{7}');
});

test('a hostile line takes no long time', () => {
  const line = `token${'-'.repeat(1_000_000)} ${'secret '.repeat(200_000)} a://${'b'.repeat(1_000_000)}`;
  // Time in the square of the length would be longer than a test may take.
  expect(withoutSecrets(line)).toBe(line);
});
