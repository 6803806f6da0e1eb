/** `setup` and `doctor` as an administrator runs them, beside a cluster of real processes. */
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, test } from 'vitest';
import { sayNotChecked } from '@mesos-torque/common/testing/not-checked.ts';
import { buildExecutor } from './build-executor.ts';
import { createCluster, type Cluster } from './cluster.ts';
import { httpGet } from './http-get.ts';
import { waitUntil } from './wait-until.ts';

const scratch = fileURLToPath(new URL('../../../.mesos-torque/', import.meta.url));
/** The same for every TORQUE of a machine. */
const trqauthdSocket = '/tmp/trqauthd-unix';
const main = fileURLToPath(new URL('../../scheduler/src/main.ts', import.meta.url));
let cluster: Cluster | null = null;

afterEach(async () => {
  await cluster?.stop();
  await cluster?.clear();
  if (cluster !== null) rmSync(cluster.dir, { recursive: true, force: true });
  cluster = null;
});

async function aCluster(): Promise<Cluster> {
  mkdirSync(scratch, { recursive: true });
  const dir = mkdtempSync(path.join(scratch, 'test-'));
  cluster = await createCluster({
    dir,
    agents: [{ cpus: 4, memMib: 2048, attributes: {} }],
    torque: 'stand-in',
    mesos: 'stand-in',
    user: '',
    executorFile: await buildExecutor(path.join(dir, 'torque-executor.mjs')),
    policy: { safeAllocation: { cpus: '8', mem: '4GiB' } },
  });
  await cluster.start();
  return cluster;
}

interface Ended {
  readonly code: number;
  readonly out: string;
}

async function mesosTorque(of: Cluster, who: 'user' | 'admin', ...args: readonly string[]): Promise<Ended> {
  const [command = '', ...flags] = args;
  const argv = [process.execPath, main, command, '--config', of.framework.configFile, ...flags] as const;
  const result = await of.run(who, [...argv]);
  if (result.kind !== 'exit') throw new Error(`${args.join(' ')}: ${result.kind}`);
  if (result.code === 2) throw new Error(result.stderr.toString());
  return { code: result.code, out: result.stdout.toString() };
}

interface Check {
  readonly name: string;
  readonly status: string;
  readonly found: string;
  readonly remedy: string | null;
}

async function doctor(of: Cluster, who: 'user' | 'admin'): Promise<ReadonlyMap<string, Check>> {
  const { out } = await mesosTorque(of, who, 'doctor', '--json');
  const { checks } = JSON.parse(out) as { readonly checks: readonly Check[] };
  return new Map(checks.map((check) => [check.name, check]));
}

async function settings(of: Cluster): Promise<string> {
  const result = await of.run('admin', ['qmgr', '-c', 'print server']);
  if (result.kind !== 'exit') throw new Error(`print server: ${result.kind}`);
  return result.stdout.toString();
}

test(
  'the doctor finds a running cluster well, and setup --undo brings back what was there',
  { timeout: 240_000 },
  async () => {
    const running = await aCluster();
    const before = await settings(running);
    await running.framework.start();
    await waitUntil({ what: 'the framework is ready', timeoutMs: 60_000, everyMs: 100 }, () =>
      httpGet(running.head, running.framework.readyUrl),
    );

    const checks = await doctor(running, 'admin');
    const well = [
      'Node',
      'safe allocation',
      'state directory',
      'TORQUE clients',
      'trqauthd',
      'pbs_server',
      'rights',
      'mom_hierarchy',
      'queues',
      'server set-up',
      'Mesos master',
      'Mesos principal',
      'Mesos role',
      'Mesos quota',
      'Mesos agents',
      'http port',
      'control socket',
      'executor artifact',
    ];
    expect(well.map((name) => [name, checks.get(name)?.status, checks.get(name)?.remedy])).toEqual(
      well.map((name) => [name, 'ok', null]),
    );
    expect(checks.get('Mesos role')?.found).toBe('torque: a framework is registered with it');
    expect(checks.get('executor artifact')?.found).toContain('from the scheduler that runs');

    const asUser = (await doctor(running, 'user')).get('rights');
    expect(asUser).toMatchObject({ status: 'wrong' });
    expect(asUser?.remedy).toMatch(/^as root on head\.mini\.example\.org: qmgr -c "set server managers \+= /);

    expect(await mesosTorque(running, 'admin', 'setup', '--undo')).toMatchObject({ code: 1 });
    await running.framework.stop();
    expect(await mesosTorque(running, 'admin', 'setup', '--undo')).toMatchObject({ code: 0 });
    // These two cannot be unset: they get the values that TORQUE takes where nothing is set.
    const after = (await settings(running)).replace(/set server scheduler_iteration = 600\n/, '');
    expect(after.split('\n').sort()).toEqual(before.split('\n').sort());
    expect((await running.nodes()).length).toBe(0);
  },
);

test('what is down is told apart, with what mends it', { timeout: 240_000 }, async ({ skip }) => {
  const running = await aCluster();
  await running.framework.start();
  await running.framework.stop();

  await running.run('admin', ['qterm', '-t', 'quick']);
  await waitUntil({ what: 'pbs_server has ended', timeoutMs: 60_000 }, async () => {
    const asked = await running.run('admin', ['qmgr', '-c', 'list server']);
    return asked.kind === 'exit' && asked.code === 3;
  });
  const checks = await doctor(running, 'admin');

  expect(checks.get('Mesos master')?.status).toBe('ok');
  expect((await mesosTorque(running, 'admin', 'doctor')).code).toBe(1);
  // What a real trqauthd that was killed has left here is taken for the stand-in's, whose socket is elsewhere.
  if (existsSync(trqauthdSocket)) {
    sayNotChecked('pbs_server down told from trqauthd down', `remove ${trqauthdSocket}, of another TORQUE`);
    skip(`remove ${trqauthdSocket}, of another TORQUE`);
  }
  expect(checks.get('pbs_server')).toMatchObject({ status: 'wrong' });
  expect(checks.get('rights')).toMatchObject({
    status: 'unknown',
    found: 'not tried: it needs "pbs_server", see there',
  });
});
