import { describe, expect, it } from 'vitest';
import { doubtsAbout } from './doubts.ts';
import { fieldText } from './field-text.ts';
import { indexAt, joined, latestOfEach, runningApart, since, stackOf } from './history.ts';
import { jobVerdicts, kindOf, nodePhases } from './kinds.ts';
import { latestLife, lifeOf } from './life.ts';
import type { Entry, History } from './messages.ts';
import { entryIn, statusIn } from './read-messages.ts';
import { drainBody, limitsBody } from './orders.ts';
import { timeLabels } from './plot.ts';
import { byReason } from './reasons.ts';
import { averaged, niceCeiling, stacked, thinned } from './series.ts';

function history(atMs: number[], values: Record<string, (number | null)[]>): History {
  const series = Object.entries(values).map(([key, column]) => {
    const [group = '', name = ''] = key.split('/');
    return { group, name, values: column };
  });
  return { atMs, series };
}

describe('states over time', () => {
  it('stand on top of each other, and above a gap there is a gap', () => {
    const columns = {
      times: [1, 2],
      values: [
        [1, 2],
        [10, null],
        [100, 100],
      ],
    };
    expect(stacked(columns).values).toEqual([
      [1, 2],
      [11, null],
      [111, null],
    ]);
  });

  it('are thinned to what was last in each slice, both ends kept', () => {
    const times = Array.from({ length: 1_000 }, (_, index) => index);
    const thin = thinned({ times, values: [times] }, 10);
    expect(thin.times.length).toBeLessThanOrEqual(12);
    expect(thin.times[0]).toBe(0);
    expect(thin.times.at(-1)).toBe(999);
    expect(thin.values[0]).toEqual(thin.times);
  });

  it('that are counts of happenings are averaged, so that none is lost', () => {
    const times = Array.from({ length: 100 }, (_, index) => index);
    const values = times.map((time) => (time % 10 === 3 ? 10 : 0));
    const mean = averaged({ times, values: [values] }, 10);
    expect(mean.values[0]!.every((value) => value === 1)).toBe(true);
  });

  it.each([
    [0, 5],
    [7, 8],
    [41, 50],
    [1_000, 1_000],
    [10_001, 15_000],
  ])('up to %d get an axis up to %d', (value, end) => {
    expect(niceCeiling(value)).toBe(end);
  });

  it('have labels with seconds where ticks are close, and the day where it begins', () => {
    const midnight = new Date(2026, 10, 22).getTime() / 1000;
    expect(timeLabels([midnight + 30, midnight + 40])).toEqual(['00:00:30', '00:00:40']);
    expect(timeLabels([midnight, midnight + 3_600])).toEqual(['Nov 22', '01:00']);
  });
});

describe('history', () => {
  it('is joined where pieces overlap, with kinds that come later unknown before', () => {
    const first = history([1, 2], { 'nodes/up': [1, 2] });
    const later = history([2, 3], { 'nodes/up': [9, 3], 'nodes/suspect': [0, 1] });
    expect(joined(first, later)).toEqual(
      history([1, 2, 3], { 'nodes/up': [1, 2, 3], 'nodes/suspect': [null, null, 1] }),
    );
  });

  it('is cut to its span with the one point before it, which says how it was then', () => {
    expect(since(history([1, 2, 3, 4], { 'nodes/up': [1, 2, 3, 4] }), 3).atMs).toEqual([2, 3, 4]);
    expect(since(history([1, 2], { 'nodes/up': [1, 2] }), 9).atMs).toEqual([2]);
  });

  it('takes kinds that had not occurred for none, and moments without any reading for unknown', () => {
    const read = history([1, 2, 3], {
      'nodes/up': [1, null, 3],
      'nodes/suspect': [null, null, 1],
      'floor/nodes': [4, null, 4],
    });
    const stack = stackOf(read, 'nodes', nodePhases, [], latestOfEach);
    expect(stack.areas.map(({ key, values }) => [key, values])).toEqual([
      ['up', [1, null, 3]],
      ['suspect', [0, null, 1]],
    ]);
  });

  it('does not stack running jobs twice', () => {
    const read = history([1], { 'jobs/running': [5], 'jobs/not-demand': [7] });
    const stack = stackOf(runningApart(read), 'jobs', jobVerdicts, [], latestOfEach);
    expect(stack.areas.map(({ key, values }) => [key, values])).toEqual([
      ['running', [5]],
      ['not-demand', [2]],
    ]);
  });

  it('knows how it was at a moment: the last point not after it', () => {
    expect([
      indexAt([10, 20], 9),
      indexAt([10, 20], 10),
      indexAt([10, 20], 19),
      indexAt([10, 20], 99),
    ]).toEqual([null, 0, 0, 1]);
  });
});

describe('reasons', () => {
  it('are grouped, most frequent first, counted by the scheduler where only some were read', () => {
    const items = [{ whyCode: 'no-offers' }, { whyCode: 'short-memory' }];
    expect(byReason(items, { 'short-memory': 900, 'gang-next': 3 })).toEqual([
      { code: 'short-memory', count: 900, example: items[1] },
      { code: 'gang-next', count: 3, example: null },
      { code: 'no-offers', count: 1, example: items[0] },
    ]);
  });
});

describe('kinds', () => {
  it('of a later scheduler are shown under their own name', () => {
    expect(kindOf(nodePhases, 'hibernating')).toMatchObject({ label: 'hibernating', colour: '--kind-other' });
  });
});

function phase(atMs: number, taskId: string, to: string): Entry {
  return entryIn({
    sequence: String(atMs),
    at_ms: String(atMs),
    event: 'node phase changed',
    task_id: taskId,
    data: { to },
  });
}

describe('the life of a node', () => {
  it('is read from the journal in whatever order, each phase until the next', () => {
    const entries = [
      phase(30, 't1', 'up'),
      phase(10, 't1', 'launching'),
      entryIn({ event: 'node created', at_ms: '20' }),
    ];
    expect(lifeOf(entries).map(({ phase: name, fromMs, toMs }) => [name, fromMs, toMs])).toEqual([
      ['launching', 10, 30],
      ['up', 30, null],
    ]);
  });

  it('is that of the latest task where there were several, and ends with "gone"', () => {
    const entries = [phase(10, 't1', 'up'), phase(20, 't1', 'gone'), phase(30, 't2', 'launching')];
    expect(lifeOf(entries)[1]).toMatchObject({ phase: 'gone', toMs: 20 });
    expect(latestLife(lifeOf(entries)).map(({ taskId }) => taskId)).toEqual(['t2']);
  });
});

describe('further fields', () => {
  it.each([
    ['ms', '4200', 'took 4.2 s'],
    ['waitedMs', '90000', 'waited 1 min 30 s'],
    ['refuseS', '120', 'refuse 2 min'],
    ['jobsLeft', '1200', 'jobs left 1,200'],
    ['deadlineMs', '1800000000000', 'deadline ms 1,800,000,000,000'],
    ['state', 'TASK_FAILED', 'state TASK_FAILED'],
  ])('%s %s read as "%s"', (name, value, text) => {
    expect(fieldText(name, value)).toBe(text);
  });
});

describe('doubts', () => {
  const fresh = {
    queue_reading: { state: 'fresh' },
    nodes_reading: { state: 'fresh' },
    tasks_reading: { state: 'fresh' },
  };

  it('are none about a status that was read whole', () => {
    expect(doubtsAbout(statusIn({ planned_at_ms: '5', mesos_connected: true, ...fresh }))).toEqual([]);
  });

  it("are told in the planner's words where it has some", () => {
    const status = statusIn({ planned_at_ms: '5', notices: ['the queue could not be read'] });
    expect(doubtsAbout(status)).toEqual([
      { title: 'Held back', why: 'the queue could not be read', page: null },
    ]);
  });

  it('name each reading that is not fresh, and Mesos', () => {
    const status = statusIn({
      planned_at_ms: '5',
      ...fresh,
      nodes_reading: { state: 'unknown', why: 'pbsnodes timed out' },
    });
    expect(doubtsAbout(status).map(({ title }) => title)).toEqual([
      'Not connected to Mesos',
      'List of nodes not read',
    ]);
  });
});

describe('orders', () => {
  it('leave out what was not given', () => {
    expect(limitsBody({ min_nodes: ' 2 ', max_nodes: '' })).toEqual({ min_nodes: 2 });
    expect(drainBody('n1', '')).toEqual({ node: 'n1' });
    expect(drainBody('n1', '90')).toEqual({ node: 'n1', deadline_after_ms: '5400000' });
  });

  it('are refused with the piece that cannot be', () => {
    expect(() => limitsBody({ min_nodes: '-1' })).toThrow('min nodes: a whole number is needed, not “-1”');
    expect(() => limitsBody({})).toThrow('at least one');
    expect(() => drainBody('n1', '0')).toThrow('not “0”');
  });
});
