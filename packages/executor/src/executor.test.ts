import { describe, expect, it } from 'vitest';
import { MomStage } from '@mesos-torque/proto/gen/torque/v1/orders.ts';
import { failuresMax, firstAnswersMax, firstIntervalMs, firstQuestionsMax } from './mom-health.ts';
import { acknowledgeMsMax, idleMsMax, idleSubscribedMsMax } from './executor.ts';
import { startWaitMsMax } from './task-life.ts';
import { diagnosis, exited, kill, row, Stage, startMom, subscribed, taskId } from './testing/fakes.ts';

const noAnswer = exited(1, '', "cannot connect to MOM on node 'localhost', errno=111 (Connection refused)\n");

describe('a task that goes well', () => {
  it('is prepared, started when ordered, and running once momctl names our server', async () => {
    const stage = new Stage();

    await stage.sends(subscribed, stage.launch());
    expect(stage.states()).toEqual(['TASK_STARTING']);
    expect(stage.last().report.stage).toBe(MomStage.MOM_STAGE_PREPARED);
    expect(stage.momArgv).toBeNull();

    await stage.sends(startMom);
    expect(stage.states()).toEqual(['TASK_STARTING', 'TASK_RUNNING healthy=true']);
    expect(stage.last().report).toMatchObject({
      nodeName: 'node1.torque.test',
      stage: MomStage.MOM_STAGE_ANSWERING,
      momManagerPort: 15003,
    });
  });

  it('starts one mom however often the order to start comes, and before the launch too', async () => {
    const stage = new Stage();
    await stage.sends(subscribed, startMom, stage.launch(), startMom, startMom);
    expect(stage.commands).toHaveLength(1);
    expect(stage.momArgv).toEqual(['/opt/torque/sbin/pbs_mom', '-D', '-d', '/run/mom']);
  });

  it('says with each status what speaks against its name, with both addresses', async () => {
    const stage = new Stage();
    stage.nodeAddresses = ['127.0.1.1'];
    await stage.hasRunningMom();
    expect(stage.last().message).toMatch(
      /^pbs_mom answers as node1\.torque\.test; node1\.torque\.test resolves to 127\.0\.1\.1 on this agent, whose own addresses are 10\.77\.0\.11: /,
    );
  });

  it('gives the mom the PATH of the orders and the mark, and no HOME', async () => {
    const stage = new Stage();
    await stage.hasRunningMom();
    expect(stage.momEnv).toEqual({
      LIBRARY: '/lib',
      PATH: '/opt/torque/sbin:/usr/bin',
      MESOS_TORQUE_MOM: '1',
    });
  });

  it('tells when each step was reached, counted from its own start', async () => {
    const stage = new Stage();
    await stage.clock.pass(40);
    await stage.sends(subscribed, stage.launch());
    await stage.clock.pass(1000);
    await stage.sends(startMom);
    expect(stage.last().report.milestones).toEqual([
      { name: 'up', atMs: 0 },
      { name: 'subscribed', atMs: 40 },
      { name: 'launched', atMs: 40 },
      { name: 'prepared', atMs: 40 },
      { name: 'start-ordered', atMs: 1040 },
      { name: 'mom-started', atMs: 1040 },
      { name: 'answering', atMs: 1040 },
    ]);
  });
});

describe('a task that cannot begin', () => {
  it('fails with the program and the PATH when a program is missing', async () => {
    const stage = new Stage();
    stage.missingProgram = 'momctl';
    await stage.sends(subscribed, stage.launch());
    expect(stage.last()).toMatchObject({
      state: 'TASK_FAILED',
      message: "no program momctl on this agent's PATH /opt/torque/sbin:/usr/bin",
    });
    expect(stage.endedBecause).toContain('TASK_FAILED');
  });

  it('fails when the orders hold something that must not reach a command line', async () => {
    const stage = new Stage();
    await stage.sends(subscribed, stage.launch({ nodeName: '-x; rm' }));
    expect(stage.last().message).toBe(
      'these orders cannot be carried out: node_name "-x; rm" is no host name',
    );
  });

  it('fails when the orders cannot be decoded', async () => {
    const stage = new Stage();
    await stage.sends(subscribed, { kind: 'launch-garbled', taskId, why: 'MomOrders: 3 bytes too few' });
    expect(stage.last()).toMatchObject({ state: 'TASK_FAILED', message: 'MomOrders: 3 bytes too few' });
    expect(stage.endedBecause).not.toBeNull();
  });

  it('fails when no order to start comes', async () => {
    const stage = new Stage();
    await stage.sends(subscribed, stage.launch());
    await stage.clock.pass(startWaitMsMax - 1);
    expect(stage.states()).toEqual(['TASK_STARTING']);
    await stage.clock.pass(1);
    expect(stage.last().message).toBe('no order to start pbs_mom came within 30 minutes');
    expect(stage.momArgv).toBeNull();
  });

  it('turns a second task down and keeps its first', async () => {
    const stage = new Stage();
    await stage.hasRunningMom();
    await stage.sends(stage.launch({}, 'mom.other.2'));
    expect(stage.last()).toMatchObject({ taskId: 'mom.other.2', state: 'TASK_FAILED' });
    expect(stage.last().message).toContain(`has its task, ${taskId}`);
    expect(stage.mom.exit).toBeNull();
  });

  it('takes a launch that comes twice for one', async () => {
    const stage = new Stage();
    await stage.sends(subscribed, stage.launch(), stage.launch());
    expect(stage.states()).toEqual(['TASK_STARTING']);
  });
});

describe('health', () => {
  it('asks often until the mom has answered for a while, then at the interval of the orders', async () => {
    const stage = new Stage();
    stage.momAnswers = () => noAnswer;
    await stage.hasRunningMom({ healthIntervalMs: 5000 });
    await stage.clock.pass(3 * firstIntervalMs);
    expect(stage.commands).toHaveLength(4);
    stage.momAnswers = () => exited(0, diagnosis());
    await stage.clock.pass(firstIntervalMs);
    expect(stage.states().at(-1)).toBe('TASK_RUNNING healthy=true');
    await stage.clock.pass((firstAnswersMax - 1) * firstIntervalMs);
    expect(stage.commands).toHaveLength(4 + firstAnswersMax);
    await stage.clock.pass(4999);
    expect(stage.commands).toHaveLength(4 + firstAnswersMax);
    await stage.clock.pass(1);
    expect(stage.commands).toHaveLength(5 + firstAnswersMax);
    expect(stage.states()).toEqual(['TASK_STARTING', 'TASK_RUNNING healthy=true']);
  });

  it('says that the mom is ill after three questions without answer, and well at the next answer', async () => {
    const stage = new Stage();
    await stage.hasRunningMom({ healthIntervalMs: 5000 });
    stage.momAnswers = () => noAnswer;
    await stage.clock.pass((failuresMax - 1) * 5000);
    expect(stage.states()).toEqual(['TASK_STARTING', 'TASK_RUNNING healthy=true']);
    await stage.clock.pass(5000);
    expect(stage.last()).toMatchObject({ state: 'TASK_RUNNING', healthy: false });
    expect(stage.last().message).toContain('Connection refused');
    await stage.clock.pass(20_000);
    stage.momAnswers = () => exited(0, diagnosis());
    await stage.clock.pass(5000);
    expect(stage.states().slice(2)).toEqual(['TASK_RUNNING healthy=false', 'TASK_RUNNING healthy=true']);
  });

  it('says that a mom which never answers is ill, and keeps asking', async () => {
    const stage = new Stage();
    stage.momAnswers = () => exited(0, diagnosis({ server: 'other.torque.test' }));
    await stage.hasRunningMom();
    await stage.clock.pass(firstQuestionsMax * firstIntervalMs);
    expect(stage.last()).toMatchObject({ state: 'TASK_RUNNING', healthy: false });
    expect(stage.last().message).toContain('pbs_mom serves other.torque.test and not head.torque.test');
    stage.momAnswers = () => exited(0, diagnosis());
    await stage.clock.pass(5000);
    expect(stage.states().at(-1)).toBe('TASK_RUNNING healthy=true');
  });
});

describe('a mom that dies', () => {
  it('fails the task with what it said, ends what it left, and the executor exits', async () => {
    const stage = new Stage();
    await stage.hasRunningMom();
    stage.processes = [
      row(200, { marked: true, name: 'bash' }),
      row(201, { ppid: 200, name: 'solver' }),
      row(300),
    ];
    stage.mom.stderrLines = ['server port = 15002, errno = 98 (Address already in use), already in use'];
    stage.mom.end({ kind: 'exit', code: 3 });
    await stage.clock.pass(1000);
    expect(stage.last()).toMatchObject({ state: 'TASK_FAILED', healthy: null });
    expect(stage.last().message).toBe(
      'pbs_mom exited 3; its last words: "server port = 15002, errno = 98 (Address already in use), already in use"; ' +
        'ended what it left running: bash (200), solver (201)',
    );
    expect(stage.processes.map(({ pid }) => pid)).toEqual([300]);
    expect(stage.last().report.stage).toBe(MomStage.MOM_STAGE_STOPPED);
    expect(stage.endedBecause).not.toBeNull();
    expect(stage.removedHomes).toHaveLength(1);
  });

  it('is explained when it exits 3 without a word because of its home', async () => {
    const stage = new Stage();
    stage.pathFault = 'everybody can write to /tmp';
    stage.momAnswers = () => noAnswer;
    await stage.hasRunningMom();
    stage.mom.end({ kind: 'exit', code: 3 });
    await stage.clock.pass(1000);
    expect(stage.last().message).toContain(
      'refuses a home that others could change, and everybody can write to /tmp',
    );
  });
});

describe('the executor itself', () => {
  it('exits when no agent takes it', async () => {
    const stage = new Stage();
    await stage.clock.pass(idleMsMax);
    expect(stage.endedBecause).toBe('no task came within 60 s');
  });

  it('exits when no task comes of an agent that has taken it: one that was restarted has dropped it', async () => {
    const stage = new Stage();
    await stage.sends(subscribed);
    await stage.clock.pass(idleSubscribedMsMax - 1);
    await stage.sends({ kind: 'disconnected', why: 'the stream ended' });
    await stage.clock.pass(5000);
    expect(stage.endedBecause).toBeNull();
    await stage.sends(subscribed);
    await stage.clock.pass(idleSubscribedMsMax - 1);
    expect(stage.endedBecause).toBeNull();
    await stage.clock.pass(1);
    expect(stage.endedBecause).toBe('no task came within 20 s of the subscription');
  });

  it('that has its task waits for no other', async () => {
    const stage = new Stage();
    await stage.hasRunningMom();
    await stage.sends(subscribed);
    await stage.clock.pass(2 * idleMsMax);
    expect(stage.endedBecause).toBeNull();
  });

  it.each([
    [{ kind: 'shutdown' } as const, 'the agent ended the executor'],
    [{ kind: 'lost', why: 'no answer for 15 min' } as const, 'the agent is gone: no answer for 15 min'],
  ])('stops its mom in order on %o and exits', async (event, words) => {
    const stage = new Stage();
    await stage.hasRunningMom();
    await stage.sends(event);
    await stage.clock.pass(2000);
    expect(stage.last()).toMatchObject({ state: 'TASK_KILLED' });
    expect(stage.last().message).toBe(`${words}; pbs_mom stopped when asked by momctl`);
    expect(stage.endedBecause).not.toBeNull();
  });

  it('stops its mom in order on a signal', async () => {
    const stage = new Stage();
    await stage.hasRunningMom();
    stage.executor.signalled('SIGTERM');
    await stage.clock.pass(2000);
    expect(stage.last().message).toContain('the executor was sent SIGTERM');
    expect(stage.endedBecause).not.toBeNull();
  });

  it.each([{ kind: 'shutdown' } as const, { kind: 'lost', why: 'refused' } as const])(
    'exits at once on %o before any task',
    async (event) => {
      const stage = new Stage();
      await stage.sends(subscribed, event);
      expect(stage.endedBecause).toBe(`${event.kind} before any task`);
    },
  );

  it('hurries a slow KILL when SHUTDOWN leaves less time', async () => {
    const stage = new Stage();
    stage.heedsMomctl = false;
    stage.mom.heedsTerm = false;
    await stage.hasRunningMom();
    await stage.sends({ kind: 'kill', taskId, graceMs: 600_000 });
    await stage.clock.pass(1000);
    await stage.sends({ kind: 'shutdown' });
    await stage.clock.pass(5000);
    expect(stage.mom.exit).toEqual({ kind: 'signal', signal: 'SIGKILL' });
    expect(stage.endedBecause).not.toBeNull();
  });

  it('does not wait for ever for the acknowledgement of the last status', async () => {
    const stage = new Stage();
    await stage.hasRunningMom();
    stage.acknowledges = false;
    await stage.sends(kill);
    await stage.clock.pass(acknowledgeMsMax - 1000);
    expect(stage.last().state).toBe('TASK_KILLED');
    expect(stage.endedBecause).toBeNull();
    await stage.clock.pass(2000);
    expect(stage.endedBecause).not.toBeNull();
  });

  it('keeps the last status while the agent is away, as long as that lasts', async () => {
    const stage = new Stage();
    await stage.hasRunningMom();
    stage.acknowledges = false;
    await stage.sends({ kind: 'disconnected', why: 'agent restarts' }, kill);
    await stage.clock.pass(10 * acknowledgeMsMax);
    expect(stage.last().state).toBe('TASK_KILLED');
    expect(stage.endedBecause).toBeNull();
    await stage.sends(subscribed);
    await stage.clock.pass(acknowledgeMsMax);
    expect(stage.endedBecause).not.toBeNull();
  });
});
