import { expect, test } from 'vitest';
import { faultsOf, summaryOf, type Counted } from './summary.ts';
import { demoJobs, elementsOf } from './jobs.ts';

const good: Counted = {
  submitted: 2,
  jobs: [
    { id: '1.head', name: 'a', state: 'C', exitStatus: 0, comment: '', hosts: [] },
    { id: '2.head', name: 'b', state: 'Q', exitStatus: null, comment: '', hosts: [] },
  ],
  impossible: new Set(['2.head']),
  nodesPeak: 1,
  elasticNodes: [],
  floor: 0,
  tasks: { live: [], ended: [{ id: 'mom.n1.1', state: 'TASK_KILLED', frameworkId: 'fw' }] },
  processesLeft: 0,
  seconds: 40,
};

test('a run in which everything came to its end has no faults', () => {
  const summary = summaryOf(good);
  expect(summary.jobs).toEqual({ submitted: 2, completed: 1, failed: 0, impossible: 1 });
  expect(faultsOf(summary, 1)).toEqual([]);
});

test('each thing that goes wrong is a fault', () => {
  const wrong: readonly Partial<Counted>[] = [
    { jobs: [{ id: '1.head', name: 'a', state: 'C', exitStatus: 1, comment: '', hosts: [] }, good.jobs[1]!] },
    { jobs: [good.jobs[1]!] },
    { impossible: new Set() },
    { nodesPeak: 0 },
    {
      elasticNodes: [
        {
          name: 'n1',
          states: ['free'],
          requestId: 'mark.fw.mom.n1.1',
          jobs: '',
          np: 1,
          properties: [],
          note: '',
        },
      ],
    },
    { tasks: { live: [{ id: 'mom.n2.2', state: 'TASK_RUNNING', frameworkId: 'fw' }], ended: [] } },
    { processesLeft: 1 },
  ];
  for (const change of wrong) {
    expect(faultsOf(summaryOf({ ...good, ...change }), 1), JSON.stringify(change)).not.toEqual([]);
  }
});

test('a task whose node is there is not an orphan', () => {
  const summary = summaryOf({
    ...good,
    floor: 1,
    elasticNodes: [
      {
        name: 'n1',
        states: ['free'],
        requestId: 'mark.fw.mom.n1.1',
        jobs: '',
        np: 1,
        properties: [],
        note: '',
      },
    ],
    tasks: { live: [{ id: 'mom.n1.1', state: 'TASK_RUNNING', frameworkId: 'fw' }], ended: [] },
  });
  expect(summary.tasks).toEqual({ launched: 1, orphaned: 0 });
});

test('an array counts by its elements', () => {
  expect(demoJobs.map((job) => elementsOf(job))).toEqual([1, 1, 1, 1, 4, 1]);
});
