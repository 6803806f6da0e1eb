/**
 * The chaos runner: rounds of jobs and faults on one mini-cluster of real processes, each round with an audit at its
 * end. Exit code 0 when every round came out as it should and nothing was left, 1 when not, 2 when it could not begin.
 */
import { mkdirSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { messageOf } from '@mesos-torque/common/text.ts';
import { buildExecutor } from '../build-executor.ts';
import { createCluster, type Cluster } from '../cluster.ts';
import { httpGet } from '../http-get.ts';
import { waitUntil } from '../wait-until.ts';
import { zooKeeperMissing } from '../zookeeper-server.ts';
import { stopServers } from './do-fault.ts';
import { chaosOptions, usage, type ChaosOptions } from './options.ts';
import { planRound } from './plan-round.ts';
import { playRound, sessionTimeoutMs, type RoundResult } from './play-round.ts';
import { reportOf, tableOf, takeoverText } from './report.ts';
import { superviseMasters } from './supervise-masters.ts';
import { watchDoubles } from './watch-doubles.ts';

const agents = 3;
const clearTriesMax = 10;
const interruptedCode = 130;

async function main(args: readonly string[]): Promise<number> {
  let options: ChaosOptions;
  try {
    options = chaosOptions(args);
    const missing = options.ha ? zooKeeperMissing() : null;
    if (missing !== null) throw new Error(`--ha: ${missing}`);
  } catch (error) {
    process.stderr.write(`${messageOf(error)}\n\n${usage}`);
    return 2;
  }
  const cluster = await clusterFor(options);
  const say = (line: string): void => {
    process.stderr.write(`${line}\n`);
  };
  say(`chaos in ${cluster.dir}`);
  const results: RoundResult[] = [];
  let processesLeft = 0;
  endOnSignal(cluster, say);
  try {
    await begin(cluster);
    await playAll(cluster, options, (result) => {
      results.push(result);
      say(lineOf(result));
    });
  } finally {
    await cluster.stop();
    await stopServers(cluster);
    processesLeft = (await cluster.processes()).length;
    await cluster.clear();
  }
  const report = reportOf(options, results, processesLeft);
  for (const line of tableOf(report)) say(line);
  process.stdout.write(`${JSON.stringify(report)}\n`);
  const isGood = report.roundsGood === options.rounds && processesLeft === 0;
  if (isGood && !options.keep) await rm(cluster.dir, { recursive: true, force: true });
  else say(`logs are in ${cluster.dir}`);
  return isGood ? 0 : 1;
}

/** A run that is broken off leaves nothing behind either; its logs stay. */
function endOnSignal(cluster: Cluster, say: (line: string) => void): void {
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    say(`stopped by ${signal}; logs are in ${cluster.dir}`);
    // What a fault is about to start again comes up in between.
    for (let tries = 0; tries < clearTriesMax && (await cluster.processes()).length > 0; tries += 1) {
      await cluster.clear();
    }
    process.exit(interruptedCode);
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void end(signal));
}

async function clusterFor({ ha }: ChaosOptions): Promise<Cluster> {
  const scratch = fileURLToPath(new URL('../../../../.mesos-torque/', import.meta.url));
  mkdirSync(scratch, { recursive: true });
  const dir = await mkdtemp(path.join(scratch, 'chaos-'));
  return createCluster({
    dir,
    agents: Array.from({ length: agents }, () => ({ cpus: 4, memMib: 2048, attributes: {} })),
    torque: 'stand-in',
    mesos: 'stand-in',
    user: '',
    executorFile: await buildExecutor(path.join(dir, 'torque-executor.mjs')),
    policy: {
      idleTime: '2s',
      npMax: 3,
      memPerSlot: '128MiB',
      minComputeNode: { np: 1, mem: '128MiB' },
      safeAllocation: { cpus: '9', mem: '6GiB', nodes: '3' },
      repeatInterval: '2s',
    },
    // Restarts by others that are over between two of its commands must not look like scheduling switched off.
    frameworkTorque: { home: path.join(dir, 'torque', 'home') },
    ...(ha ? { ha: { schedulers: 2, masters: 2, sessionTimeoutMs } } : {}),
  });
}

async function begin(cluster: Cluster): Promise<void> {
  await cluster.start();
  for (const [index, scheduler] of cluster.schedulers.entries()) {
    await scheduler.start();
    if (index > 0) continue;
    await waitUntil({ what: 'the framework is ready', timeoutMs: 60_000, everyMs: 200 }, () =>
      httpGet(cluster.head, scheduler.readyUrl),
    );
  }
}

async function playAll(
  cluster: Cluster,
  { rounds, seed, ha }: ChaosOptions,
  onRound: (result: RoundResult) => void,
): Promise<void> {
  const doubles = watchDoubles(cluster);
  const supervision = superviseMasters(cluster);
  try {
    for (let round = 0; round < rounds; round += 1) {
      onRound(await playRound(cluster, round, planRound(seed, round, ha), doubles));
    }
  } finally {
    await supervision.stop();
    await doubles.stop();
  }
}

function lineOf(result: RoundResult): string {
  const verdict = result.problems.length === 0 ? 'good' : `BAD ${result.problems.join('; ')}`;
  return `round ${String(result.round)}: ${result.seconds.toFixed(1)} s, ${String(result.launches)} launches, ${String(result.reruns)} reruns, ${verdict}\n    ${result.faults.join('\n    ')}${result.takeovers.length === 0 ? '' : `\n    takeover after ${result.takeovers.map(takeoverText).join(', ')}`}`;
}

process.exitCode = await main(process.argv.slice(2));
