/**
 * The executor: one process, one task, one pbs_mom. It takes what the agent sends, in any order, and
 * gives its task's life the orders that concern it. When the task's end is safe with the agent it exits:
 * Mesos calls an agent drained while an idle executor still lives on it, and then drops what comes next.
 */
import { sleep } from '@mesos-torque/common/clock.ts';
import { unreachable } from '@mesos-torque/common/units.ts';
import type { ExecutorEvent } from './mesos/agent-port.ts';
import type { ExecutorPorts, ExecutorSettings } from './ports.ts';
import { Milestones, TaskReporter } from './report.ts';
import { StopSwitch, Switch } from './stop-switch.ts';
import type { StopCause } from './stop-switch.ts';
import { failed, killed, liveTask } from './task-life.ts';
import type { TaskEnd } from './task-life.ts';

export interface RunningExecutor {
  /** Resolves when the process may exit, with the reason; never rejects unless there is a bug. */
  readonly ended: Promise<string>;
  /** The process was sent a signal: stop in order. */
  signalled(signal: string): void;
}

/** An executor to which nothing is launched has been forgotten. */
export const idleMsMax = 60_000;
/**
 * An agent launches what it has as soon as we have subscribed. One that was restarted in between has dropped it, and keeps
 * us all the same: until we end, our resources are nobody's.
 */
export const idleSubscribedMsMax = 20_000;
/** Where neither KILL nor the launch says how long it may take. */
export const killGraceMsDefault = 5000;
/** While the agent is connected, its acknowledgement takes some 10 ms. */
export const acknowledgeMsMax = 10_000;
/** A lost agent does not hurry us. */
const lostGraceMs = 10_000;
/** Kept of the grace that the agent gives on SHUTDOWN, to get the last update out. */
const shutdownMarginShare = 0.3;
const shutdownMarginMsMax = 1000;
const earlyOrdersMax = 16;
const settleEveryMs = 100;

export function runExecutor(ports: ExecutorPorts, settings: ExecutorSettings): RunningExecutor {
  const executor = new Executor(ports, settings);
  ports.agent.open((event) => {
    executor.take(event);
    return Promise.resolve();
  });
  return {
    ended: executor.ended,
    signalled: (signal) => {
      executor.stop({ kind: 'signal', signal }, executor.shutdownDeadlineMs());
    },
  };
}

interface CurrentTask {
  readonly id: string;
  readonly killGraceMs: number | null;
  readonly start: Switch;
  readonly stop: StopSwitch;
}

class Executor {
  readonly ended: Promise<string>;
  readonly #ports: ExecutorPorts;
  readonly #settings: ExecutorSettings;
  readonly #milestones: Milestones;
  readonly #cancelIdle: () => void;
  #cancelSubscribed: () => void = () => undefined;
  /** Orders that came before the launch they belong to, by task. */
  readonly #killedEarly = new Set<string>();
  readonly #startedEarly = new Set<string>();
  /** Answers to launches that we turned down. */
  readonly #refusals: Promise<unknown>[] = [];
  #resolveEnded: (why: string) => void = () => undefined;
  #current: CurrentTask | null = null;
  #connected = false;

  constructor(ports: ExecutorPorts, settings: ExecutorSettings) {
    this.#ports = ports;
    this.#settings = settings;
    this.#milestones = new Milestones(ports.clock, settings.startedAtMs);
    this.#milestones.reached('up');
    this.ended = new Promise((resolve) => {
      this.#resolveEnded = resolve;
    });
    this.#cancelIdle = ports.clock.after(idleMsMax, () => {
      void this.#exit(`no task came within ${idleMsMax / 1000} s`);
    });
  }

  take(event: ExecutorEvent): void {
    switch (event.kind) {
      case 'subscribed':
        this.#connected = true;
        this.#milestones.reached('subscribed');
        this.#mustBeLaunchedSoon();
        return;
      case 'disconnected':
        this.#connected = false;
        this.#cancelSubscribed();
        return;
      case 'launch':
        this.#launch(event.taskId, event.killGraceMs, (current, reporter) =>
          liveTask({ ...current, orders: event.orders, reporter }, this.#ports, this.#settings),
        );
        return;
      case 'launch-garbled':
        this.#launch(event.taskId, null, () => Promise.resolve(failed(event.why)));
        return;
      case 'kill':
        this.#kill(event.taskId, event.graceMs);
        return;
      case 'start-mom':
        this.#startMom(event.taskId);
        return;
      case 'shutdown':
        this.stop({ kind: 'shutdown' }, this.shutdownDeadlineMs());
        return;
      case 'lost':
        this.#connected = false;
        this.stop({ kind: 'lost', why: event.why }, this.#ports.clock.nowMs() + lostGraceMs);
        return;
      case 'garbled':
        this.#ports.log.warn('event not understood', { why: event.why });
        return;
      case 'acknowledged':
        return;
      default:
        unreachable(event);
    }
  }

  #mustBeLaunchedSoon(): void {
    if (this.#current !== null) return;
    this.#cancelSubscribed();
    this.#cancelSubscribed = this.#ports.clock.after(idleSubscribedMsMax, () => {
      void this.#exit(`no task came within ${idleSubscribedMsMax / 1000} s of the subscription`);
    });
  }

  /** Stops the task, or ends the executor when it has none. */
  stop(cause: StopCause, deadlineMs: number): void {
    this.#ports.log.info('stop ordered', { ...cause });
    if (this.#current === null) void this.#exit(`${cause.kind} before any task`);
    else this.#stopTask(this.#current, cause, deadlineMs);
  }

  shutdownDeadlineMs(): number {
    const graceMs = this.#settings.shutdownGraceMs;
    return this.#ports.clock.nowMs() + graceMs - Math.min(shutdownMarginMsMax, graceMs * shutdownMarginShare);
  }

  #launch(
    taskId: string,
    killGraceMs: number | null,
    live: (current: CurrentTask, reporter: TaskReporter) => Promise<TaskEnd>,
  ): void {
    if (this.#current !== null) {
      this.#refuse(taskId, this.#current.id);
      return;
    }
    this.#cancelIdle();
    this.#cancelSubscribed();
    this.#milestones.reached('launched');
    const current = { id: taskId, killGraceMs, start: new Switch(), stop: new StopSwitch() };
    this.#current = current;
    const reporter = new TaskReporter(this.#ports.agent, this.#ports.log, taskId, this.#milestones);
    if (this.#startedEarly.has(taskId)) this.#startMom(taskId);
    const life = this.#killedEarly.has(taskId)
      ? Promise.resolve(killed('the scheduler ordered it before the task was launched'))
      : live(current, reporter);
    void this.#finish(current, life, reporter);
  }

  /** A launch sent twice is the same launch; any other task is one too many. */
  #refuse(taskId: string, runningId: string): void {
    this.#ports.log.warn('launch turned down', { taskId, runningId });
    if (taskId === runningId || this.#refusals.length >= earlyOrdersMax) return;
    const reporter = new TaskReporter(
      this.#ports.agent,
      this.#ports.log,
      taskId,
      new Milestones(this.#ports.clock, this.#settings.startedAtMs),
    );
    this.#refusals.push(
      reporter.tell('TASK_FAILED', `this executor has its task, ${runningId}, and takes no second one`),
    );
  }

  #kill(taskId: string, graceMs: number | null): void {
    const current = this.#current;
    if (current === null) {
      rememberIn(this.#killedEarly, taskId);
      return;
    }
    if (current.id !== taskId) {
      this.#ports.log.warn('kill of a task that is not here', { taskId, runningId: current.id });
      return;
    }
    const allowedMs = graceMs ?? current.killGraceMs ?? killGraceMsDefault;
    this.#stopTask(current, { kind: 'kill' }, this.#ports.clock.nowMs() + allowedMs);
  }

  #stopTask(current: CurrentTask, cause: StopCause, deadlineMs: number): void {
    this.#milestones.reached('stop-ordered');
    current.stop.throw(cause, deadlineMs);
  }

  #startMom(taskId: string): void {
    const current = this.#current;
    if (current === null) {
      rememberIn(this.#startedEarly, taskId);
      return;
    }
    if (current.id !== taskId) {
      this.#ports.log.warn('order to start for a task that is not here', { taskId, runningId: current.id });
      return;
    }
    this.#milestones.reached('start-ordered');
    current.start.throw();
  }

  async #finish(current: CurrentTask, life: Promise<TaskEnd>, reporter: TaskReporter): Promise<void> {
    const { state, message } = await life.catch((bug: unknown) =>
      failed(`the executor has a fault: ${String(bug)}`),
    );
    const told = Promise.all([reporter.tell(state, message), ...this.#refusals]);
    await this.#settled(told, current.stop);
    await this.#exit(`task ${current.id} ended: ${state}`);
  }

  /**
   * Waits until the agent has the last updates safe. Only time with a connection counts: without one the
   * agent is being restarted, and it either comes back or is lost, which settles them too. An agent that
   * has ordered us to end, or a signal, leaves no time for that.
   */
  async #settled(told: Promise<unknown>, { cause }: StopSwitch): Promise<void> {
    const isHurried = cause !== null && cause.kind !== 'kill';
    const limitMs = isHurried ? shutdownMarginMsMax : acknowledgeMsMax;
    for (let waitedMs = 0; waitedMs < limitMs;) {
      const next = await Promise.race([
        told.then(() => 'settled' as const),
        sleep(this.#ports.clock, settleEveryMs).then(() => 'waited' as const),
      ]);
      if (next === 'settled') return;
      if (this.#connected || isHurried) waitedMs += settleEveryMs;
    }
    this.#ports.log.warn('last status not acknowledged', { waitedMs: limitMs });
  }

  async #exit(why: string): Promise<void> {
    this.#cancelIdle();
    this.#cancelSubscribed();
    await this.#ports.agent.close();
    this.#resolveEnded(why);
  }
}

function rememberIn(early: Set<string>, taskId: string): void {
  if (early.size < earlyOrdersMax) early.add(taskId);
}
