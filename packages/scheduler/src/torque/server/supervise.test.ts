import { expect, test } from 'vitest';
import { silentLog } from '@mesos-torque/common/logger.ts';
import { createVirtualClock } from '../../loop/testing/virtual-clock.ts';
import type { Asked, Daemon, StartEnd, StartPlan } from './daemon.ts';
import type { DaemonEnd } from './launch.ts';
import type { StartRecord } from './start-record.ts';
import { supervise, type Supervised } from './supervise.ts';

interface Stage {
  readonly clock: ReturnType<typeof createVirtualClock>;
  readonly supervised: Supervised;
  /** Times of the starts. */
  readonly startsMs: readonly number[];
  /** Pids that were asked to end. */
  readonly ended: readonly number[];
  asked: Asked;
  endLast(end: DaemonEnd): void;
}

const down: Asked = { kind: 'not-running', why: 'connection refused' };

function aStage(parts: {
  readonly asked?: Asked;
  readonly plan?: StartPlan;
  readonly meaning?: StartEnd;
  readonly startsMax?: number;
  readonly isPaused?: boolean;
}): Stage {
  const clock = createVirtualClock(0);
  const startsMs: number[] = [];
  const ended: number[] = [];
  const ends: ((end: DaemonEnd) => void)[] = [];
  const daemon: Daemon = {
    name: 'pbs_server',
    ask: () => Promise.resolve(stage.asked),
    planStart: () => Promise.resolve(parts.plan ?? { ok: true, argv: ['pbs_server', '-D'] }),
    judgeEnd: () => parts.meaning ?? 'failed',
    end: (pid) => {
      ended.push(pid ?? 0);
      return Promise.resolve();
    },
    pid: () => Promise.resolve(null),
  };
  const ours = new Set<string>();
  const started: StartRecord = {
    started: (name) => Promise.resolve(void ours.add(name)),
    running: (name) => Promise.resolve(ours.has(name) ? 4711 : null),
    lifeOf: () => Promise.resolve(null),
  };
  const stage: Stage = {
    clock,
    startsMs,
    ended,
    asked: parts.asked ?? down,
    endLast: (end) => {
      ends.at(-1)?.(end);
    },
    supervised: supervise({
      daemon,
      started,
      clock,
      launch: () => {
        startsMs.push(clock.nowMs());
        return { pid: 4711, ended: new Promise((resolve) => ends.push(resolve)), words: () => '' };
      },
      options: { startsMax: parts.startsMax ?? 10, windowMs: 3_600_000, watchMs: 5_000, env: {} },
      random: () => 0.5,
      log: silentLog,
      onChange: () => undefined,
      isPaused: parts.isPaused ?? false,
    }),
  };
  return stage;
}

const until = (stage: Stage, ms: number): Promise<void> => stage.clock.runUntil(ms, () => false);

test('one that runs already is taken as it is', async () => {
  const stage = aStage({ asked: { kind: 'running' } });
  await until(stage, 60_000);
  expect(stage.startsMs).toEqual([]);
  expect(stage.supervised.problem()).toBeNull();
});

test('one that does not run is started once, and is waited for while it comes up', async () => {
  const stage = aStage({});
  await until(stage, 3_000);
  expect(stage.startsMs).toEqual([0]);
  expect(stage.supervised.problem()).toMatch(/^pbs_server: connection refused; process 4711 was started/);

  stage.asked = { kind: 'running' };
  await until(stage, 3_300);
  expect(stage.supervised.problem()).toBeNull();
});

test('where it is not known whether it runs, nothing is started: unknown is not "no"', async () => {
  const stage = aStage({ asked: { kind: 'unknown', why: 'timed out' } });
  await until(stage, 600_000);
  expect(stage.startsMs).toEqual([]);
  expect(stage.supervised.problem()).toBe('pbs_server: timed out');
});

test('one that ends at once is started again with growing rests, until it is given up, which is said', async () => {
  const stage = aStage({ startsMax: 4 });
  for (let round = 0; round < 100; round += 1) {
    await until(stage, round * 1_000);
    stage.endLast({ kind: 'exit', code: 1 });
  }
  const rests = stage.startsMs.map((ms, index) => ms - (stage.startsMs[index - 1] ?? 0)).slice(1);
  expect(stage.startsMs).toHaveLength(4);
  expect(rests).toEqual([...rests].sort((a, b) => a - b));
  expect(stage.supervised.problem()).toContain('given up after 4 starts within 60 min');

  // Somebody starts it by hand.
  stage.asked = { kind: 'running' };
  await until(stage, 110_000);
  expect(stage.supervised.problem()).toBeNull();
});

test('what may not be started is said with the reason', async () => {
  const stage = aStage({ plan: { ok: false, why: 'serverdb is missing, and jobs/7.JB is there' } });
  await until(stage, 20_000);
  expect(stage.startsMs).toEqual([]);
  expect(stage.supervised.problem()).toBe(
    'pbs_server: connection refused; it is not started: serverdb is missing, and jobs/7.JB is there',
  );
});

test('while it is paused nothing is started, and one that we started is ended', async () => {
  const stage = aStage({});
  await until(stage, 1_000);
  stage.asked = { kind: 'running' };
  await until(stage, 2_000);

  await stage.supervised.pause('pbs_server has ended');
  stage.asked = down;
  stage.endLast({ kind: 'signal', signal: 'SIGTERM' });
  await until(stage, 60_000);
  expect(stage.ended).toEqual([4711]);
  expect(stage.startsMs).toEqual([0]);

  stage.supervised.resume();
  await until(stage, 61_000);
  expect(stage.startsMs).toEqual([0, 60_000]);
});

test('one that others started is not ended by a pause', async () => {
  const stage = aStage({ asked: { kind: 'running' } });
  await until(stage, 1_000);
  await stage.supervised.pause('pbs_server has ended');
  expect(stage.ended).toEqual([]);
});
