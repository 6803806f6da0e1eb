import { describe, expect, test } from 'vitest';
import type { QueueLimits } from '../core/settings.ts';
import { parseSettings, type ReadSettings } from './queues.ts';
import { recording } from './testing/recordings.ts';

function settingsOf(text: string, neednodesBind = false): ReadSettings {
  const parsed = parseSettings(text, { neednodesBind });
  if (!parsed.ok) throw new Error(parsed.problem.detail);
  return parsed.value;
}

function queueOf(settings: ReadSettings, name: string): QueueLimits | undefined {
  return settings.queues.find((queue) => queue.name === name);
}

const recorded = recording('limits-print-server').stdout.toString();

describe('of the recorded server', () => {
  const settings = settingsOf(recorded);

  test('the limits of the server', () => {
    expect(settings.server).toMatchObject({
      maxRunning: 3,
      maxUserRun: 2,
      maxGroupRun: 2,
      available: { nodect: 100, ncpus: null, memMib: null },
    });
  });

  test('the limits of a queue', () => {
    expect(queueOf(settings, 'limited')).toMatchObject({
      kind: 'execution',
      isStarted: true,
      maxRunning: 2,
      maxUserRun: 1,
      maxGroupRun: 1,
      ofOneJob: { nodect: 4 },
      propertiesRequired: [],
    });
  });

  test('a queue without limits, one that routes, and one that is stopped', () => {
    expect(queueOf(settings, 'batch')).toMatchObject({ maxRunning: null, isStarted: true });
    expect(queueOf(settings, 'route')).toMatchObject({ kind: 'route' });
    expect(queueOf(settings, 'stopped')).toMatchObject({ isStarted: false });
  });

  test('an ordinary user is shown the same limits', () => {
    expect(settingsOf(recording('limits-print-server-user').stdout.toString())).toEqual(settings);
  });
});

test('a queue’s neednodes is a property of its jobs’ nodes where the scheduler holds them to it', () => {
  expect(queueOf(settingsOf(recorded, true), 'limited')?.propertiesRequired).toEqual(['bigmem']);
});

test('how many elements of an array are made at a time can be set', () => {
  expect(settingsOf(recorded).idleSlotLimit).toBe(300);
  expect(settingsOf('set server idle_slot_limit = 50\n').idleSlotLimit).toBe(50);
});

test('4.2.10 prints the same', () => {
  expect(settingsOf(recording('qmgr-fresh-print-server', '4.2').stdout.toString())).toMatchObject({
    queues: [],
  });
});

test.each([
  ['set server max_running = many', 'server: max_running = "many" is no number'],
  ['set server resources_available.mem = 10kw', 'is not a size'],
  ['create queue q\nset queue q queue_type = Strange', 'queue q: queue_type = "Strange" is neither'],
  ['set queue q max_running = 1', 'was not created before'],
  ['something else', 'is neither a setting nor a comment'],
])('%s is an error, not a server without limits', (text, complaint) => {
  const parsed = parseSettings(text, { neednodesBind: false });

  expect(parsed).toMatchObject({ ok: false, problem: { kind: 'garbled' } });
  expect(parsed).toHaveProperty('problem.detail', expect.stringContaining(complaint));
});
