import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { afterEach, expect, test } from 'vitest';
import { silentLog } from '@mesos-torque/common/logger.ts';
import type { RunCommand } from '@mesos-torque/common/run-command.ts';
import { readConfig, type Config } from './config.ts';
import { createVirtualClock } from './loop/testing/virtual-clock.ts';
import { keepServer, type ServerKeeper } from './server-keeper.ts';
import { fakeServer, type FakeServer, type FakeServerOptions } from './torque/testing/fake-server.ts';
import { memoryRecord } from './torque/testing/memory-record.ts';
import { recording } from './torque/testing/recordings.ts';
import { exited } from './torque/testing/scripted-run.ts';
import { clientRun } from './torque/server/client-run.ts';
import type { GuardRecord } from './torque/server/guard-record.ts';
import { TorqueClient } from './torque/torque-client.ts';

const fresh = recording('fresh-qmgr-print-server').stdout.toString();

const homes: string[] = [];
afterEach(() => {
  for (const home of homes.splice(0)) rmSync(home, { recursive: true });
});

function aConfig(...settings: readonly string[]): Config {
  const all = ['mesos.master=m:5050', 'torque.server=head.torque.test', ...settings];
  const read = readConfig({ file: null, environment: {}, settings: all }, 'head.torque.test');
  if (!read.ok) throw new Error(read.errors.join('; '));
  return read.value;
}

interface Stage {
  readonly keeper: ServerKeeper;
  readonly clock: ReturnType<typeof createVirtualClock>;
  readonly server: FakeServer;
  /** Daemons that were started. */
  readonly launched: readonly string[];
}

/** A server with one job that waits; qsub of the probe is refused as 6.1.3 does. */
async function aStage(
  options: Partial<FakeServerOptions> & {
    readonly settings?: readonly string[];
    readonly isRoot?: boolean;
  } = {},
): Promise<Stage> {
  const clock = createVirtualClock(0);
  const server = fakeServer({ printed: fresh, ...options });
  const launched: string[] = [];
  const run: RunCommand = (argv) => {
    const [program, ...args] = argv;
    if (program === 'qselect') return Promise.resolve(exited(0, args.includes('QHW') ? '1.head\n' : ''));
    if (program !== 'qsub') return server.run(argv);
    (server.sentences as string[]).push(argv.join(' '));
    return Promise.resolve(exited(190, '', 'qsub: submit error (Job exceeds queue resource limits)\n'));
  };
  const clients = clientRun(run, {}, null);
  const record = memoryRecord();
  let guarded: GuardRecord | null = null;
  const keeper = await keepServer({
    config: aConfig(...(options.settings ?? [])),
    torque: new TorqueClient({ run: clients.run, binDir: null, timeoutMs: 1000 }),
    clients,
    records: { of: () => record },
    guard: {
      load: () => Promise.resolve(guarded),
      save: (record) => Promise.resolve(void (guarded = record)),
    },
    launch: (argv) => {
      launched.push(argv.join(' '));
      return { pid: null, ended: new Promise(() => undefined), words: () => '' };
    },
    clock,
    random: () => 0.5,
    log: silentLog,
    isRoot: options.isRoot ?? false,
    hostName: 'machine.torque.test',
  });
  return { keeper, clock, server, launched };
}

test('a server that is down is tried again until it is set up; scheduling is switched on last, after the probe', async () => {
  const { keeper, clock, server } = await aStage({ failures: 2 });
  expect(keeper.problem()).not.toBeNull();

  await clock.runUntil(20_000, () => false);

  expect(keeper.problem()).toBeNull();
  expect(server.sentences[0]).toMatch(
    /^create node head\.torque\.test np=48,requestid=mesos-torque\.placeholder$/,
  );
  // pbs_sched adds up the nodes of running jobs against it: as many as there are slots.
  expect(server.sentences).toContain('set server resources_available.nodect=48');
  expect(server.sentences.slice(-2)).toEqual([
    'qsub -h -N mesos-torque-probe -l nodes=999999',
    'set server scheduling=true',
  ]);
});

test('a server that the administrator keeps is left alone', async () => {
  const { keeper, clock, server } = await aStage({ settings: ['torque.manageServer=false'] });
  await clock.runUntil(120_000, () => false);
  expect(keeper.problem()).toBeNull();
  expect(server.sentences).toEqual([]);
});

test('in attach mode a server that is down is not started', async () => {
  const { keeper, clock, launched } = await aStage({ failures: 1_000_000 });
  await clock.runUntil(120_000, () => false);
  expect(launched).toEqual([]);
  expect(keeper.problem()).toContain('111');
});

/** A server's home with what says which life of it runs: that of a process which lives. */
function aHome(pid: number): string {
  const home = mkdtempSync(path.join(os.tmpdir(), 'mesos-torque-home-'));
  homes.push(home);
  mkdirSync(path.join(home, 'server_priv'));
  writeFileSync(path.join(home, 'server_priv', 'serverdb'), '');
  begin(home, pid);
  return home;
}

function begin(home: string, pid: number): void {
  writeFileSync(path.join(home, 'server_priv', 'server.lock'), `${pid}\n`);
}

test('attached to a server on this machine under another name, a restart with scheduling off is known by its home', async () => {
  const home = aHome(process.pid);
  // Maui deletes nothing, so that the story needs no submission by an ordinary user.
  const settings = ['torque.scheduler=maui', 'torque.mode=attach', `torque.home=${home}`];
  const stage = await aStage({ settings, isRoot: true });
  const { keeper, server } = stage;
  await until(stage, () => keeper.problem() === null);

  begin(home, process.ppid);
  server.change('set server scheduling=false');

  await until(stage, () => server.printed().includes('set server scheduling = True'));
  await until(stage, () => keeper.problem() === null);
  expect(keeper.problem()).toBeNull();
});

test('scheduling switched off in the same life of the server stays off', async () => {
  const settings = ['torque.scheduler=maui', 'torque.mode=attach', `torque.home=${aHome(process.pid)}`];
  const stage = await aStage({ settings, isRoot: true });
  const { keeper, server } = stage;
  await until(stage, () => keeper.problem() === null);

  server.change('set server scheduling=false');

  await until(stage, () => keeper.problem()?.includes('was not switched off by us') === true);
  expect(server.printed()).toContain('set server scheduling = False');
});

/** In small steps, for files are read in the time of the real world. */
async function until({ clock }: Stage, isSo: () => boolean): Promise<void> {
  for (let steps = 0; !isSo(); steps += 1) {
    if (steps > 20_000) throw new Error('it did not come to it');
    await clock.runUntil(clock.nowMs() + 50, () => false);
    await new Promise(setImmediate);
  }
}

test('under Maui, which deletes nothing, no probe is needed', async () => {
  const { clock, server } = await aStage({ settings: ['torque.scheduler=maui'] });
  await clock.runUntil(20_000, () => false);
  expect(server.sentences.some((sentence) => sentence.startsWith('qsub'))).toBe(false);
  expect(server.sentences.at(-1)).toBe('set server scheduling=true');
});

test('settings that somebody takes away are set again', async () => {
  const { clock, server } = await aStage();
  await clock.runUntil(20_000, () => false);
  server.change('delete node head.torque.test');
  await clock.runUntil(120_000, () => false);
  expect(server.sentences.filter((sentence) => sentence.startsWith('create node'))).toHaveLength(2);
});

test('no cycle is asked for before the queue is guarded', async () => {
  const { keeper, clock, server } = await aStage({ failures: 1_000_000 });
  const kicked = keeper.torque.kickScheduler();
  await clock.runUntil(10_000, () => false);
  expect(await kicked).toMatchObject({ ok: false, problem: { kind: 'conflict' } });
  expect(server.sentences).toEqual([]);
});
