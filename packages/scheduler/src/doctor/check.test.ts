import { expect, test } from 'vitest';
import { createVirtualClock } from '../loop/testing/virtual-clock.ts';
import { ok, runChecks, wrong, type Check } from './check.ts';

function aCheck(name: string, probe: Check['probe'], ...needs: readonly string[]): Check {
  return { name, needs, probe };
}

test('what needs a check that failed is not tried, and says which', async () => {
  const tried: string[] = [];
  const checks = [
    aCheck('trqauthd', () => Promise.resolve(wrong('down', 'start it'))),
    aCheck(
      'pbs_server',
      () => {
        tried.push('pbs_server');
        return Promise.resolve(ok('up'));
      },
      'trqauthd',
    ),
    aCheck('queues', () => Promise.resolve(ok('batch')), 'pbs_server'),
    aCheck('Node', () => Promise.resolve(ok('24'))),
  ];

  const results = await runChecks(checks, createVirtualClock(0), 1000);

  expect(tried).toEqual([]);
  expect(results.map(({ name, status, found }) => [name, status, found])).toEqual([
    ['trqauthd', 'wrong', 'down'],
    ['pbs_server', 'unknown', 'not tried: it needs "trqauthd", see there'],
    ['queues', 'unknown', 'not tried: it needs "pbs_server", see there'],
    ['Node', 'ok', '24'],
  ]);
});

test('a check that takes too long, or throws, is unknown and keeps no other from its turn', async () => {
  const clock = createVirtualClock(0);
  const checks = [
    aCheck('hangs', () => new Promise(() => undefined)),
    aCheck('throws', () => Promise.reject(new Error('EIO'))),
    aCheck('works', () => Promise.resolve(ok('yes'))),
  ];

  const running = runChecks(checks, clock, 20_000);
  await clock.runUntil(30_000, () => false);

  expect((await running).map(({ status, found }) => [status, found])).toEqual([
    ['unknown', 'not known: it took longer than 20 s'],
    ['unknown', 'not known: EIO'],
    ['ok', 'yes'],
  ]);
});
