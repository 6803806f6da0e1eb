import { expect, test } from 'vitest';
import type { CheckNodes, SchedView } from '../shared/api.ts';
import type { SchedulerPort } from './cycle.ts';
import { runCycle } from './cycle.ts';

type Wish = SchedView['jobs'][number];

function wish(id: string, over: Partial<Wish> = {}): Wish {
  return { id, owner: 'alice', queue: 'batch', nodes: '1', asks: {}, comment: null, ...over };
}

/** A server that says of each request for nodes what `answers` has, and writes down what it is told. */
function port(
  jobs: readonly Wish[],
  answers: Readonly<Record<string, CheckNodes>> = {},
  over: Partial<SchedView> = {},
): SchedulerPort & { readonly told: string[] } {
  const unlimited = { maxRunning: null, maxUserRun: null, left: {} };
  const view = { nowS: 0, jobs, running: [], server: unlimited, queues: { batch: unlimited }, ...over };
  const told: string[] = [];
  const tell = (text: string): Promise<void> => {
    told.push(text);
    return Promise.resolve();
  };
  return {
    told,
    view: () => Promise.resolve(view),
    checkNodes: (spec) => Promise.resolve(answers[spec] ?? 'now'),
    run: (id) => tell(`run ${id}`).then(() => null),
    comment: (id, comment) => tell(`${id}: ${comment.replace(/on .*/, 'on …')}`),
    delete: (id) => tell(`delete ${id}`),
  };
}

test('what does not fit is passed over, what never will is deleted', async () => {
  const server = port([wish('1', { nodes: '9' }), wish('2', { nodes: '99' }), wish('3')], {
    '9': 'not-now',
    '99': 'never',
  });
  await runCycle(server);
  expect(server.told).toEqual([
    '1: Not Running: Not enough of the right type of nodes are available',
    'delete 2',
    'run 3',
    '3: Job started on …',
  ]);
});

test('a comment that is there already is not written again', async () => {
  const comment = 'Not Running: Not enough of the right type of nodes are available';
  const server = port([wish('1', { nodes: '9', comment })], { '9': 'not-now' });
  await runCycle(server);
  expect(server.told).toEqual([]);
});

test('limits of server, queue and user, and resources_available, count what was started in this cycle', async () => {
  const limit = { maxRunning: 1, maxUserRun: null, left: {} };
  const byQueue = port([wish('1'), wish('2')], {}, { queues: { batch: limit } });
  await runCycle(byQueue);
  expect(byQueue.told.at(-1)).toBe('2: Not Running: Queue job limit has been reached.');

  const perUser = { maxRunning: null, maxUserRun: 1, left: {} };
  const byUser = port([wish('1'), wish('2'), wish('3', { owner: 'bob' })], {}, { server: perUser });
  await runCycle(byUser);
  expect(byUser.told).toContain('2: Not Running: User has reached server running job limit.');
  expect(byUser.told).toContain('run 3');

  const nodect = { maxRunning: null, maxUserRun: null, left: { nodect: 3 } };
  const asks = { nodect: 2 };
  const byNodes = port([wish('1', { asks }), wish('2', { asks })], {}, { server: nodect });
  await runCycle(byNodes);
  expect(byNodes.told.at(-1)).toBe('2: Not Running: Not enough nodes available');
});
