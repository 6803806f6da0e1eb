/** What is played: our queue idle, busy and idle again beside a framework that wants everything we do not use. */
import os from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import type { Cluster } from '../../packages/minicluster/src/cluster.ts';
import { waitUntil } from '../../packages/minicluster/src/wait-until.ts';
import { otherFramework, type OtherFramework } from '../../test-e2e/src/other-framework.ts';
import { startMeter, type Metered, type Shares } from './meter.ts';

export type Phase = 'idle' | 'busy' | 'idle again' | 'gang that cannot be';

/** One phase of one round. */
export interface Played extends Metered {
  readonly round: number;
  readonly phase: Phase;
  /** How long the other one waited for what we did not need, or did not need any more. Milliseconds. */
  readonly otherWaitedMs: number;
  /** Of this, how long we still held it. Null where we held nothing. */
  readonly weHeldMs: number | null;
}

const waitMsMax = 120_000;
const lookMs = 50;
/** So long a phase goes on where nothing more is to change, for the shares of the time. */
const steadyMs = 5_000;
/** What a node of three slots takes, the executor's share included. */
const slots = 3;
const closeEnough = 0.01;

/** Three phases with one job, then one with a job of more nodes than there are machines. */
export async function playRound(
  cluster: Cluster,
  round: number,
  onPhase: (played: Played) => void,
): Promise<void> {
  const first = otherFramework(`greedy-${String(round)}`, os.userInfo().username);
  try {
    onPhase(await idle(cluster, round, first));
  } finally {
    await leave(cluster, first);
  }
  const second = otherFramework(`greedy-${String(round)}-again`, os.userInfo().username);
  try {
    const job = await cluster.qsub(['-l', `nodes=1:ppn=${String(slots)}`], 'sleep 3600\n');
    await until('our job runs', async () => (await stateOf(cluster, job)) === 'R');
    onPhase(await busy(cluster, round, second));
    onPhase(await idleAgain(cluster, round, job));
  } finally {
    await leave(cluster, second);
  }
  const third = otherFramework(`greedy-${String(round)}-gang`, os.userInfo().username);
  try {
    onPhase(await gang(cluster, round, third));
  } finally {
    await leave(cluster, third);
  }
}

/** Nothing of ours waits or runs. */
async function idle(cluster: Cluster, round: number, other: OtherFramework): Promise<Played> {
  const meter = startMeter(cluster);
  const beganMs = performance.now();
  await other.open(cluster.mesos.masterUrls);
  await until('the other one has everything', () => has(meter.now(), { ours: false }));
  const otherWaitedMs = since(beganMs);
  await delay(steadyMs);
  return { round, phase: 'idle', otherWaitedMs, weHeldMs: null, ...(await meter.stop()) };
}

/** A job of ours runs on a part of one machine, and nothing waits. */
async function busy(cluster: Cluster, round: number, other: OtherFramework): Promise<Played> {
  const meter = startMeter(cluster);
  const beganMs = performance.now();
  await other.open(cluster.mesos.masterUrls);
  await until('the other one has all but ours', () => has(meter.now(), { ours: true }));
  const otherWaitedMs = since(beganMs);
  await delay(steadyMs);
  return { round, phase: 'busy', otherWaitedMs, weHeldMs: null, ...(await meter.stop()) };
}

/** The job is over: from then on we need nothing. */
async function idleAgain(cluster: Cluster, round: number, job: string): Promise<Played> {
  const meter = startMeter(cluster);
  await until('the master was looked at', () => meter.now() !== null);
  await cluster.run('admin', ['qdel', job]);
  await until('our job is over', async () => (await stateOf(cluster, job)) === 'C');
  const beganMs = performance.now();
  await until('we hold nothing', () => meter.now()?.ours === 0);
  const weHeldMs = since(beganMs);
  await until('the other one has everything', () => has(meter.now(), { ours: false }));
  const otherWaitedMs = since(beganMs);
  return { round, phase: 'idle again', otherWaitedMs, weHeldMs, ...(await meter.stop()) };
}

/** A job of ours waits for more nodes than there are machines: what is collected for it has to be let go. */
async function gang(cluster: Cluster, round: number, other: OtherFramework): Promise<Played> {
  const meter = startMeter(cluster);
  const nodes = cluster.mesos.agents.length + 1;
  const job = await cluster.qsub(['-l', `nodes=${String(nodes)}:ppn=2`], 'sleep 1\n');
  await until('offers are held for our job', () => (meter.now()?.offeredToUs ?? 0) > 0);
  const beganMs = performance.now();
  await other.open(cluster.mesos.masterUrls);
  await until('the other one has everything', () => has(meter.now(), { ours: false }));
  const otherWaitedMs = since(beganMs);
  await cluster.run('admin', ['qdel', job]);
  return { round, phase: 'gang that cannot be', otherWaitedMs, weHeldMs: null, ...(await meter.stop()) };
}

/** Everything is the others', or all that is not in our tasks. */
function has(look: Shares | null, { ours }: { readonly ours: boolean }): boolean {
  if (look === null) return false;
  const rest = look.offeredToUs + look.offeredToOthers + look.idle + (ours ? 0 : look.ours);
  return look.others > 0 && rest < closeEnough;
}

async function leave(cluster: Cluster, other: OtherFramework): Promise<void> {
  other.mustBeWell();
  await other.close();
  await until('the machines are free', async () => (await cluster.tasks()).live.length === 0);
}

async function stateOf(cluster: Cluster, job: string): Promise<string> {
  return (await cluster.jobs()).find(({ id }) => id === job)?.state ?? 'C';
}

function until(what: string, look: () => Promise<boolean> | boolean): Promise<unknown> {
  return waitUntil({ what, timeoutMs: waitMsMax, everyMs: lookMs }, async () => look());
}

function since(beganMs: number): number {
  return Math.round(performance.now() - beganMs);
}
