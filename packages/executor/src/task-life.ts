/**
 * The life of one task: prepare, wait for the order to start, run and watch pbs_mom, end it. Reads from
 * top to bottom; what may come at any time (orders to start and to stop) comes through switches.
 */
import { sleep } from '@mesos-torque/common/clock.ts';
import { unreachable } from '@mesos-torque/common/units.ts';
import { MomStage } from '@mesos-torque/proto/gen/torque/v1/orders.ts';
import type { MomOrders } from '@mesos-torque/proto/gen/torque/v1/orders.ts';
import { Followers } from './followers.ts';
import { momctlArgv, pbsMomArgv } from './mom-args.ts';
import { explainExit } from './mom-exit.ts';
import { observe, unheard } from './mom-health.ts';
import type { Health } from './mom-health.ts';
import type { MomHome } from './mom-home.ts';
import { checkOrders } from './orders.ts';
import type { CheckedOrders } from './orders.ts';
import type { Attempt, ExecutorPorts, ExecutorSettings, MomProcess } from './ports.ts';
import type { TaskReporter } from './report.ts';
import { describeStop, leavings, stopMom } from './stop.ts';
import type { StopMeans } from './stop.ts';
import type { StopCause, StopSwitch, Switch } from './stop-switch.ts';
import { watchMom } from './watch-mom.ts';

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
/** momctl answers in 20 ms; a mom that is busy starting a job in some hundred. */
const momctlTimeoutMs = 5000;
const momctlBytesMax = 1024 * 1024;
/** With no order to stop, what a mom that died has left is given this time. */
const cleanUpMs = 2000;

/** Everything that a task's mom needs, found and checked. */
interface Prepared {
  readonly orders: CheckedOrders;
  readonly home: MomHome;
  readonly pbsMom: string;
  readonly momctl: string;
  readonly env: Readonly<Record<string, string>>;
}

interface Running extends Prepared {
  readonly mom: MomProcess;
  readonly followers: Followers;
  /** The latest judgement; kept by the watch. */
  health: Health;
}

/** Runs the task to its end. What has to be told on the way is told; the end is for the caller to tell. */
export async function liveTask(
  task: Task,
  ports: ExecutorPorts,
  settings: ExecutorSettings,
): Promise<TaskEnd> {
  const checked = checkOrders(task.orders);
  if (!checked.ok) return failed(`these orders cannot be carried out: ${checked.error}`);
  task.reporter.stand({ nodeName: checked.orders.nodeName });
  const prepared = await prepare(checked.orders, ports, settings);
  if (!prepared.ok) return failed(prepared.error);
  try {
    return await runPrepared(task, prepared.value, ports, settings);
  } finally {
    await ports.home.remove(prepared.value.home);
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
  const home = await ports.home.prepare(orders);
  if (!home.ok) return home;
  const env = { ...settings.childEnv, PATH: path };
  return { ok: true, value: { orders, home: home.value, pbsMom: pbsMom.value, momctl: momctl.value, env } };
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
  const running = startMom(prepared, ports, settings, reporter);
  await watchUntilEnd(running, task, ports);
  reporter.stand({ stage: MomStage.MOM_STAGE_STOPPED });
  const { cause } = task.stop;
  return cause === null
    ? await afterDeath(running, ports, reporter)
    : await stopInOrder(running, cause, task, ports);
}

function reached({ start, stop }: Task): boolean {
  return start.isThrown || stop.cause !== null;
}

function startMom(
  prepared: Prepared,
  ports: ExecutorPorts,
  settings: ExecutorSettings,
  reporter: TaskReporter,
): Running {
  const { orders, home, env } = prepared;
  const argv = pbsMomArgv(prepared.pbsMom, orders, home.path, settings.hostName);
  const [markName, markValue] = splitMark(home.mark);
  const mom = ports.startMom(argv, { env: { ...env, [markName]: markValue }, cwd: settings.sandbox });
  reporter.reached('mom-started');
  reporter.stand({ stage: MomStage.MOM_STAGE_STARTED, momManagerPort: orders.managerPort });
  ports.log.info('pbs_mom started', { momPid: mom.pid, argv: argv.join(' ') });
  const followers = new Followers(ports.processes, home.mark, settings.ownPid);
  return { ...prepared, mom, followers, health: unheard };
}

/** Watches the mom until it ends or is to be stopped. */
async function watchUntilEnd(running: Running, task: Task, ports: ExecutorPorts): Promise<void> {
  const { orders, home, mom, momctl, env } = running;
  const watching = new AbortController();
  const expected = { homes: [home.path, home.folder], pbsServer: orders.pbsServer };
  const argv = momctlArgv(momctl, orders, 'diagnose');
  const watch = watchMom({
    clock: ports.clock,
    healthIntervalMs: orders.healthIntervalMs,
    signal: watching.signal,
    ask: async () =>
      observe(
        await ports.run(argv, { timeoutMs: momctlTimeoutMs, outputBytesMax: momctlBytesMax, env }),
        expected,
      ),
    onChange: (health) => {
      running.health = health;
      tellHealth(health, running, task.reporter);
    },
  });
  await Promise.race([task.stop.thrown, mom.exited, watch]);
  watching.abort();
}

function tellHealth(health: Health, { followers, mom }: Running, reporter: TaskReporter): void {
  switch (health.kind) {
    case 'unheard':
      return;
    case 'well':
      reporter.reached('answering');
      reporter.stand({ stage: MomStage.MOM_STAGE_ANSWERING, nodeName: health.momName });
      void reporter.tell('TASK_RUNNING', `pbs_mom answers as ${health.momName}`, true);
      // Should it die suddenly, what it has started by now is known.
      void followers.look(mom.exit === null ? mom.pid : null);
      return;
    case 'ill':
      void reporter.tell('TASK_RUNNING', health.why, false);
      return;
    default:
      unreachable(health);
  }
}

/** The mom ended by itself: say why, and end what it has left. */
async function afterDeath(running: Running, ports: ExecutorPorts, reporter: TaskReporter): Promise<TaskEnd> {
  const { mom, home, orders } = running;
  const exit = await mom.exited;
  const explanation = explainExit({
    exit,
    stderrLines: mom.lastStderrLines(),
    logLines: await ports.home.lastLogLines(home),
    pathFault: await ports.home.pathFault(home),
    nodeName: orders.nodeName,
  });
  const deadlineMs = ports.clock.nowMs() + cleanUpMs;
  const report = await stopMom(mom, {
    ...meansOf(running, ports),
    askMom: null,
    deadlineMs: () => deadlineMs,
  });
  reporter.reached('stopped');
  return failed([explanation, leavings(report)].filter((part) => part !== '').join('; '));
}

async function stopInOrder(
  running: Running,
  cause: StopCause,
  { stop, reporter }: Task,
  ports: ExecutorPorts,
): Promise<TaskEnd> {
  void reporter.tell('TASK_KILLING', `stopping pbs_mom: ${causeWords(cause)}`);
  const report = await stopMom(running.mom, {
    ...meansOf(running, ports),
    deadlineMs: () => stop.deadlineMs,
  });
  reporter.reached('stopped');
  return killed(`${causeWords(cause)}; ${describeStop(report)}`);
}

function meansOf(running: Running, ports: ExecutorPorts): Omit<StopMeans, 'deadlineMs'> {
  const { momctl, orders, env, followers, health } = running;
  const argv = momctlArgv(momctl, orders, 'shut down');
  const askMom = (): Promise<unknown> =>
    ports.run(argv, { timeoutMs: momctlTimeoutMs, outputBytesMax: momctlBytesMax, env });
  // momctl asks whoever listens on the port: only a mom that has shown itself to be ours is asked.
  return { clock: ports.clock, followers, askMom: health.kind === 'well' ? askMom : null };
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

function splitMark(mark: MomHome['mark']): readonly [string, string] {
  const at = mark.indexOf('=');
  return [mark.slice(0, at), mark.slice(at + 1)];
}

export function failed(message: string): TaskEnd {
  return { state: 'TASK_FAILED', message };
}

export function killed(message: string): TaskEnd {
  return { state: 'TASK_KILLED', message };
}
