import { expect, test } from 'vitest';
import type { LogLevel } from './pino-log.ts';
import { pinoLog } from './pino-log.ts';

test('a line is one JSON object with level, time, name, event and fields', () => {
  const { log, lines } = logInto('info');

  log.info('node drained', { node: 'node1.example.org', jobsLeft: 0 });

  expect(lines()).toEqual([
    expect.objectContaining({
      level: 'info',
      name: 'test',
      event: 'node drained',
      node: 'node1.example.org',
      jobsLeft: 0,
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT/) as unknown,
    }),
  ]);
});

test('lines below the level are not written', () => {
  const { log, lines } = logInto('warn');

  log.debug('a');
  log.info('b');
  log.warn('c');
  log.error('d');

  expect(lines().map((line) => [line['level'], line['event']])).toEqual([
    ['warn', 'c'],
    ['error', 'd'],
  ]);
});

test('secrets are withheld at any depth, whatever their case', () => {
  const { log, lines } = logInto('info');

  log.info('configuration read', {
    principal: 'torque',
    secret: 'hunter2',
    mesos: { headers: [{ Authorization: 'Basic x' }], authToken: 'y', tlsPrivateKey: 'z' },
  });

  expect(JSON.stringify(lines())).not.toMatch(/hunter2|Basic|"[yz]"/);
  expect(lines()[0]).toMatchObject({ principal: 'torque', mesos: { authToken: '[withheld]' } });
});

test('errors, bytes, large numbers and rings do not break a line', () => {
  const { log, lines } = logInto('info');
  const ring: Record<string, unknown> = {};
  ring['ring'] = ring;

  log.info('odd things logged', { error: new Error('boom'), data: Buffer.from('abc'), n: 2n ** 60n, ring });

  expect(lines()[0]).toMatchObject({ error: 'boom', data: '[3 bytes]', n: '1152921504606846976' });
});

function logInto(level: LogLevel): {
  log: ReturnType<typeof pinoLog>;
  lines: () => Record<string, unknown>[];
} {
  const written: string[] = [];
  const destination = { write: (line: string) => void written.push(line) };
  return {
    log: pinoLog({ level, name: 'test', destination }),
    lines: () => written.map((line) => JSON.parse(line) as Record<string, unknown>),
  };
}
