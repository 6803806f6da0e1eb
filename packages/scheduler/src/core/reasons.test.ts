import { describe, expect, test } from 'vitest';
import * as because from './reasons-life.ts';
import { counted, quoted, seconds } from './reasons.ts';
import { taskEnded } from './reasons-trouble.ts';
import * as demand from './reasons-demand.ts';
import { anIntent, aTask, storyMs } from './testing/builders.ts';

describe('numbers in sentences', () => {
  test.each([
    [0, '0 s'],
    [1_500, '1.5 s'],
    [12_000, '12 s'],
    [1_234_567, '1,234.6 s'],
    [86_400_000, '86,400 s'],
  ])('%i ms are "%s"', (ms, text) => {
    expect(seconds(ms)).toBe(text);
  });

  test.each([
    [0, '0 nodes'],
    [1, '1 node'],
    [2, '2 nodes'],
    [12_000, '12,000 nodes'],
  ])('%i are "%s"', (count, text) => {
    expect(counted(count, 'node')).toBe(text);
  });

  test('are grouped, and the shortage is the difference of what is told', () => {
    expect(demand.offerShort('memMib', 65_536, 48_000, 'a7').text).toBe(
      'memory: asked 65,536 MiB, offer had 48,000, short by 17,536, agent a7',
    );
    expect(demand.offerShort('cpuMilli', 8_100, 4_000, 'a7').text).toBe(
      'cpus: asked 8.1 cpus, offer had 4, short by 4.1, agent a7',
    );
    expect(demand.safeAllocationNodes(3, 1, 1_200).text).toBe(
      'safeAllocation: nodes asked 3, 1 left of 1,200, short by 2',
    );
    expect(demand.tooBig('slots on one node', 1_064, 32, 'npMax').text).toBe(
      'asks 1,064 slots on one node, npMax allows 32: 1,032 too many',
    );
  });

  test('more held than allowed is none left, and the shortage says how much', () => {
    expect(
      demand.safeAllocationShort({ kind: 'memMib', asked: 100, left: -50, allowed: 400, by: null }).text,
    ).toContain('0 MiB left of 400 MiB, short by 150 MiB');
    expect(demand.safeAllocationNodes(1, -2, 4).text).toContain('0 left of 4, short by 3');
  });
});

describe('the words of others', () => {
  test('are one line in quotes', () => {
    expect(quoted(' pbs_mom:\n\tno  licence \r\n')).toBe('"pbs_mom: no licence"');
  });

  test('are cut where they would not fit', () => {
    const long = quoted('x'.repeat(5_000));
    expect(long).toHaveLength(202);
    expect(long.endsWith('..."')).toBe(true);
    expect(quoted('x'.repeat(200))).toBe(`"${'x'.repeat(200)}"`);
  });

  test('are told where there are any', () => {
    const task = aTask(anIntent('a'), { state: 'TASK_FAILED', message: 'pbs_mom exited 3' });
    expect(taskEnded(task).text).toBe(
      'its task ended (TASK_FAILED: "pbs_mom exited 3") and the node remains',
    );
    expect(taskEnded({ ...task, message: '' }).text).toBe(
      'its task ended (TASK_FAILED) and the node remains',
    );
  });
});

describe('lists', () => {
  test.each([
    [['1'], 'fits on 1, '],
    [['1', '2', '3', '4'], 'fits on 1, 2, 3, 4, '],
    [['1', '2', '3', '4', '5'], 'fits on 1, 2, 3 and 2 others, '],
  ])('of %j are kept short', (names, text) => {
    expect(demand.fitsNow(names).text).toContain(text);
  });

  test('of jobs to wait for name the first', () => {
    expect(because.jobsRemain(['7.head']).text).toBe('waits for 7.head to end');
    expect(because.jobsRemain(['7.head', '8.head']).text).toBe('waits for 7.head and 1 other to end');
  });
});

describe('what a goal’s reason carries through a node’s end', () => {
  const idle = because.idleTooLong(400_000, 300_000).text;

  test('is said once, however often it is passed on', () => {
    const seen = because.offlineAndEmpty(idle).text;
    const gone = because.nodeIsGone(seen).text;
    expect(seen).toBe('idle for 400 s, 300 s are allowed; seen offline and without jobs');
    expect(because.offlineAndEmpty(seen).text).toBe(seen);
    expect(gone).toBe('idle for 400 s, 300 s are allowed; pbs_server no longer has the node');
    expect(because.nodeIsGone(gone).text).toBe(gone);
  });

  test('keeps saying that the node came to nothing', () => {
    const why = because.gaveUp(because.registerTooLong(130_000, 120_000)).text;
    const passedOn = because.nodeIsGone(because.offlineAndEmpty(why).text).text;
    expect([why, passedOn, idle].map(because.isGivenUp)).toEqual([true, true, false]);
  });

  test('keeps saying for which job room is made', () => {
    const why = because.makesRoom('42[3].head.example.org').text;
    const passedOn = because.nodeIsGone(because.offlineAndEmpty(why).text).text;
    expect(because.roomMadeFor(passedOn)).toBe('42[3].head.example.org');
    expect(because.roomMadeFor(idle)).toBeNull();
  });
});

test('back-off says how often, why and until when', () => {
  const trouble = {
    agentId: 'a7',
    failures: 3,
    lastMs: storyMs - 5_000,
    lastMessage: 'no disk',
    evidence: [],
  };
  expect(demand.agentBacksOff(trouble, storyMs + 35_000, storyMs).text).toBe(
    '3 failed in a row on agent a7, lastly "no disk"; tried again in 35 s',
  );
});

test('a maintenance window that has begun does not begin in less than no time', () => {
  expect(demand.maintenanceAhead(-5_000, 3_600_000, 'a7').text).toBe(
    'maintenance of agent a7 begins in 0 s, the walltime is 3,600 s',
  );
});
