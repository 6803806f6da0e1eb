/** One round: jobs come, faults happen, everything ends; then the audit, which asks TORQUE, Mesos and the system. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { messageOf } from '@mesos-torque/common/text.ts';
import type { Cluster } from '../cluster.ts';
import { waitUntil } from '../wait-until.ts';
import { awaitTrigger } from './await-trigger.ts';
import { doFault, type FaultDone } from './do-fault.ts';
import { countOf } from './journal.ts';
import { faultText, type Fault } from './plan-round.ts';
import { timed, type TimedTakeover } from './takeover.ts';
import type { DoubleWatch } from './watch-doubles.ts';

export interface RoundResult {
  readonly round: number;
  readonly seconds: number;
  readonly faults: readonly string[];
  readonly takeovers: readonly TimedTakeover[];
  readonly jobs: number;
  /** Jobs that were begun more than once. */
  readonly reruns: number;
  readonly launches: number;
  /** Empty where everything came out as it should. */
  readonly problems: readonly string[];
}

/** Of the schedulers that choose their leader in ZooKeeper. */
export const sessionTimeoutMs = 4_000;

const endMsMax = 240_000;
const settleMs = 2_000;
const executorsEndMsMax = 30_000;
const submitTries = 60;

export async function playRound(
  cluster: Cluster,
  round: number,
  plan: readonly Fault[],
  doubles: DoubleWatch,
): Promise<RoundResult> {
  const beganMs = Date.now();
  const problems: string[] = [];
  let isOver = false;
  const faults = plan.map((fault) => play(cluster, fault, beganMs, () => isOver));
  const ids = await submit(cluster, round);
  const done = Promise.all(faults);
  await until('all jobs are done', () => areDone(cluster, ids), problems);
  await until('all nodes are given back', () => isEmpty(cluster), problems);
  isOver = true;
  const told = await done;
  // What was killed last is back now, and may find something to do.
  await delay(settleMs);
  await until('all nodes are given back, also after the last fault', () => isEmpty(cluster), problems);
  await executorsEnd(cluster);
  problems.push(...(await audit(cluster, ids)), ...doubles.take().map((double) => `two at once: ${double}`));
  problems.push(...told.flatMap(({ problem }) => (problem === null ? [] : [problem])));
  return {
    round,
    seconds: (Date.now() - beganMs) / 1000,
    faults: told.map(({ text }) => text),
    takeovers: takeoversOf(told),
    jobs: ids.length,
    reruns: await rerunsOf(cluster, ids),
    launches: await countOf(cluster.schedulers, beganMs, 'task launched'),
    problems,
  };
}

function takeoversOf(told: readonly FaultDone[]): readonly TimedTakeover[] {
  const away = told.flatMap(({ zooKeeperAway }) => (zooKeeperAway === null ? [] : [zooKeeperAway]));
  return told.flatMap(({ takeover }) => (takeover === null ? [] : [timed(takeover, away, sessionTimeoutMs)]));
}

type Played = FaultDone & { readonly problem: string | null };

const nothingDone = { takeover: null, zooKeeperAway: null } as const;

async function play(cluster: Cluster, fault: Fault, sinceMs: number, isOver: () => boolean): Promise<Played> {
  const text = faultText(fault);
  if (!(await awaitTrigger(cluster.schedulers, sinceMs, fault.trigger, isOver))) {
    return { text: `${text}: did not come to it`, ...nothingDone, problem: null };
  }
  try {
    const done = await doFault(cluster, fault);
    return { ...done, text: `${text}: ${done.text}`, problem: null };
  } catch (error) {
    return { text, ...nothingDone, problem: `${text}: ${messageOf(error)}` };
  }
}

/** Singles, a wide one and an array; each element says that it runs. */
async function submit(cluster: Cluster, round: number): Promise<readonly string[]> {
  const ran = path.join(cluster.dir, 'chaos-ran');
  const script = (seconds: number): string => `echo $PBS_JOBID >> ${ran}\nsleep ${String(seconds)}\n`;
  const name = (what: string): string[] => ['-N', `r${String(round)}${what}`];
  const small = [...name('s'), '-l', 'nodes=1:ppn=1,walltime=00:05:00'];
  const wide = [...name('w'), '-l', 'nodes=2:ppn=2,walltime=00:05:00'];
  const array = [...name('a'), '-t', '1-3', '-l', 'nodes=1:ppn=1,walltime=00:05:00'];
  const first = [
    await qsub(cluster, small, script(2)),
    await qsub(cluster, wide, script(2)),
    await qsub(cluster, small, script(1)),
  ];
  const all = await qsub(cluster, array, script(1));
  return [...first, ...[1, 2, 3].map((index) => all.replace('[]', `[${String(index)}]`))];
}

/** pbs_server may be away: users try again, too. */
async function qsub(cluster: Cluster, args: readonly string[], script: string): Promise<string> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await cluster.qsub(args, script);
    } catch (error) {
      if (tries >= submitTries) throw error;
      await delay(500);
    }
  }
}

async function until(what: string, look: () => Promise<boolean>, problems: string[]): Promise<void> {
  await waitUntil({ what, timeoutMs: endMsMax, everyMs: 300 }, look).catch((error: unknown) => {
    problems.push(messageOf(error));
  });
}

async function areDone(cluster: Cluster, ids: readonly string[]): Promise<boolean> {
  const jobs = await cluster.jobs();
  return ids.every((id) => jobs.find((job) => job.id === id)?.state === 'C');
}

async function isEmpty(cluster: Cluster): Promise<boolean> {
  const [nodes, tasks] = await Promise.all([cluster.nodes(), cluster.tasks()]);
  return nodes.every(({ name }) => name === cluster.head.name) && tasks.live.length === 0;
}

/** An executor whose agent died before it could be given its task ends by itself when none has come for a while. */
async function executorsEnd(cluster: Cluster): Promise<void> {
  await waitUntil({ what: 'executors have ended', timeoutMs: executorsEndMsMax, everyMs: 500 }, async () => {
    return (await ofTasks(cluster)).length === 0;
  }).catch(() => undefined);
}

async function ofTasks(cluster: Cluster): ReturnType<Cluster['processes']> {
  return (await cluster.processes()).filter(({ command }) => /torque-executor|pbs_mom/.test(command));
}

async function audit(cluster: Cluster, ids: readonly string[]): Promise<readonly string[]> {
  const [jobs, nodes, tasks, processes] = await Promise.all([
    cluster.jobs(),
    cluster.nodes(),
    cluster.tasks(),
    ofTasks(cluster),
  ]);
  const lost = ids.filter((id) => !jobs.some((job) => job.id === id)).map((id) => `job ${id} is lost`);
  const failed = jobs
    .filter(({ id, state, exitStatus }) => ids.includes(id) && (state !== 'C' || exitStatus !== 0))
    .map(
      ({ id, state, exitStatus, comment }) => `job ${id}: ${state}, exit ${String(exitStatus)}, ${comment}`,
    );
  const nodesLeft = nodes
    .filter(({ name }) => name !== cluster.head.name)
    .map(({ name, states }) => `node ${name} is left: ${states.join(',')}`);
  const tasksLeft = tasks.live.map(({ id, state }) => `task ${id} is left: ${state}`);
  const processesLeft = processes.map(({ pid, command }) => `process ${String(pid)} is left: ${command}`);
  const ended = await schedulersEnded(cluster);
  return [...lost, ...failed, ...nodesLeft, ...tasksLeft, ...processesLeft, ...ended];
}

/** Those that were killed were started again: one that does not run now has ended by itself. */
async function schedulersEnded(cluster: Cluster): Promise<readonly string[]> {
  const ended = cluster.schedulers.filter((scheduler) => scheduler.daemon()?.exit() !== null);
  for (const scheduler of ended) await scheduler.start();
  return ended.map(({ name }) => `${name} had ended by itself`);
}

async function rerunsOf(cluster: Cluster, ids: readonly string[]): Promise<number> {
  const text = await readFile(path.join(cluster.dir, 'chaos-ran'), 'utf8').catch(() => '');
  const runs = text.split('\n');
  return ids.filter((id) => runs.filter((run) => run === id).length > 1).length;
}
