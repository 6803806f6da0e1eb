import { describe, expect, it } from 'vitest';
import { killGraceMsDefault } from './executor.ts';
import type { MomHome } from './mom-home.ts';
import type { Attempt } from './ports.ts';
import { diagnosis, exited, kill, row, Stage, startMom, subscribed, taskId } from './testing/fakes.ts';

describe('KILL', () => {
  it('has momctl stop the mom, says so, and exits once the agent has the last status', async () => {
    const stage = new Stage();
    await stage.hasRunningMom();
    await stage.sends(kill);
    await stage.clock.pass(1000);
    expect(stage.states().slice(2)).toEqual(['TASK_KILLING', 'TASK_KILLED']);
    expect(stage.last().message).toBe('the scheduler ordered it; pbs_mom stopped when asked by momctl');
    expect(stage.mom.signals).toEqual([]);
    expect(stage.isClosed).toBe(true);
    expect(stage.endedBecause).toBe(`task ${taskId} ended: TASK_KILLED`);
  });

  it('goes on to TERM and KILL within the grace', async () => {
    const stage = new Stage();
    stage.heedsMomctl = false;
    stage.mom.heedsTerm = false;
    await stage.hasRunningMom();
    await stage.sends({ kind: 'kill', taskId, graceMs: 10_000 });
    await stage.clock.pass(3900);
    expect(stage.mom.signals).toEqual([]);
    await stage.clock.pass(200);
    expect(stage.mom.signals).toEqual(['SIGTERM']);
    await stage.clock.pass(3000);
    expect(stage.mom.signals).toEqual(['SIGTERM', 'SIGKILL']);
    await stage.clock.pass(1000);
    expect(stage.last()).toMatchObject({
      state: 'TASK_KILLED',
      message: 'the scheduler ordered it; pbs_mom was ended by KILL',
    });
  });

  it('kills at once when it grants no time', async () => {
    const stage = new Stage();
    await stage.hasRunningMom();
    await stage.sends({ kind: 'kill', taskId, graceMs: 0 });
    expect(stage.mom.signals).toEqual(['SIGKILL']);
    expect(stage.commands.some((argv) => argv.includes('-s'))).toBe(false);
  });

  it('takes the grace of the launch, or five seconds, where it grants none itself', async () => {
    const stage = new Stage();
    stage.heedsMomctl = false;
    stage.mom.heedsTerm = false;
    await stage.sends(subscribed, stage.launch({}, taskId, 60_000), startMom);
    await stage.sends(kill);
    await stage.clock.pass(killGraceMsDefault + 10_000);
    expect(stage.mom.exit).toBeNull();
    await stage.clock.pass(60_000);
    expect(stage.last().state).toBe('TASK_KILLED');
  });

  it('ends the jobs that outlive their mom, by force where they do not heed TERM', async () => {
    const stage = new Stage();
    await stage.hasRunningMom();
    const job = row(200, { ppid: stage.mom.pid, name: 'bash' });
    stage.processes = [job, row(201, { marked: true, name: 'deaf' }), row(300, { name: 'stranger' })];
    stage.stubborn.add(201);
    await stage.sends(kill);
    await stage.clock.pass(10_000);
    expect(stage.processes.map(({ name }) => name)).toEqual(['stranger']);
    expect(stage.sent).toEqual(['SIGTERM 200', 'SIGTERM 201', 'SIGKILL 201']);
    expect(stage.last().message).toContain('ended what it left running: bash (200), deaf (201)');
  });

  it('names what nothing could end', async () => {
    const stage = new Stage();
    await stage.hasRunningMom();
    stage.processes = [row(200, { marked: true, name: 'stuck' })];
    stage.immortal.add(200);
    await stage.sends(kill);
    await stage.clock.pass(20_000);
    expect(stage.last()).toMatchObject({ state: 'TASK_KILLED' });
    expect(stage.last().message).toContain('could not end stuck (200)');
  });

  it('does not ask through momctl while it is not sure that the mom which answers is ours', async () => {
    const stage = new Stage();
    stage.momAnswers = () => exited(0, diagnosis({ home: '/var/spool/torque' }));
    await stage.hasRunningMom();
    await stage.sends(kill);
    await stage.clock.pass(5000);
    expect(stage.commands.some((argv) => argv.includes('-s'))).toBe(false);
    expect(stage.last().message).toContain('pbs_mom was ended by TERM');
  });

  it.each([
    ['before the launch', async (stage: Stage) => stage.sends(subscribed, kill, stage.launch())],
    ['before the order to start', async (stage: Stage) => stage.sends(subscribed, stage.launch(), kill)],
    [
      'together with the order to start',
      async (stage: Stage) => stage.sends(subscribed, stage.launch(), startMom, kill),
    ],
  ])('ends a task %s without starting a mom', async (_when, play) => {
    const stage = new Stage();
    await play(stage);
    await stage.clock.pass(1000);
    expect(stage.momArgv).toBeNull();
    expect(stage.last().state).toBe('TASK_KILLED');
    expect(stage.states().filter((state) => state === 'TASK_KILLED')).toHaveLength(1);
    expect(stage.endedBecause).not.toBeNull();
  });

  it('ends a task that is being prepared', async () => {
    const stage = new Stage();
    const slow = Promise.withResolvers<Attempt<MomHome>>();
    const ready = stage.preparing;
    stage.preparing = slow.promise;
    await stage.sends(subscribed, stage.launch(), startMom, kill);
    expect(stage.updates).toEqual([]);
    slow.resolve(await ready);
    await stage.clock.pass(1000);
    expect(stage.momArgv).toBeNull();
    expect(stage.last().state).toBe('TASK_KILLED');
    expect(stage.removedHomes).toHaveLength(1);
  });

  it('is one order when it comes twice, and none for a task that is not here', async () => {
    const stage = new Stage();
    stage.heedsMomctl = false;
    await stage.hasRunningMom();
    await stage.sends({ kind: 'kill', taskId: 'mom.other.2', graceMs: 0 });
    expect(stage.mom.exit).toBeNull();
    await stage.sends(kill, kill);
    await stage.clock.pass(5000);
    expect(stage.states().slice(2)).toEqual(['TASK_KILLING', 'TASK_KILLED']);
  });
});
