/**
 * The life of one task: prepare, wait for the order to start, run and watch pbs_mom, start it again with
 * its jobs when it dies, end it. Reads from top to bottom; what may come at any time (orders to start and
 * to stop) comes through switches.
 */
import { sleep } from '@mesos-torque/common/clock.ts';
import { unreachable } from '@mesos-torque/common/units.ts';
import { MomStage } from '@mesos-torque/proto/gen/torque/v1/orders.ts';
import type { MomOrders } from '@mesos-torque/proto/gen/torque/v1/orders.ts';
import { explainExit } from './mom-exit.ts';
import { askMom, firstMom, nextMom, orderMom, watchUntilEnd } from './mom-run.ts';
import type { Prepared, RunEnd, Running } from './mom-run.ts';
import { nameDoubt } from './name-doubt.ts';
import { checkOrders } from './orders.ts';
import type { CheckedOrders } from './orders.ts';
import type { Attempt, ExecutorPorts, ExecutorSettings } from './ports.ts';
import type { TaskReporter } from './report.ts';
import { Restarts } from './restarts.ts';
import { describeStop, endMomAlone, leavings, stopMom } from './stop.ts';
import type { StopMeans } from './stop.ts';
import type { StopCause, StopSwitch, Switch } from './stop-switch.ts';

export interface TaskEnd {
  readonly state: 'TASK_FAILED' | 'TASK_KILLED';
  readonly message: string;
}

export interface Task {
  readonly orders: MomOrders;
  readonly start: Switch;
  readonly stop: StopSwitch;
  readonly reporter: TaskReporter;
}

/** A task that waits for its start longer than this only holds resources. */
export const startWaitMsMax = 30 * 60_000;
/** With no order to stop, what a mom that died has left is given this time. */
const cleanUpMs = 2000;
/** A mom that is to be started again is given this time to end. */
const endAloneMs = 10_000;
/** While a stop waits for jobs: how often they are asked for, and what is kept of the time for the stop itself. */
const jobsEveryMs = 1000;
const stopReserveShare = 0.3;
const stopReserveMsMax = 10_000;

/** Runs the task to its end. What has to be told on the way is told; the end is for the caller to tell. */
export async function liveTask(
  task: Task,
  ports: ExecutorPorts,
  settings: ExecutorSettings,
): Promise<TaskEnd> {
  const checked = checkOrders(task.orders);
  if (!checked.ok) return failed(`these orders cannot be carried out: ${checked.error}`);
  task.reporter.stand({ nodeName: checked.orders.nodeName, addresses: settings.addresses });
  // Not waited for: a resolver that is slow, or silent, holds up nobody.
  void ports.lookUpName(checked.orders.nodeName).then((found) => {
    const doubt = nameDoubt(found, settings.addresses);
    if (doubt === null) return;
    ports.log.warn('name of the node doubtful', { why: doubt });
    task.reporter.stand({ nameDoubt: doubt });
  });
  const guardian = ports.guard();
  try {
    const prepared = await prepare(checked.orders, ports, settings);
    return prepared.ok ? await runAtHome(task, prepared.value, ports, settings) : failed(prepared.error);
  } finally {
    guardian.release();
  }
}

async function runAtHome(
  task: Task,
  prepared: Prepared,
  ports: ExecutorPorts,
  settings: ExecutorSettings,
): Promise<TaskEnd> {
  const unfollow = ports.followLog(prepared.home);
  try {
    return await runPrepared(task, prepared, ports, settings);
  } finally {
    unfollow();
    await ports.home.remove(prepared.home);
  }
}

async function prepare(
  orders: CheckedOrders,
  ports: ExecutorPorts,
  settings: ExecutorSettings,
): Promise<Attempt<Prepared>> {
  const path = orders.path === '' ? settings.ownPath : orders.path;
  const [pbsMom, momctl] = await Promise.all([
    ports.findProgram(orders.pbsMom, path),
    ports.findProgram(orders.momctl, path),
  ]);
  if (!pbsMom.ok) return pbsMom;
  if (!momctl.ok) return momctl;
  const home = await ports.home.prepare(orders, await pbsdshFor(orders, path, ports));
  if (!home.ok) return home;
  const env = { ...settings.childEnv, PATH: path };
  return { ok: true, value: { orders, home: home.value, pbsMom: pbsMom.value, momctl: momctl.value, env } };
}

/** A job without MPI runs well without pbsdsh, so its absence is no failure. */
async function pbsdshFor(orders: CheckedOrders, path: string, ports: ExecutorPorts): Promise<string | null> {
  if (orders.mpi === null) return null;
  const pbsdsh = await ports.findProgram(orders.mpi.pbsdsh, path);
  if (pbsdsh.ok) return pbsdsh.value;
  ports.log.warn('MPI not prepared', { why: pbsdsh.error });
  return null;
}

async function runPrepared(
  task: Task,
  prepared: Prepared,
  ports: ExecutorPorts,
  settings: ExecutorSettings,
): Promise<TaskEnd> {
  const { start, stop, reporter } = task;
  reporter.reached('prepared');
  reporter.stand({ stage: MomStage.MOM_STAGE_PREPARED });
  void reporter.tell('TASK_STARTING', `ready to start pbs_mom in ${prepared.home.path}`);
  const tooLong = new AbortController();
  await Promise.race([stop.thrown, start.thrown, sleep(ports.clock, startWaitMsMax, tooLong.signal)]);
  const waitedInVain = !reached(task);
  tooLong.abort();
  if (stop.cause !== null) return killed(`${causeWords(stop.cause)}; pbs_mom had not been started`);
  if (waitedInVain) return failed(`no order to start pbs_mom came within ${startWaitMsMax / 60_000} minutes`);
  return keepRunning(task, prepared, ports, settings);
}

function reached({ start, stop }: Task): boolean {
  return start.isThrown || stop.cause !== null;
}

/** Runs one pbs_mom after the other, within the limit on restarts, until the task is over. */
async function keepRunning(
  task: Task,
  prepared: Prepared,
  ports: ExecutorPorts,
  settings: ExecutorSettings,
): Promise<TaskEnd> {
  const { stop, reporter } = task;
  const restarts = new Restarts(prepared.orders.restartsMax);
  let run = await firstMom(prepared, ports, settings, reporter);
  for (;;) {
    const end = await watchUntilEnd(run, stop, reporter, ports);
    if (end.kind === 'stop ordered') return stopInOrder(run, task, ports);
    const why = await explain(run, end, ports);
    // One that never answered has a fault that it would have again.
    if (!run.wasWell || isGivenUp(end)) return giveUp(run, why, ports, reporter);
    const again = restarts.ask(ports.clock.nowMs());
    if (again.kind === 'no') {
      // It lives, and may have jobs: that its server is silent is no reason to end them.
      if (end.kind === 'server silent') continue;
      return giveUp(run, again.why === '' ? why : `${why}; ${again.why}`, ports, reporter);
    }
    ports.log.warn('pbs_mom to be started again', { why, number: again.number, waitMs: again.waitMs });
    void reporter.tell(
      'TASK_RUNNING',
      `${why}; starting it again with its jobs, for the ${again.number}. time`,
      false,
    );
    // Its jobs are left alone: the next mom takes them up.
    await endMomAlone(run.mom, ports.clock, endAloneMs);
    if (!(await waited(again.waitMs, stop, ports))) return stopInOrder(run, task, ports);
    run = nextMom(run, ports, settings, reporter);
  }
}

function isGivenUp(end: RunEnd): boolean {
  return end.kind === 'server silent' && end.act === 'give up';
}

async function waited(waitMs: number, stop: StopSwitch, ports: ExecutorPorts): Promise<boolean> {
  const over = new AbortController();
  await Promise.race([stop.thrown, sleep(ports.clock, waitMs, over.signal)]);
  over.abort();
  return stop.cause === null;
}

async function explain({ mom, home, orders }: Running, end: RunEnd, ports: ExecutorPorts): Promise<string> {
  if (end.kind === 'server silent') return end.why;
  return explainExit({
    exit: await mom.exited,
    stderrLines: mom.lastStderrLines(),
    logLines: await ports.home.lastLogLines(home),
    pathFault: await ports.home.pathFault(home),
    nodeName: orders.nodeName,
  });
}

/** There will be no other mom: ends what this one has left. */
async function giveUp(
  run: Running,
  why: string,
  ports: ExecutorPorts,
  reporter: TaskReporter,
): Promise<TaskEnd> {
  reporter.stand({ stage: MomStage.MOM_STAGE_STOPPED });
  const deadlineMs = ports.clock.nowMs() + cleanUpMs;
  const report = await stopMom(run.mom, {
    ...meansOf(run, ports),
    askMom: null,
    deadlineMs: () => deadlineMs,
  });
  reporter.reached('stopped');
  return failed([why, leavings(report)].filter((part) => part !== '').join('; '));
}

async function stopInOrder(run: Running, { stop, reporter }: Task, ports: ExecutorPorts): Promise<TaskEnd> {
  const cause = stop.cause ?? { kind: 'kill' };
  reporter.stand({ stage: MomStage.MOM_STAGE_STOPPED });
  void reporter.tell('TASK_KILLING', `stopping pbs_mom: ${causeWords(cause)}`);
  const jobs = cause.kind === 'kill' && run.orders.waitForJobs ? await waitForJobs(run, stop, ports) : '';
  const report = await stopMom(run.mom, {
    ...meansOf(run, ports),
    deadlineMs: () => stop.deadlineMs,
  });
  reporter.reached('stopped');
  return killed([causeWords(cause), jobs, describeStop(report)].filter((part) => part !== '').join('; '));
}

/** Waits while there are jobs and time; what came of it, empty if there were no jobs. */
async function waitForJobs(run: Running, stop: StopSwitch, ports: ExecutorPorts): Promise<string> {
  const beganMs = ports.clock.nowMs();
  const reserveMs = Math.min(stopReserveMsMax, stopReserveShare * (stop.deadlineMs - beganMs));
  let hadJobs = false;
  for (;;) {
    const observation = await askMom(run, ports);
    const jobs = observation.kind === 'answering' ? observation.jobIds : [];
    hadJobs ||= jobs.length > 0;
    if (jobs.length === 0) return hadJobs ? 'its jobs ended first' : '';
    if (ports.clock.nowMs() + jobsEveryMs > stop.deadlineMs - reserveMs) {
      return `${jobs.join(', ')} did not end in time`;
    }
    await sleep(ports.clock, jobsEveryMs);
  }
}

function meansOf(run: Running, ports: ExecutorPorts): Omit<StopMeans, 'deadlineMs'> {
  // momctl asks whoever listens on the port: only a mom that has shown itself to be ours is asked.
  const askToStop = (): Promise<unknown> => orderMom(run, 'shut down', ports);
  return {
    clock: ports.clock,
    followers: run.followers,
    askMom: run.health.kind === 'well' ? askToStop : null,
  };
}

function causeWords(cause: StopCause): string {
  switch (cause.kind) {
    case 'kill':
      return 'the scheduler ordered it';
    case 'shutdown':
      return 'the agent ended the executor';
    case 'lost':
      return `the agent is gone: ${cause.why}`;
    case 'signal':
      return `the executor was sent ${cause.signal}`;
    default:
      return unreachable(cause);
  }
}

export function failed(message: string): TaskEnd {
  return { state: 'TASK_FAILED', message };
}

export function killed(message: string): TaskEnd {
  return { state: 'TASK_KILLED', message };
}
