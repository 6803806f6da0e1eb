import { expect, test } from 'vitest';
import { parseWagap } from './trace/wagap.ts';
import { aCluster, aWorkload } from './testing/builders.ts';
import { workloadOf } from './workload.ts';

function wagap(...nodes: readonly string[]): string {
  return nodes.map((asked, i) => `${i} ${i} 0 10 1 1 1 1 60 1024 1 1 1 1 -1 1 1 1 - q ${asked}`).join('\n');
}

test('processors become whole nodes and one with the rest', () => {
  const { jobs } = aWorkload('4x2', [[0, 10, 5]]);

  expect(jobs[0]).toMatchObject({
    slots: 5,
    nodect: 3,
    request: {
      parts: [
        { count: 2, ppn: 2 },
        { count: 1, ppn: 1 },
      ],
    },
  });
});

test('jobs that are too large for the whole cluster are counted and left out', () => {
  const { jobs, impossible } = aWorkload('4x1', [
    [0, 10, 5],
    [1, 10, 4],
  ]);

  expect(jobs.map(({ slots }) => slots)).toEqual([4]);
  expect(impossible).toBe(1);
});

test('what is not understood is counted by reason', () => {
  const trace = parseWagap(wagap('1:ppn=2', '1:^cl_a', '1:^cl_a', '1:ppn=1.5'));

  const { jobs, notUnderstood, reasons } = workloadOf(trace, aCluster('2x4:a'), Infinity);

  expect(jobs).toHaveLength(1);
  expect(notUnderstood).toBe(3);
  expect([...reasons.values()]).toEqual([2, 1]);
});

test('a property that the description leaves out is taken for one of all agents, a kind is not', () => {
  const trace = parseWagap(wagap('1:ppn=2:brno:cl_a', '1:cl_b'));

  const { jobs, assumed, impossible } = workloadOf(trace, aCluster('2x4:a'), Infinity);

  expect(jobs[0]?.request).toMatchObject({ parts: [{ properties: ['cl_a'] }] });
  expect([...assumed]).toEqual([['brno', 1]]);
  expect(impossible).toBe(1);
});
