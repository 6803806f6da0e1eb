/** Plays one case on one agent of a running cluster, and says what was wrong with it. */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { messageOf } from '@mesos-torque/common/text.ts';
import type { Cluster } from '../cluster.ts';
import { waitUntil } from '../wait-until.ts';
import { unreachable } from '@mesos-torque/common/units.ts';
import type { KillCase, Phase, Victim } from './cases.ts';
import { statusesTold, type ToldStatus } from './told.ts';
import { allProcesses, parentOf, tracesOf, type Found, type TaskMarks } from './traces.ts';

export interface Played {
  /** As sentences; none when all went as it should. */
  readonly faults: readonly string[];
  /** From the kill to nothing left of the task, or to the end of its job where it goes on. Milliseconds. */
  readonly goneMs: number;
  /** State and message of the status that the case is about. */
  readonly told: string;
}

export interface Stage {
  readonly cluster: Cluster;
  /** Which agent it is, from 0 on. */
  readonly agent: number;
  /** How long an executor lives without an agent. Milliseconds. */
  readonly recoveryMs: number;
}

/** A task of the case, as it was when the phase was reached. */
interface Target extends TaskMarks {
  readonly taskId: string;
  readonly job: string;
  readonly executor: Found;
}

const phaseMsMax = 90_000;
const goneMsMax = 30_000;
const toldMsMax = 60_000;
const givenBackMsMax = 120_000;
const fastMs = 30;
/** Long enough to be found, short enough to be waited for. */
const shortJobS = 3;
const longJobS = 600;

export async function playCase(kill: KillCase, stage: Stage): Promise<Played> {
  const job = await submit(kill, stage);
  try {
    return await playWith(job, kill, stage);
  } finally {
    await tidyUp(job, stage);
  }
}

async function playWith(job: string, kill: KillCase, stage: Stage): Promise<Played> {
  const target = await reachPhase(kill.phase, job, stage);
  await strike(kill.victim, target, stage);
  const killedMs = Date.now();
  if (kill.victim === 'agent') await stage.cluster.mesos.startAgent(stage.agent);
  const faults: string[] = [];
  const note = async (step: Promise<unknown>): Promise<void> => {
    await step.catch((error: unknown) => faults.push(messageOf(error)));
  };
  if (kill.task === 'goes on') await note(jobEnds(kill, target, stage));
  if (kill.task === 'ends') await note(nothingLeft(target, stage, goneMsMax + stage.recoveryMs));
  const goneMs = Date.now() - killedMs;
  if (kill.victim === 'agent for good') await stage.cluster.mesos.startAgent(stage.agent);
  let told = 'nothing';
  await note(
    statusLike(kill.told, target, killedMs, stage).then((words) => {
      told = words;
    }),
  );
  // With the job's end the node is given back, and with the node goes what there may be of a later task.
  await stage.cluster.run('admin', ['qdel', '-p', job]);
  if (kill.task !== 'ends') await note(nothingLeft(target, stage, givenBackMsMax));
  return { faults, goneMs, told };
}

function submit({ phase, victim, task }: KillCase, stage: Stage): Promise<string> {
  const staysLong = task === 'ends' && phase !== 'giving back' ? longJobS : shortJobS;
  const seconds = victim === 'job shell' ? longJobS : staysLong;
  return stage.cluster.qsub(['-l', `nodes=${nodeName(stage)}:ppn=1`], `sleep ${seconds}\nexit 0\n`);
}

async function reachPhase(phase: Phase, job: string, stage: Stage): Promise<Target> {
  const target = { ...(await newTask(stage)), job };
  switch (phase) {
    case 'starting':
      // As soon as there is anything to be left behind; how long the order to start takes is for others to say.
      await waitUntil({ what: 'the home is made', timeoutMs: phaseMsMax, everyMs: fastMs }, () =>
        existsSync(path.join(target.sandbox, 'torque-home')),
      );
      break;
    case 'registering':
      await mom(target);
      break;
    case 'running':
      await jobShell(target);
      break;
    case 'stopping':
      await jobShell(target);
      process.kill((await mom(target)).pid, 'SIGSTOP');
      process.kill(target.executor.pid, 'SIGTERM');
      await stopOrdered(target, stage);
      break;
    case 'giving back':
      await jobState(target, stage, 'C');
      process.kill((await mom(target)).pid, 'SIGSTOP');
      await stopOrdered(target, stage);
      break;
    default:
      unreachable(phase);
  }
  return target;
}

/** The executor that has just come up on the agent, which had none. */
async function newTask(stage: Stage): Promise<Omit<Target, 'job'>> {
  const ofNode = `MESOS_EXECUTOR_ID=mom.${nodeName(stage)}.`;
  const what = `an executor on ${nodeName(stage)}`;
  const executor = await waitUntil({ what, timeoutMs: phaseMsMax, everyMs: fastMs }, async () =>
    (await allProcesses()).find(
      ({ command, environment }) =>
        command.includes('torque-executor') &&
        environment.includes(ofNode) &&
        environment.includes(stage.cluster.dir),
    ),
  );
  const variable = (name: string): string =>
    executor.environment
      .split('\0')
      .find((entry) => entry.startsWith(`${name}=`))
      ?.slice(name.length + 1) ?? '';
  const [frameworkId, taskId, sandbox] = ['MESOS_FRAMEWORK_ID', 'MESOS_EXECUTOR_ID', 'MESOS_SANDBOX'].map(
    variable,
  );
  if (frameworkId === undefined || taskId === undefined || sandbox === undefined)
    throw new Error(`${what} has no environment`);
  // As the executor itself names its home.
  const text = [frameworkId, taskId, sandbox].join('\0');
  const homeId = createHash('sha256').update(text).digest('hex').slice(0, 16);
  return { taskId, sandbox, homeId, executor };
}

async function strike(victim: Victim, target: Target, stage: Stage): Promise<void> {
  switch (victim) {
    case 'executor':
      process.kill(target.executor.pid, 'SIGKILL');
      return;
    case 'pbs_mom':
      process.kill((await mom(target)).pid, 'SIGKILL');
      return;
    case 'job shell':
      process.kill((await jobShell(target)).pid, 'SIGKILL');
      return;
    case 'agent':
    case 'agent for good': {
      const agent = stage.cluster.mesos.agents[stage.agent];
      agent?.signal('SIGKILL');
      await agent?.ended;
      return;
    }
    default:
      unreachable(victim);
  }
}

/** pbs_mom itself: what it forks has its command line too, and where the numbers have begun anew a lower one. */
function mom(target: Target): Promise<Found> {
  return waitUntil({ what: 'pbs_mom runs', timeoutMs: phaseMsMax, everyMs: fastMs }, async () => {
    const moms = await momsOf(target);
    const parents = await Promise.all(moms.map(({ pid }) => parentOf(pid)));
    return moms.find((_, index) => moms.every(({ pid }) => pid !== parents[index]));
  });
}

async function momsOf({ sandbox, homeId }: Target): Promise<readonly Found[]> {
  return (await allProcesses())
    .filter(({ command }) => command.includes('pbs_mom -D'))
    .filter(({ command }) => command.includes(homeId) || command.includes(sandbox));
}

/** The shell that runs the job's script: what has started its sleep. */
function jobShell({ homeId, job }: Target): Promise<Found> {
  return waitUntil({ what: 'the job runs', timeoutMs: phaseMsMax, everyMs: fastMs }, async () => {
    const all = await allProcesses();
    const sleep = all.find(
      ({ command, environment }) =>
        command.startsWith('sleep ') &&
        environment.includes(homeId) &&
        environment.includes(`PBS_JOBID=${job}`),
    );
    const shell = sleep === undefined ? null : await parentOf(sleep.pid);
    return all.find(({ pid }) => pid === shell);
  });
}

async function jobState({ job }: Target, { cluster }: Stage, state: string): Promise<number | null> {
  const what = `job ${job} is in state ${state}`;
  const seen = await waitUntil({ what, timeoutMs: phaseMsMax, everyMs: 200 }, async () =>
    (await cluster.jobs()).find((one) => one.id === job && one.state === state),
  );
  return seen.exitStatus;
}

async function stopOrdered(target: Target, stage: Stage): Promise<void> {
  await told(stage, 'TASK_KILLING', (one) =>
    isOf(one, target) && one.state === 'TASK_KILLING' ? one : null,
  );
}

async function jobEnds({ victim }: KillCase, target: Target, stage: Stage): Promise<void> {
  const exit = await jobState(target, stage, 'C');
  if ((exit === 0) === (victim === 'job shell'))
    throw new Error(`${target.job} ended with exit status ${String(exit)}`);
}

async function nothingLeft(target: Target, stage: Stage, timeoutMs: number): Promise<void> {
  let left: readonly string[] = [];
  const agentPid = stage.cluster.mesos.agents[stage.agent]?.pid ?? process.pid;
  await waitUntil({ what: 'nothing is left of the task', timeoutMs, everyMs: 100 }, async () => {
    left = await tracesOf(target, agentPid);
    return left.length === 0;
  }).catch(() => {
    throw new Error(`left after ${timeoutMs / 1000} s: ${left.join('; ')}`);
  });
}

/** A status of the task that came after the kill. */
async function statusLike(pattern: RegExp, target: Target, sinceMs: number, stage: Stage): Promise<string> {
  return told(stage, `a status like ${String(pattern)}`, (one) => {
    const words = `${one.state} ${one.message}`;
    return isOf(one, target) && one.atMs >= sinceMs && pattern.test(words) ? words : null;
  });
}

async function told<T>({ cluster }: Stage, what: string, pick: (status: ToldStatus) => T | null): Promise<T> {
  let seen: readonly ToldStatus[] = [];
  return waitUntil({ what, timeoutMs: toldMsMax, everyMs: fastMs }, async () => {
    seen = await statusesTold(cluster.framework.stateDir);
    for (const status of seen) {
      const picked = pick(status);
      if (picked !== null) return picked;
    }
    return null;
  });
}

function isOf({ taskId }: ToldStatus, target: Target): boolean {
  return taskId === target.taskId;
}

function nodeName({ cluster, agent }: Stage): string {
  const name = cluster.agentHosts[agent]?.name;
  if (name === undefined) throw new Error(`there is no agent ${agent + 1}`);
  return name;
}

/** The agent is free for the next case when this is over. */
async function tidyUp(job: string, stage: Stage): Promise<void> {
  const { cluster } = stage;
  await cluster.run('admin', ['qdel', '-p', job]);
  const name = nodeName(stage);
  const what = `${name} is given back`;
  await waitUntil({ what, timeoutMs: givenBackMsMax, everyMs: 200 }, async () => {
    const [nodes, tasks] = await Promise.all([cluster.nodes(), cluster.tasks()]);
    const isThere = nodes.some((node) => node.name === name);
    return !isThere && !tasks.live.some(({ id }) => id.startsWith(`mom.${name}.`));
  });
}
