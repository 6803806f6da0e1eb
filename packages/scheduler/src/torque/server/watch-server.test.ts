import { expect, test } from 'vitest';
import { silentLog } from '@mesos-torque/common/logger.ts';
import { createVirtualClock } from '../../loop/testing/virtual-clock.ts';
import type { Outcome } from '../../loop/ports.ts';
import { failed } from '../torque-commands.ts';
import type { GuardedServer } from './guard.ts';
import type { GuardRecord, GuardRecordPort } from './guard-record.ts';
import { watchServer, type ServerWatch } from './watch-server.ts';

interface Stage {
  readonly clock: ReturnType<typeof createVirtualClock>;
  readonly watch: ServerWatch;
  readonly acts: string[];
  readonly heard: string[];
  scheduling: boolean;
  isDown: boolean;
  life: string | null;
  onAct: (act: string) => void;
  readonly record: { now: GuardRecord | null };
}

const down: Outcome<never> = failed('unreachable', 'connection refused');

function aStage(parts: { readonly scheduling?: boolean; readonly life?: string | null } = {}): Stage {
  const clock = createVirtualClock(0);
  const acts: string[] = [];
  const heard: string[] = [];
  const record: { now: GuardRecord | null } = { now: null };
  const act = (name: string): Promise<Outcome<null>> => {
    acts.push(name);
    stage.onAct(name);
    return Promise.resolve(stage.isDown ? down : { ok: true, value: null });
  };
  const server: GuardedServer = {
    readScheduling: () => Promise.resolve(stage.isDown ? down : { ok: true, value: stage.scheduling }),
    setScheduling: (on) => {
      if (!stage.isDown) stage.scheduling = on;
      return act(on ? 'on' : 'off');
    },
    hasWaitingJobs: () => Promise.resolve({ ok: true, value: true }),
    probe: () => act('probe'),
    setUp: () => act('set up'),
  };
  const port: GuardRecordPort = {
    load: () => Promise.resolve(record.now),
    save: (value) => Promise.resolve(void (record.now = value)),
  };
  const knowsLife = parts.life !== null;
  const stage: Stage = {
    clock,
    acts,
    heard,
    record,
    scheduling: parts.scheduling ?? true,
    isDown: false,
    onAct: () => undefined,
    life: parts.life ?? 'life 1',
    watch: watchServer({
      server,
      record: port,
      life: knowsLife ? () => Promise.resolve(stage.life) : null,
      needsProbe: true,
      clock,
      random: () => 0.5,
      log: silentLog,
      watchMs: 5_000,
      onLost: (why) => heard.push(`lost: ${why}`),
      onSafe: () => heard.push('safe'),
    }),
  };
  return stage;
}

const until = (stage: Stage, ms: number): Promise<void> => stage.clock.runUntil(ms, () => false);
const guarded = ['off', 'set up', 'probe', 'on'];

test('a server is guarded at the beginning, and no cycle is asked for before', async () => {
  const stage = aStage();
  expect(stage.watch.whyNoCycle()).not.toBeNull();
  await until(stage, 1_000);
  expect(stage.acts).toEqual(guarded);
  expect(stage.watch.whyNoCycle()).toBeNull();
  expect(stage.watch.problem()).toBeNull();
});

test('a server that was started anew beside us is noticed within 0.1 s and guarded again', async () => {
  const stage = aStage();
  await until(stage, 1_000);
  stage.life = 'life 2';
  await until(stage, 1_200);
  expect(stage.heard).toEqual(['safe', 'lost: pbs_server was started anew', 'safe']);
  expect(stage.acts).toEqual([...guarded, ...guarded]);
});

test('a far server that schedules is not switched off for our start', async () => {
  const stage = aStage({ life: null });
  await until(stage, 1_000);
  expect(stage.acts).toEqual(['set up', 'probe', 'on']);
});

test('a far server whose clients are refused is guarded again once it answers', async () => {
  const stage = aStage({ life: null });
  await until(stage, 1_000);
  stage.isDown = true;
  stage.watch.lost('qstat: cannot connect to server head (errno=111) Connection refused');
  await until(stage, 10_000);
  expect(stage.watch.whyNoCycle()).toContain('connection refused');

  stage.isDown = false;
  await until(stage, 60_000);
  expect(stage.acts.slice(-4)).toEqual(guarded);
  expect(stage.watch.problem()).toBeNull();
});

test('started by pbs_server -a false it is switched on again', async () => {
  const stage = aStage();
  await until(stage, 1_000);
  stage.life = 'life 2';
  stage.scheduling = false;
  await until(stage, 2_000);
  expect(stage.scheduling).toBe(true);
});

test('what somebody else switched off stays off, is told, and is noticed when it is on again', async () => {
  const stage = aStage();
  await until(stage, 1_000);
  stage.scheduling = false;
  await until(stage, 60_000);
  expect(stage.scheduling).toBe(false);
  expect(stage.watch.problem()).toContain('was not switched off by us');
  expect(stage.watch.whyNoCycle()).not.toBeNull();

  stage.scheduling = true;
  await until(stage, 66_000);
  expect(stage.watch.problem()).toBeNull();
});

test('a reading that fails changes nothing', async () => {
  const stage = aStage();
  await until(stage, 1_000);
  stage.isDown = true;
  await until(stage, 60_000);
  expect(stage.watch.problem()).toBeNull();
});

test('a loss in the middle of guarding begins it anew', async () => {
  const stage = aStage({ life: null });
  stage.onAct = (act) => {
    if (act !== 'set up' || stage.acts.length > 1) return;
    stage.watch.lost('refused');
  };
  await until(stage, 5_000);
  expect(stage.acts).toEqual(['set up', 'probe', 'on', ...guarded]);
  expect(stage.watch.problem()).toBeNull();
});

test('the settings are looked at again every now and then', async () => {
  const stage = aStage();
  await until(stage, 130_000);
  expect(stage.acts.filter((act) => act === 'set up').length).toBe(3);
});
