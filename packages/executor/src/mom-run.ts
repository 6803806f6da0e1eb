/**
 * One pbs_mom from its start, or its adoption, until something is to be done about it: it ended, the task
 * is to stop, or its server has been silent for too long.
 */
import { unreachable } from '@mesos-torque/common/units.ts';
import { MomStage } from '@mesos-torque/proto/gen/torque/v1/orders.ts';
import { Followers } from './followers.ts';
import { momctlArgv, pbsMomArgv } from './mom-args.ts';
import { observe, unheard } from './mom-health.ts';
import type { Health, Observation } from './mom-health.ts';
import type { MomHome } from './mom-home.ts';
import type { CheckedOrders } from './orders.ts';
import type { ExecutorPorts, ExecutorSettings, MomProcess } from './ports.ts';
import type { TaskReporter } from './report.ts';
import { ServerSilence } from './server-silence.ts';
import type { StopSwitch } from './stop-switch.ts';
import { watchMom } from './watch-mom.ts';

/** momctl answers in 20 ms; a mom that is busy starting a job in some hundred. */
const momctlTimeoutMs = 5000;
const momctlBytesMax = 1024 * 1024;

/** Everything that a task's mom needs, found and checked. */
export interface Prepared {
  readonly orders: CheckedOrders;
  readonly home: MomHome;
  readonly pbsMom: string;
  readonly momctl: string;
  readonly env: Readonly<Record<string, string>>;
}

export interface Running extends Prepared {
  readonly mom: MomProcess;
  readonly followers: Followers;
  readonly silence: ServerSilence;
  /** The latest judgement; kept by the watch. */
  health: Health;
  /** Whether it has answered as it should, ever. */
  wasWell: boolean;
  /** Jobs on it, as it said last. */
  jobIds: readonly string[];
}

export type RunEnd =
  | { readonly kind: 'stop ordered' }
  | { readonly kind: 'ended' }
  /** To be started again with its jobs, or given up. */
  | { readonly kind: 'server silent'; readonly act: 'restart' | 'give up'; readonly why: string };

/** Takes over the mom that runs in this home already, or starts one. */
export async function firstMom(
  prepared: Prepared,
  ports: ExecutorPorts,
  settings: ExecutorSettings,
  reporter: TaskReporter,
): Promise<Running> {
  const adopted = await ports.adoptMom(prepared.home);
  if (adopted === null) return startMom(prepared, 'none yet', ports, settings, reporter);
  ports.log.info('pbs_mom adopted', { momPid: adopted.pid });
  return running(prepared, adopted, ports, settings, reporter);
}

/** The mom after one that ended, with the jobs that this one has left. */
export function nextMom(
  before: Running,
  ports: ExecutorPorts,
  settings: ExecutorSettings,
  reporter: TaskReporter,
): Running {
  const { silence, wasWell } = before;
  return { ...startMom(before, 'kept', ports, settings, reporter), silence, wasWell };
}

function startMom(
  prepared: Prepared,
  jobs: 'none yet' | 'kept',
  ports: ExecutorPorts,
  settings: ExecutorSettings,
  reporter: TaskReporter,
): Running {
  const { orders, home, env } = prepared;
  const argv = pbsMomArgv(prepared.pbsMom, orders, home.path, settings.hostName, jobs);
  const [markName, markValue] = splitMark(home.mark);
  const mom = ports.startMom(argv, { env: { ...env, [markName]: markValue }, cwd: settings.sandbox });
  ports.log.info('pbs_mom started', { momPid: mom.pid, argv: argv.join(' ') });
  return running(prepared, mom, ports, settings, reporter);
}

function running(
  prepared: Prepared,
  mom: MomProcess,
  ports: ExecutorPorts,
  settings: ExecutorSettings,
  reporter: TaskReporter,
): Running {
  const { orders, home } = prepared;
  reporter.reached('mom-started');
  reporter.stand({ stage: MomStage.MOM_STAGE_STARTED, momManagerPort: orders.managerPort });
  const followers = new Followers(ports.processes, home.mark, settings.ownPid);
  const silence = new ServerSilence(ports.clock.nowMs());
  const { pbsMom, momctl, env } = prepared;
  const fresh = { health: unheard, wasWell: false, jobIds: [] };
  return { orders, home, pbsMom, momctl, env, mom, followers, silence, ...fresh };
}

/** Watches the mom until it ends, is to be stopped, or its server is given up. */
export async function watchUntilEnd(
  run: Running,
  stop: StopSwitch,
  reporter: TaskReporter,
  ports: ExecutorPorts,
): Promise<RunEnd> {
  const watching = new AbortController();
  let silent: (end: RunEnd) => void = () => undefined;
  const silentEnd = new Promise<RunEnd>((resolve) => {
    silent = resolve;
  });
  void watchMom({
    clock: ports.clock,
    healthIntervalMs: run.orders.healthIntervalMs,
    signal: watching.signal,
    ask: async () => {
      const observation = await askMom(run, ports);
      const end = heedSilence(run, observation, ports);
      if (end !== null) silent(end);
      return observation;
    },
    onChange: (health) => {
      run.health = health;
      tellHealth(health, run, reporter);
    },
  });
  const end = await Promise.race([
    stop.thrown.then((): RunEnd => ({ kind: 'stop ordered' })),
    run.mom.exited.then((): RunEnd => ({ kind: 'ended' })),
    silentEnd,
  ]);
  watching.abort();
  return stop.cause === null ? end : { kind: 'stop ordered' };
}

/** One question to the mom; what it says of its jobs is kept. */
export async function askMom(run: Running, ports: ExecutorPorts): Promise<Observation> {
  const { orders, home, momctl, env } = run;
  const expected = { homes: [home.path, home.folder], pbsServer: orders.pbsServer };
  const argv = momctlArgv(momctl, orders, 'diagnose');
  const options = { timeoutMs: momctlTimeoutMs, outputBytesMax: momctlBytesMax, env };
  const observation = observe(await ports.run(argv, options), expected);
  if (observation.kind === 'answering') run.jobIds = observation.jobIds;
  return observation;
}

/** Runs `momctl` for its effect. */
export function orderMom(run: Running, what: 'nudge' | 'shut down', ports: ExecutorPorts): Promise<unknown> {
  const argv = momctlArgv(run.momctl, run.orders, what);
  return ports.run(argv, { timeoutMs: momctlTimeoutMs, outputBytesMax: momctlBytesMax, env: run.env });
}

function heedSilence(run: Running, observation: Observation, ports: ExecutorPorts): RunEnd | null {
  if (observation.kind !== 'answering') return null;
  const nowMs = ports.clock.nowMs();
  const act = run.silence.look(nowMs, observation.silentS, observation.jobIds.length);
  const silentS = Math.round(run.silence.silentMs(nowMs) / 1000);
  const why = `pbs_mom and ${run.orders.pbsServer} have had no words for ${silentS} s`;
  switch (act) {
    case 'none':
      return null;
    case 'nudge':
      ports.log.warn('pbs_mom nudged', { why });
      void orderMom(run, 'nudge', ports);
      return null;
    case 'restart':
    case 'give up':
      return { kind: 'server silent', act, why };
    default:
      return unreachable(act);
  }
}

function tellHealth(health: Health, run: Running, reporter: TaskReporter): void {
  switch (health.kind) {
    case 'unheard':
      return;
    case 'well':
      run.wasWell = true;
      reporter.reached('answering');
      reporter.stand({
        stage: MomStage.MOM_STAGE_ANSWERING,
        nodeName: health.momName,
        trusted: health.trusted,
      });
      void reporter.tell('TASK_RUNNING', `pbs_mom answers as ${health.momName}`, true);
      // Should it die suddenly, what it has started by now is known.
      void run.followers.look(run.mom.exit === null ? run.mom.pid : null);
      return;
    case 'ill':
      void reporter.tell('TASK_RUNNING', health.why, false);
      return;
    default:
      unreachable(health);
  }
}

function splitMark(mark: MomHome['mark']): readonly [string, string] {
  const at = mark.indexOf('=');
  return [mark.slice(0, at), mark.slice(at + 1)];
}
