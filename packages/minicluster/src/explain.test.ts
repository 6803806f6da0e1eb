/** Why jobs wait, asked of a whole cluster of real processes: on the command line and over HTTP, in the same sentence. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, test } from 'vitest';
import { buildExecutor } from './build-executor.ts';
import { createCluster, type Cluster } from './cluster.ts';
import { httpGet } from './http-get.ts';
import { waitUntil } from './wait-until.ts';

const scratch = fileURLToPath(new URL('../../../.mesos-torque/', import.meta.url));
const main = fileURLToPath(new URL('../../scheduler/src/main.ts', import.meta.url));
let cluster: Cluster | null = null;

afterEach(async () => {
  await cluster?.stop();
  await cluster?.clear();
  if (cluster !== null) rmSync(cluster.dir, { recursive: true, force: true });
  cluster = null;
});

async function aReadyCluster(): Promise<Cluster> {
  mkdirSync(scratch, { recursive: true });
  const dir = mkdtempSync(path.join(scratch, 'test-'));
  const made = await createCluster({
    dir,
    agents: [{ cpus: 4, memMib: 2048, attributes: { kind: 'fast' } }],
    torque: 'stand-in',
    mesos: 'stand-in',
    user: '',
    executorFile: await buildExecutor(path.join(dir, 'torque-executor.mjs')),
    policy: {
      npMax: 4,
      memPerSlot: '128MiB',
      propertyAttributes: ['kind'],
      safeAllocation: { cpus: '8', mem: '8GiB' },
    },
  });
  cluster = made;
  await made.start();
  await made.framework.start();
  await waitUntil({ what: 'the framework is ready', timeoutMs: 30_000, everyMs: 100 }, () =>
    httpGet(made.head, made.framework.readyUrl),
  );
  return made;
}

/** The last line of `mesos-torque explain job ID`; empty while the job is not known. */
async function explained(of: Cluster, id: string): Promise<string> {
  const { configFile } = of.framework;
  const argv = [process.execPath, main, 'explain', 'job', id, '--config', configFile] as const;
  const result = await of.run('user', [...argv]);
  if (result.kind !== 'exit') throw new Error(`explain: ${result.kind}`);
  return result.stdout.toString().trimEnd().split('\n').at(-1) ?? '';
}

async function overHttp(of: Cluster, id: string): Promise<string> {
  const url = of.framework.readyUrl.replace('/readyz', `/api/v1/explain/job/${id}`);
  const answer = JSON.parse(await httpGet(of.head, url)) as { conclusion?: string };
  return answer.conclusion ?? '';
}

const situations: readonly (readonly [what: string, qsub: readonly string[], says: RegExp])[] = [
  ['a hold', ['-h'], /^Job \d+ does not wait for nodes: it is held by the user; qrls \d+ releases it\.$/],
  [
    'memory',
    ['-l', 'nodes=1:ppn=1', '-l', 'mem=3gb'],
    /memory: asked 3,\d+ MiB, offer had [\d,]+, short by [\d,]+, agent /,
  ],
  ['a property', ['-l', 'nodes=1:bigmem'], /property bigmem: agent \S+ does not have it/],
];

test('each of three jobs is told why it waits', { timeout: 180_000 }, async () => {
  const running = await aReadyCluster();
  for (const [what, args, says] of situations) {
    const id = await running.qsub(args, 'sleep 1\n');
    let sentence = '';
    await waitUntil({ what: `the reason is ${what}`, timeoutMs: 30_000, everyMs: 500 }, async () => {
      sentence = await explained(running, id);
      if (!says.test(sentence)) throw new Error(`it says: ${sentence}`);
      return true;
    });
    // Ages and back-offs count on, so that the two are asked again until they meet.
    await waitUntil({ what: 'both ways say the same', timeoutMs: 20_000, everyMs: 200 }, async () => {
      const [line, http] = await Promise.all([explained(running, id), overHttp(running, id)]);
      return line === http && says.test(line);
    });
    expect(sentence).toMatch(says);
  }
});

test("a node's log is read from its agent", { timeout: 180_000 }, async () => {
  const running = await aReadyCluster();
  await running.qsub(['-l', 'nodes=1:ppn=1'], 'sleep 60\n');
  const { configFile } = running.framework;
  const ask = async (...args: readonly string[]): Promise<string> => {
    const result = await running.run('user', [process.execPath, main, ...args, '--config', configFile]);
    if (result.kind !== 'exit') throw new Error(`${args.join(' ')}: ${result.kind}`);
    return result.stdout.toString();
  };
  let node = '';
  await waitUntil({ what: 'a node is up', timeoutMs: 60_000, everyMs: 500 }, async () => {
    const { nodes } = JSON.parse(await ask('nodes', 'phase:up', '--json')) as { nodes?: { name: string }[] };
    node = nodes?.[0]?.name ?? '';
    return node !== '';
  });

  const explained = await ask('explain', 'node', node, '--log');

  expect(explained).toContain("Its executor's log (task ");
  expect(explained).toMatch(/ {2}\d\d:\d\d:\d\d\.\d{3} pbs_mom started {2}momPid=\d+/);
  expect(explained).toContain("Its pbs_mom's log (task ");
  expect(explained.trimEnd().split('\n').at(-1)).toMatch(/^Node /);

  const url = running.framework.readyUrl.replace('/readyz', `/api/v1/log/${node}?lines_max=5`);
  const log = JSON.parse(await httpGet(running.head, url)) as { lines: unknown[]; agent: string };
  expect(log.lines).toHaveLength(5);
  expect(log.agent).toMatch(/^http:\/\/127\./);
});
