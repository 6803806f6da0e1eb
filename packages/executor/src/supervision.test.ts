/** A mom that dies, falls silent, was there before, or is to stop while it has jobs. */
import { describe, expect, it } from 'vitest';
import { restartWindowMs } from './restarts.ts';
import { giveUpAfterMs, nudgeAfterMs, restartAfterMs } from './server-silence.ts';
import {
  diagnosis,
  exited,
  FakeMom,
  kill,
  row,
  Stage,
  startMom,
  subscribed,
  taskId,
} from './testing/fakes.ts';

const crash = { kind: 'signal', signal: 'SIGSEGV' } as const;

describe('a mom that dies', () => {
  it('is started again with its jobs, which are left alone', async () => {
    const stage = new Stage();
    await stage.hasRunningMom({ restartsMax: 3 });
    stage.processes = [row(200, { marked: true, name: 'bash' })];
    stage.mom.end(crash);
    await stage.clock.pass(0);
    expect(stage.last()).toMatchObject({ state: 'TASK_RUNNING', healthy: false });
    expect(stage.last().message).toBe(
      'pbs_mom was ended by SIGSEGV; starting it again with its jobs, for the 1. time',
    );
    await stage.clock.pass(2000);
    expect(stage.moms).toHaveLength(2);
    expect(stage.momArgv).toContain('-p');
    expect(stage.momArgv).not.toContain('-q');
    expect(stage.last()).toMatchObject({ state: 'TASK_RUNNING', healthy: true });
    expect(stage.sent).toEqual([]);
    expect(stage.removedHomes).toEqual([]);
  });

  it('is given up when it has died too often within an hour, with what it left', async () => {
    const stage = new Stage();
    await stage.hasRunningMom({ restartsMax: 2 });
    stage.processes = [row(200, { marked: true, name: 'bash' })];
    for (const waitMs of [1000, 4000]) {
      stage.mom.end(crash);
      await stage.clock.pass(waitMs + 1000);
    }
    expect(stage.moms).toHaveLength(3);
    stage.mom.end(crash);
    await stage.clock.pass(5000);
    expect(stage.last().state).toBe('TASK_FAILED');
    expect(stage.last().message).toBe(
      'pbs_mom was ended by SIGSEGV; it was started again 2 times within an hour, which is the limit ' +
        '(executor.restartsMax); ended what it left running: bash (200)',
    );
    expect(stage.moms).toHaveLength(3);
  });

  it('may die again when the last time was long ago', async () => {
    const stage = new Stage();
    await stage.hasRunningMom({ restartsMax: 1 });
    for (let time = 0; time < 3; time++) {
      stage.mom.end(crash);
      await stage.clock.pass(restartWindowMs + 1000);
    }
    expect(stage.moms).toHaveLength(4);
    expect(stage.last()).toMatchObject({ state: 'TASK_RUNNING', healthy: true });
  });

  it('before it ever answered is not tried again: it would have the same fault', async () => {
    const stage = new Stage();
    stage.momAnswers = () => exited(1, '', 'refused');
    await stage.hasRunningMom({ restartsMax: 3 });
    stage.mom.end({ kind: 'exit', code: 1 });
    await stage.clock.pass(3000);
    expect(stage.last().state).toBe('TASK_FAILED');
    expect(stage.moms).toHaveLength(1);
  });

  it('while it waits to be started again can be stopped', async () => {
    const stage = new Stage();
    await stage.hasRunningMom({ restartsMax: 3 });
    stage.processes = [row(200, { marked: true, name: 'bash' })];
    stage.mom.end(crash);
    await stage.sends(kill);
    await stage.clock.pass(1000);
    expect(stage.last().state).toBe('TASK_KILLED');
    expect(stage.last().message).toBe(
      'the scheduler ordered it; pbs_mom had ended; ended what it left running: bash (200)',
    );
    expect(stage.moms).toHaveLength(1);
  });
});

describe('a mom whose server is silent', () => {
  /** Silent since the beginning. */
  async function silentStage(jobs: readonly string[]): Promise<Stage> {
    const stage = new Stage();
    const beganMs = stage.clock.nowMs();
    stage.momAnswers = () =>
      exited(0, diagnosis({ silentS: Math.round((stage.clock.nowMs() - beganMs) / 1000), jobs }));
    await stage.hasRunningMom({ restartsMax: 3, healthIntervalMs: 10_000 });
    return stage;
  }

  it('is nudged once, then started again with its jobs', async () => {
    const stage = await silentStage(['7.head.torque.test']);
    await stage.clock.pass(nudgeAfterMs - 20_000);
    expect(stage.nudges).toBe(0);
    await stage.clock.pass(40_000);
    expect(stage.nudges).toBe(1);
    await stage.clock.pass(restartAfterMs - nudgeAfterMs);
    expect(stage.nudges).toBe(1);
    expect(stage.moms).toHaveLength(2);
    expect(stage.momArgv).toContain('-p');
    expect(stage.states()).toContain('TASK_RUNNING healthy=false');
  });

  it('is never given up while it has jobs: the server may be down for the evening', async () => {
    const stage = await silentStage(['7.head.torque.test']);
    await stage.clock.pass(10 * giveUpAfterMs);
    expect(stage.last().state).toBe('TASK_RUNNING');
  });

  it('is given up without jobs, with the reason', async () => {
    const stage = await silentStage([]);
    await stage.clock.pass(2 * giveUpAfterMs);
    expect(stage.last().state).toBe('TASK_FAILED');
    expect(stage.last().message).toMatch(/^pbs_mom and head\.torque\.test have had no words for 18\d\d s/);
  });

  it('is well again at the first word', async () => {
    const stage = await silentStage([]);
    await stage.clock.pass(nudgeAfterMs + 20_000);
    expect(stage.nudges).toBe(1);
    stage.momAnswers = () => exited(0, diagnosis());
    await stage.clock.pass(giveUpAfterMs);
    expect(stage.moms).toHaveLength(1);
    expect(stage.last()).toMatchObject({ state: 'TASK_RUNNING', healthy: true });
  });
});

describe('a mom that ran before its executor', () => {
  it('is taken over, and stopped as any other', async () => {
    const stage = new Stage();
    const adopted = new FakeMom();
    stage.adopted = adopted;
    await stage.sends(subscribed, stage.launch(), startMom);
    expect(stage.momArgv).toBeNull();
    expect(stage.last()).toMatchObject({ state: 'TASK_RUNNING', healthy: true });
    await stage.sends(kill);
    await stage.clock.pass(1000);
    expect(adopted.exit).not.toBeNull();
    expect(stage.last().state).toBe('TASK_KILLED');
  });
});

describe('a stop that waits for jobs', () => {
  async function withJob(): Promise<{ stage: Stage; jobs: string[] }> {
    const stage = new Stage();
    const jobs = ['7.head.torque.test'];
    stage.momAnswers = () => exited(0, diagnosis({ jobs }));
    await stage.sends(subscribed, stage.launch({ waitForJobs: true }, taskId, 60_000), startMom);
    return { stage, jobs };
  }

  it('comes when they have ended', async () => {
    const { stage, jobs } = await withJob();
    await stage.sends(kill);
    await stage.clock.pass(20_000);
    expect(stage.last().state).toBe('TASK_KILLING');
    jobs.pop();
    await stage.clock.pass(2000);
    expect(stage.last().message).toBe(
      'the scheduler ordered it; its jobs ended first; pbs_mom stopped when asked by momctl',
    );
  });

  it('does not wait beyond the grace period, and says which jobs had not ended', async () => {
    const { stage } = await withJob();
    await stage.sends(kill);
    await stage.clock.pass(60_000);
    expect(stage.last().state).toBe('TASK_KILLED');
    expect(stage.last().message).toContain('7.head.torque.test did not end in time');
  });

  it('does not wait when the agent itself ends', async () => {
    const { stage } = await withJob();
    await stage.sends({ kind: 'shutdown' });
    await stage.clock.pass(3000);
    expect(stage.last().state).toBe('TASK_KILLED');
  });
});
