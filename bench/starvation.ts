/**
 * `pnpm bench starvation [--agents 2] [--rounds 3] [--gang-hold 30s] [--json]`: how long another framework, which wants everything
 * that we do not use, waits for what we do not need: while our queue is empty, while a job of ours runs, after it, and while a job
 * waits for more nodes than there are machines. On a mini-cluster of stand-ins; the idle time is a second, since what
 * is kept for the next job is the administrator's choice.
 */
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { buildExecutor } from '../packages/minicluster/src/build-executor.ts';
import { createCluster, type Cluster } from '../packages/minicluster/src/cluster.ts';
import { httpGet } from '../packages/minicluster/src/http-get.ts';
import { waitUntil } from '../packages/minicluster/src/wait-until.ts';
import type { Shares } from './starvation/meter.ts';
import { playRound, type Played } from './starvation/play.ts';
import { untilInterrupted } from './shared/until-interrupted.ts';

const root = fileURLToPath(new URL('../', import.meta.url));

interface Options {
  readonly agents: number;
  readonly rounds: number;
  readonly gangHold: string;
  readonly json: boolean;
}

export async function run(args: string[]): Promise<void> {
  const options = readOptions(args);
  const scratch = path.join(root, '.mesos-torque');
  await mkdir(scratch, { recursive: true });
  const dir = await mkdtemp(path.join(scratch, 'starvation-'));
  const cluster = await createCluster({
    dir,
    agents: Array.from({ length: options.agents }, () => ({ cpus: 4, memMib: 4096, attributes: {} })),
    torque: 'stand-in',
    mesos: 'stand-in',
    user: '',
    executorFile: await buildExecutor(path.join(dir, 'torque-executor.mjs')),
    policy: {
      minSlotsHeld: 0,
      idleTime: '1s',
      npMax: 3,
      memPerSlot: '256MiB',
      minComputeNode: { np: 1, mem: '256MiB' },
      gangHold: options.gangHold,
    },
  });
  const played: Played[] = [];
  try {
    await Promise.race([playAll(cluster, options, played), untilInterrupted()]);
  } finally {
    await cluster.stop();
    await cluster.clear();
  }
  show(played, options);
  await rm(dir, { recursive: true, force: true });
}

async function playAll(cluster: Cluster, { rounds }: Options, played: Played[]): Promise<void> {
  await cluster.start();
  await cluster.framework.start();
  await waitUntil({ what: 'the framework is ready', timeoutMs: 60_000, everyMs: 100 }, () =>
    httpGet(cluster.head, cluster.framework.readyUrl),
  );
  for (let round = 1; round <= rounds; round += 1) {
    await playRound(cluster, round, (one) => {
      played.push(one);
      console.error(
        `round ${String(round)} ${one.phase}: the other one waited ${seconds(one.otherWaitedMs)} s`,
      );
    });
  }
}

function readOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      agents: { type: 'string', default: '2' },
      rounds: { type: 'string', default: '3' },
      'gang-hold': { type: 'string', default: '30s' },
      json: { type: 'boolean', default: false },
    },
  });
  const [agents, rounds] = [Number(values.agents), Number(values.rounds)];
  for (const number of [agents, rounds]) {
    if (!Number.isInteger(number) || number < 1 || number > 20)
      throw new Error('--agents and --rounds are whole numbers from 1 to 20');
  }
  return { agents, rounds, gangHold: values['gang-hold'], json: values.json };
}

function show(played: readonly Played[], { json }: Options): void {
  if (json) {
    for (const one of played) console.log(JSON.stringify(one));
    return;
  }
  console.log(
    'phase                 other waited s (median, most)  we held s  offer held s (most)  shares of the processors’ time',
  );
  for (const phase of new Set(played.map((one) => one.phase))) {
    const rows = played.filter((one) => one.phase === phase);
    const waited = rows.map(({ otherWaitedMs }) => otherWaitedMs).sort((a, b) => a - b);
    const held = rows.flatMap(({ weHeldMs }) => weHeldMs ?? []).sort((a, b) => a - b);
    const offerHeldMs = Math.max(...rows.map(({ offerHeldMostMs }) => offerHeldMostMs));
    const spread = `${seconds(median(waited))}  ${seconds(waited.at(-1) ?? 0)}`;
    const heldText = held.length === 0 ? '-' : seconds(median(held));
    console.log(
      `${phase.padEnd(21)} ${spread.padEnd(30)} ${heldText.padEnd(10)} ${seconds(offerHeldMs).padEnd(20)} ${sharesText(rows.map(({ cpuSeconds }) => cpuSeconds))}`,
    );
  }
}

function sharesText(all: readonly Shares[]): string {
  const of = (key: keyof Shares): number => all.reduce((total, one) => total + one[key], 0);
  const keys = ['ours', 'others', 'offeredToUs', 'offeredToOthers', 'idle'] as const;
  const whole = keys.reduce((total, key) => total + of(key), 0);
  const words = {
    ours: 'ours',
    others: 'theirs',
    offeredToUs: 'offered to us',
    offeredToOthers: 'offered to them',
    idle: 'idle, not offered',
  };
  return keys
    .map((key) => `${words[key]} ${((100 * of(key)) / Math.max(1e-9, whole)).toFixed(0)} %`)
    .join(', ');
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(1);
}

function median(sorted: readonly number[]): number {
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}
