/** The scheduler's keeping of pbs_server, played on the stand-in's daemons. */
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { systemClock } from '@mesos-torque/common/clock.ts';
import { silentLog } from '@mesos-torque/common/logger.ts';
import type { RunCommand } from '@mesos-torque/common/run-command.ts';
import { readConfig, type Config } from '../../../scheduler/src/config.ts';
import { keepServer, type ServerKeeper } from '../../../scheduler/src/server-keeper.ts';
import { setupRecords } from '../../../scheduler/src/setup/setup-record.ts';
import { clientRun } from '../../../scheduler/src/torque/server/client-run.ts';
import { guardRecordIn } from '../../../scheduler/src/torque/server/guard-record.ts';
import { launcherIn } from '../../../scheduler/src/torque/server/launch.ts';
import { TorqueClient } from '../../../scheduler/src/torque/torque-client.ts';
import { isAlive, livingPid } from './shared/pid-file.ts';
import { withStandIn, type StandIn } from './testing/stand-in.ts';
import { waitUntil } from '../wait-until.ts';

const waits = 'Not Running: Not enough of the right type of nodes are available';

function aConfig(t: StandIn, ...settings: readonly string[]): Config {
  const all = [
    'mesos.master=m:5050',
    `stateDir=${path.join(t.torque.dir, 'state')}`,
    `torque.binDir=${t.torque.binDir}`,
    `torque.sbinDir=${t.torque.binDir}`,
    'torque.mode=manage',
    'torque.watchInterval=200ms',
    'policy.safeAllocation.cpus=48',
    ...settings,
  ];
  const read = readConfig({ file: null, environment: {}, settings: all }, 'head.torque.test');
  if (!read.ok) throw new Error(read.errors.join('; '));
  return read.value;
}

/** Clients run within this process, which takes a tenth of the time; who runs them is told by the launcher here. */
function clientsOf(t: StandIn): RunCommand {
  return async ([program, ...args], { account, stdin }) => {
    const begunMs = performance.now();
    const as = {
      ...(account === undefined ? {} : { user: 'alice' }),
      ...(stdin === undefined ? {} : { stdin }),
    };
    const ran = path.isAbsolute(program) ? await t.runHere(path.basename(program), args, as) : account65534();
    return {
      kind: 'exit',
      code: ran.code,
      stdout: Buffer.from(ran.stdout),
      stderr: Buffer.from(ran.stderr),
      durationMs: performance.now() - begunMs,
    };
  };
}

/** `id -u NAME` and `id -g NAME`. */
function account65534(): { code: number; stdout: string; stderr: string } {
  return { code: 0, stdout: '65534\n', stderr: '' };
}

async function keep(t: StandIn, ...settings: readonly string[]): Promise<ServerKeeper> {
  const config = aConfig(t, ...settings);
  const clients = clientRun(clientsOf(t), process.env, null);
  const torque = new TorqueClient({ run: clients.run, binDir: t.torque.binDir, timeoutMs: 20_000 });
  return keepServer({
    config,
    torque,
    clients,
    records: setupRecords(config.stateDir, () => systemClock.nowMs()),
    guard: guardRecordIn(config.stateDir),
    launch: launcherIn(path.join(config.stateDir, 'daemons')),
    clock: systemClock,
    random: () => 0.5,
    log: silentLog,
    isRoot: true,
    hostName: 'head.torque.test',
  });
}

/** A story with daemons that nobody has started yet. */
const withSpool = (story: (t: StandIn) => Promise<void>): Promise<void> =>
  withStandIn({ trqauthd: 'needed' }, story);

function locks({ torque: { home } }: StandIn): readonly string[] {
  const names = ['sched_priv/sched.lock', 'server_priv/server.lock', 'trqauthd.pid'];
  return names.map((name) => path.join(home, name));
}

function kill(pid: number | null): void {
  try {
    if (pid !== null) process.kill(pid, 'SIGKILL');
  } catch {
    // It ended by itself.
  }
}

function pids(t: StandIn): readonly (number | null)[] {
  return locks(t).map((file) => livingPid(file));
}

const isSafe = (keeper: ServerKeeper): Promise<true> =>
  waitUntil({ what: 'the server is as wanted', timeoutMs: 40_000, everyMs: 20 }, () => {
    const problem = keeper.problem();
    if (problem !== null) throw new Error(problem);
    return Promise.resolve(true);
  });

async function wideJob(t: StandIn): Promise<string> {
  const id = await t.qsub(['-l', 'nodes=7:ppn=2'], 'true');
  await t.waitForField(id, 'comment', waits);
  return id;
}

test('from nothing to a server that keeps large jobs; killed with -9 it is started again and no job is lost', async () => {
  await withSpool(async (t) => {
    const keeper = await keep(t);
    await isSafe(keeper);
    const id = await wideJob(t);
    for (let round = 0; round < 3; round += 1) {
      const [, server = null] = pids(t);
      kill(server);
      await t.until('it is lost', () => Promise.resolve(keeper.problem() !== null));
      await isSafe(keeper);
      await t.waitForJob(id, 'Q');
      expect(pids(t)).not.toContain(server);
    }
    await keeper.end();
  });
}, 60_000);

test('a server that others start anew, with scheduling on, does not meet our pbs_sched before it is guarded', async () => {
  await withSpool(async (t) => {
    const keeper = await keep(t);
    await isSafe(keeper);
    const id = await wideJob(t);
    const [sched = null, server = null] = pids(t);
    // Ours would start it with -a false; here somebody else is quicker.
    kill(server);
    await t.until('pbs_sched was sent away', () => Promise.resolve(sched === null || !isAlive(sched)));
    await t.run('pbs_server', []);
    await isSafe(keeper);
    await t.waitForField(id, 'comment', waits);
    expect(await t.jobField(id, 'job_state')).toBe('Q');
    await keeper.end();
  });
}, 60_000);

test('what runs is left running at our end, and taken as it is at the next start', async () => {
  await withSpool(async (t) => {
    const first = await keep(t);
    await isSafe(first);
    const before = pids(t);
    expect(before).not.toContain(null);
    await first.end();
    expect(pids(t)).toEqual(before);

    const second = await keep(t);
    await isSafe(second);
    expect(pids(t)).toEqual(before);
    await second.end();
  });
}, 60_000);

test('or stopped in order, with scheduling held, so that the next start deletes nothing, whoever makes it', async () => {
  await withSpool(async (t) => {
    const first = await keep(t, 'torque.onEnd=stop');
    await isSafe(first);
    const id = await wideJob(t);
    await first.end();
    expect(pids(t)).toEqual([null, null, null]);

    const second = await keep(t);
    await isSafe(second);
    expect(await t.jobField(id, 'job_state')).toBe('Q');
    expect(await t.qmgr('list server scheduling')).toContain('scheduling = True');
    await second.end();
  });
}, 60_000);

test('a database that looks damaged is not wiped: nothing is started, and the reason is told', async () => {
  await withSpool(async (t) => {
    const job = path.join(t.torque.home, 'server_priv', 'jobs', '7.head.JB');
    await writeFile(job, 'a job');
    const keeper = await keep(t);
    await t.until('it is told', () => Promise.resolve(keeper.problem()?.includes('7.head.JB') ?? false));
    expect(pids(t)[1]).toBeNull();
    expect(await readFile(job, 'utf8')).toBe('a job');
    await keeper.end();
  });
}, 60_000);

test('attached beside the server, a restart by others that no command met is known all the same', async () => {
  await withSpool(async (t) => {
    const own = await keep(t);
    await isSafe(own);
    const id = await wideJob(t);
    await own.end();
    const keeper = await keep(t, 'torque.mode=attach', 'torque.watchInterval=10m');
    await isSafe(keeper);

    kill(pids(t)[1] ?? null);
    await t.startServer('-a', 'false');

    await t.until('scheduling is on again', async () =>
      (await t.qmgr('print server')).includes('set server scheduling = True'),
    );
    await t.waitForField(id, 'comment', waits);
    expect(await t.jobField(id, 'job_state')).toBe('Q');
    await keeper.end();
  });
}, 60_000);

test('in attach mode nothing is started or stopped', async () => {
  await withSpool(async (t) => {
    const keeper = await keep(t, 'torque.mode=attach');
    await t.until('it was tried', () => Promise.resolve(keeper.problem()?.includes('15137') ?? false));
    expect(pids(t)).toEqual([null, null, null]);
    await keeper.end();
  });
}, 60_000);
