/** What operators read has the shape that it has with the real master. */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startCluster, type TestCluster } from './testing/cluster.ts';
import { fastClock } from './testing/fast-clock.ts';
import { send } from './testing/raw-client.ts';
import { scriptExecutor, TestScheduler } from './testing/test-scheduler.ts';

let cluster: TestCluster;

beforeAll(async () => {
  cluster = await startCluster(fastClock(10));
  await cluster.startAgent(1, {
    attributes: 'rack:r1;ratio:2.5',
    resources: 'cpus:4;mem:4096;disk:10000;ports:[31000-31100];cpus(extra):2',
  });
  const scheduler = await TestScheduler.subscribe(cluster.masterUrl);
  await scheduler.launch('done', { command: { value: 'true' } });
  await scheduler.reaches('done', 'TASK_FINISHED');
  await scheduler.launch('t1', scriptExecutor('ex', 'setInterval(() => {}, 1000)'));
});

afterAll(async () => {
  await cluster.close();
});

async function read(name: string): Promise<string> {
  const isCall = /^[A-Z]/.test(name);
  const answer = await send({
    url: cluster.masterUrl + (isCall ? '/api/v1' : `/${name}`),
    method: isCall ? 'POST' : 'GET',
    headers: { 'Content-Type': 'application/json' },
    body: isCall ? JSON.stringify({ type: name }) : '',
  });
  expect(answer.status).toBe(200);
  return answer.body;
}

function recorded(name: string): string {
  const file = name.startsWith('GET_') ? name : `GET_${name.replace('master/', '')}`;
  const path = `../../../../fixtures/mesos/08-operator-reads/reads/${file}.json`;
  return readFileSync(new URL(path, import.meta.url), 'utf8');
}

/** `slaves[].resources.cpus double`: a number with a fraction is told from one without. */
function shapes(text: string): Set<string> {
  const found = new Set<string>();
  const walk = (value: unknown, path: string): void => {
    if (Array.isArray(value)) for (const item of value) walk(item, `${path}[]`);
    else if (typeof value === 'object' && value !== null) {
      for (const [key, member] of Object.entries(value)) walk(member, `${path}.${key}`);
    } else found.add(`${path} ${typeof value}`);
  };
  walk(JSON.parse(text.replace(/":(-?\d+\.\d+)(?=[,}])/g, '":["double $1"]')), '');
  return found;
}

test.each([
  'state',
  'master/state',
  'slaves',
  'frameworks',
  'GET_AGENTS',
  'GET_TASKS',
  'GET_FRAMEWORKS',
  'GET_EXECUTORS',
  'GET_MASTER',
])('%s says nothing that the real one does not say', async (name) => {
  // Flags and attributes are the site's; the executors' commands differ, and a command task's status names its executor.
  const isOurs = (shape: string): boolean =>
    !/\.(flags|statuses\[\]\.executor_id|attributes|environment|command|argv|executor_info|shutdown_grace_period)\b/.test(
      shape,
    );
  const real = shapes(recorded(name));

  const strange = [...shapes(await read(name))].filter((shape) => isOurs(shape) && !real.has(shape));

  expect(strange).toEqual([]);
});

test('the state counts what there is', async () => {
  const state = JSON.parse(await read('state')) as {
    slaves: { used_resources: { cpus: number }; reserved_resources: unknown; active: boolean }[];
    frameworks: {
      tasks: { id: string; state: string }[];
      completed_tasks: { id: string; state: string }[];
      executors: { executor_id: string }[];
    }[];
  };

  expect(state.slaves).toMatchObject([
    { active: true, used_resources: { cpus: 0.1 }, reserved_resources: { extra: { cpus: 2 } } },
  ]);
  expect(state.frameworks).toMatchObject([
    {
      tasks: [{ id: 't1', state: 'TASK_STAGING' }],
      completed_tasks: [{ id: 'done', state: 'TASK_FINISHED' }],
      executors: [{ executor_id: 'ex' }],
    },
  ]);
});

test.each(['GET_HEALTH', 'GET_QUOTA'])('%s is answered to the letter', async (name) => {
  expect(await read(name)).toBe(recorded(name).trim());
});
