import { describe, expect, test } from 'vitest';
import { readDemand, type Demand } from './demand.ts';
import type { JobFacts, Snapshot } from './facts.ts';
import { whole } from './sliced.ts';
import { survey } from './survey.ts';
import {
  aJob,
  aNode,
  aPolicy,
  aQueue,
  aRunningJob,
  aSnapshot,
  fresh,
  nodesOf,
  openQueues,
  stale,
  storyMs,
  unknown,
} from './testing/builders.ts';

const demandOf = (jobs: readonly JobFacts[], policy = aPolicy(), nodes = [aNode('s1', { np: 4 })]): Demand =>
  whole(readDemand(survey(aSnapshot({ jobs, nodes }), policy)));

const idsOf = (...jobs: readonly JobFacts[]): readonly string[] =>
  demandOf(jobs).asks.map(({ jobId }) => jobId);

test('first come, first served; equal times by number and index, not by spelling', () => {
  const early = aJob(50, { queuedAtMs: storyMs - 20_000 });
  expect(idsOf(aJob(10), aJob(9), aJob('3[10].head'), aJob('3[2].head'), early)).toEqual([
    '50.head',
    '3[2].head',
    '3[10].head',
    '9.head',
    '10.head',
  ]);
});

describe('the comment of pbs_sched', () => {
  test.each([
    ['Not Running: Not enough of the right type of nodes are available', 'demand'],
    [
      'Not Running - PBS Error: Unknown node  MSG=job allocation request exceeds available cluster nodes',
      'demand',
    ],
    ['Job started on Sun Nov 22 at 06:24', 'demand'],
    [null, 'demand'],
    ['Not Running: Queue has reached its running job limit.', 'not-for-nodes'],
    ['Not Running: Dedicated time conflict', 'not-for-nodes'],
  ])('%s', (comment, expected) => {
    const { asks, verdicts } = demandOf([aJob(1, { comment })]);
    expect(asks.length === 1 ? 'demand' : verdicts[0]?.why.code).toBe(expected);
  });
});

test('an array asks for no more elements than its slot limit leaves', () => {
  const template = aJob('7[].head', { isArrayTemplate: true, arraySlotLimit: 3 });
  const running = { ...aRunningJob('7[0].head', 's1') };
  const elements = [1, 2, 3].map((index) => aJob(`7[${index}].head`));
  const { asks, verdicts } = demandOf([template, running, ...elements]);
  expect(asks.map(({ jobId }) => jobId)).toEqual(['7[1].head', '7[2].head']);
  expect(verdicts.find(({ jobId }) => jobId === '7[3].head')?.why.text).toBe(
    'array 7[].head runs 3 at once at the most, and others of it come first',
  );
});

describe('impossible', () => {
  const safe = { cpuMilli: 8_000, memMib: 4_000, diskMib: null, gpus: 0, nodes: 2 };
  const policy = aPolicy({ safeAllocation: safe, npMax: 8 });
  const why = (request: JobFacts['request']): string | undefined =>
    demandOf([aJob(1, { request })], policy).verdicts[0]?.why.text;

  test.each([
    [nodesOf({ ppn: 9 }), 'asks 9 slots on one node, npMax allows 8: 1 too many'],
    [nodesOf({ count: 4 }), 'asks 3 nodes, safeAllocation.nodes allows 2: 1 too many'],
    [
      nodesOf({ ppn: 8 }),
      "needs 8.1 cpus with the executors' share, safeAllocation allows 8 cpus: 0.1 cpus too much",
    ],
    [
      nodesOf({ ppn: 5 }, 5_000),
      "needs 5,032 MiB (memory) with the executors' share, safeAllocation allows 4,000 MiB: 1,032 MiB too much",
    ],
    [
      nodesOf({ gpus: 1 }),
      "needs 1 gpu with the executors' share, safeAllocation allows 0 gpus: 1 gpu too much",
    ],
    [
      { kind: 'procs', slots: 12, memMibPerSlot: 0 } as const,
      'asks 12 slots, safeAllocation (with the slots of the static nodes) allows 11: 1 too many',
    ],
  ])('%j', (request, expected) => {
    expect(why(request)).toBe(expected);
  });

  test('is not what the administrator’s nodes can run once they are free', () => {
    expect(why(nodesOf({ count: 3, ppn: 4 }))).toBe(
      "needs 8.2 cpus with the executors' share, safeAllocation allows 8 cpus: 0.2 cpus too much",
    );
    expect(
      demandOf([aJob(1, { request: nodesOf({ count: 1, ppn: 16 }) })], policy, [
        aNode('s', { np: 16, states: ['down'] }),
      ]).asks,
    ).toHaveLength(1);
  });
});

describe('words about limits', () => {
  const words = 'Not Running: Queue job limit has been reached.';
  const settings = { kind: 'settings', ...openQueues('batch') } as const;
  const codeUnder = (reading: Snapshot['settings']): string => {
    const jobs = [aJob(1, { comment: words })];
    const { asks, verdicts } = whole(readDemand(survey(aSnapshot({ jobs, settings: reading }), aPolicy())));
    return asks.length === 1 ? 'demand' : (verdicts[0]?.why.code ?? '');
  };

  test('are left by a scheduler that is gone, or by a limit that is: what we count ourselves outranks them', () => {
    expect(codeUnder(fresh(settings))).toBe('demand');
  });

  test('count where the settings could not be read', () => {
    expect(codeUnder(stale(settings))).toBe('not-for-nodes');
    expect(codeUnder(unknown())).toBe('not-for-nodes');
  });

  test('count where the settings are not looked at', () => {
    expect(codeUnder(fresh({ kind: 'not-looked-at' }))).toBe('not-for-nodes');
  });
});

test.each(['Not Running: Strict fifo order', 'Not Running: Draining system to allow starving job to run'])(
  '"%s" counts only while there is another job to wait for',
  (comment) => {
    expect(idsOf(aJob(1), aJob(2, { comment }))).toEqual(['1.head']);
    expect(idsOf(aRunningJob(1, 's1'), aJob(2, { comment }))).toEqual(['2.head']);
  },
);

test('what is not demand takes nothing of a limit', () => {
  const jobs = [
    aJob(1, { request: { kind: 'not-understood', text: 'x', why: 'is new' } }),
    aJob(2, { request: nodesOf({ ppn: 1000 }) }),
    aJob(3, { state: 'held' }),
    aJob(4),
    aJob(5),
  ];
  const settings = {
    kind: 'settings',
    ...openQueues(),
    queues: [aQueue('batch', { maxRunning: 1 })],
  } as const;
  const { asks } = whole(readDemand(survey(aSnapshot({ jobs, settings }), aPolicy())));

  expect(asks.map(({ jobId }) => jobId)).toEqual(['4.head']);
});

test('a queue’s properties are asked of every node', () => {
  const settings = {
    kind: 'settings',
    ...openQueues(),
    queues: [aQueue('batch', { propertiesRequired: ['bigmem'] })],
  } as const;
  const { asks } = whole(readDemand(survey(aSnapshot({ jobs: [aJob(1)], settings }), aPolicy())));

  expect(asks).toMatchObject([{ ask: { parts: [{ set: { properties: ['bigmem'] } }] } }]);
});

describe('a job that is queued by qstat and on a node by pbsnodes', () => {
  const nodes = [aNode('s1', { np: 4, jobs: [{ jobId: '1.head', slots: 1 }] })];
  const read = (queueMs: number, nodesMs: number): Demand =>
    whole(
      readDemand(
        survey(
          aSnapshot({
            queue: { state: 'fresh', atMs: queueMs, value: { jobs: [aJob(1)] } },
            nodes: { state: 'fresh', atMs: nodesMs, value: nodes },
          }),
          aPolicy(),
        ),
      ),
    );

  test('was just started where pbsnodes is not older', () => {
    const { asks, verdicts } = read(storyMs - 10, storyMs - 10);
    expect(asks).toEqual([]);
    expect(verdicts).toMatchObject([{ why: { text: 'was just started on s1, as pbsnodes shows' } }]);
  });

  test('waits again where qstat is newer', () => {
    expect(read(storyMs - 5, storyMs - 10).asks).toHaveLength(1);
  });
});
