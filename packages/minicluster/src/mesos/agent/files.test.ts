/** Reading sandboxes gives what the real agent's recorded answers give. */
import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { startCluster, type TestCluster } from '../testing/cluster.ts';
import { fastClock } from '../testing/fast-clock.ts';
import { send } from '../testing/raw-client.ts';
import { scriptExecutor, TestScheduler } from '../testing/test-scheduler.ts';
import { type RunningAgent } from '../start-agent.ts';

let cluster: TestCluster;
let agent: RunningAgent;
let sandbox: string;

beforeEach(async () => {
  cluster = await startCluster(fastClock(10));
  agent = await cluster.startAgent(1);
  const scheduler = await TestScheduler.subscribe(cluster.masterUrl);
  const program = `console.log('executor starting 18114'); setInterval(() => {}, 1000)`;
  await scheduler.launch('t1', scriptExecutor('exec-1', program));
  sandbox = await sandboxOf();
});

afterEach(async () => {
  await cluster.close();
});

async function sandboxOf(): Promise<string> {
  let directory = '';
  await expect
    .poll(async () => {
      const state = JSON.parse((await get('/state')).body) as {
        frameworks: { id: string; executors: { id: string; directory: string }[] }[];
      };
      const [framework] = state.frameworks;
      directory = framework?.executors[0]?.directory ?? '';
      return directory;
    })
    .not.toBe('');
  await expect.poll(() => readFileSync(`${directory}/stdout`, 'utf8')).toContain('18114');
  return directory;
}

const get = (path: string): ReturnType<typeof send> =>
  send({ url: agent.url + path, method: 'GET', headers: {}, body: '' });

const read = (path: string, rest = ''): ReturnType<typeof send> =>
  get(`/files/read?path=${encodeURIComponent(path)}${rest}`);

function recorded(name: string): string {
  const folder = '../../../../../fixtures/mesos/08-operator-reads/reads/';
  return readFileSync(new URL(`${folder}${name}`, import.meta.url), 'utf8');
}

test('as recorded: a piece, the length, and a file that is not there', async () => {
  expect(await read(`${sandbox}/stdout`, '&offset=0&length=100')).toMatchObject({
    status: 200,
    body: recorded('agent_files_read.json').trimEnd(),
  });
  expect((await read(`${sandbox}/stdout`, '&offset=-1')).body).toBe(
    recorded('agent_files_read_length_probe.json').trimEnd(),
  );
  expect(await read(`${sandbox}/nope`, '&offset=0')).toMatchObject({ status: 404, body: '' });
});

test('the newest sandbox of an executor has a name that does not say where it is', async () => {
  const name = sandbox.replace(/^.*(?=\/frameworks\/)/, '').replace(/[^/]+$/, 'latest');

  expect(JSON.parse((await read(`${name}/stdout`, '&offset=9&length=8')).body)).toEqual({
    data: 'starting',
    offset: 9,
  });
});

test('nothing outside of sandboxes is read', async () => {
  expect((await read('/etc/hostname', '&offset=0')).status).toBe(404);
  expect((await read(`${sandbox}/../../../../../../../../../../etc/hostname`, '&offset=0')).status).toBe(404);
  expect((await get('/files/read')).status).toBe(400);
});
