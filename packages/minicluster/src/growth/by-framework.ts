/** Growth by the framework: a job is submitted, and its journal tells where the time went. */
import { setTimeout as delay } from 'node:timers/promises';
import type { WatchResponse } from '@mesos-torque/proto/gen/control/v1/messages.ts';
import type { Cluster } from '../cluster.ts';
import { watchFramework } from '../demo/watch-framework.ts';
import { waitUntil } from '../wait-until.ts';
import { hasSucceeded, jobRuns, settleMs, type Growth } from './growth.ts';
import { restartServer, type Restart } from './restart-server.ts';

/** Events of the journal that end a step, in the order in which a growth goes through them. */
const milestones: readonly {
  readonly step: string;
  readonly isReached: (entry: WatchResponse) => boolean;
}[] = [
  { step: 'noticed', isReached: ({ event }) => event === 'offers revived' },
  { step: 'launched', isReached: ({ event }) => event === 'task launched' },
  { step: 'created', isReached: ({ event }) => event === 'node created' },
  { step: 'host list sent', isReached: ({ event }) => event === 'mom start ordered' },
  { step: 'up', isReached: (entry) => entry.event === 'node phase changed' && hasTo(entry, 'up') },
  { step: 'cycle', isReached: ({ event }) => event === 'scheduling cycle asked for' },
];

function hasTo({ data }: WatchResponse, phase: string): boolean {
  return JSON.stringify(data).includes(`"${phase}"`);
}

/**
 * One growth; the nodes have left again when it resolves. With `restart`, pbs_server is ended and started
 * again once the first node is on its way.
 */
export async function growByFramework(
  cluster: Cluster,
  count: number,
  restart: Restart | null,
): Promise<Growth> {
  const entries: { readonly entry: WatchResponse; readonly atMs: number }[] = [];
  const watch = watchFramework(cluster.framework.socket, (entry) => {
    entries.push({ entry, atMs: Date.now() });
  });
  try {
    await waitUntil({ what: 'the framework answers', timeoutMs: 10_000 }, () => watch.status());
    // The journal so far comes at once; it tells of growths before this one.
    await delay(500);
    entries.length = 0;
    const beganMs = Date.now();
    const job = await cluster.qsub(['-l', `nodes=${String(count)}:ppn=2`], 'sleep 1\n');
    const awayMs = restart === null ? null : await restartAtLaunch(cluster, restart, entries);
    await jobRuns(cluster, job);
    const endMs = Date.now();
    await nothingLeft(cluster, job);
    await hasSucceeded(cluster, job);
    await delay(settleMs);
    return { totalMs: endMs - beganMs, steps: stepsOf(entries, beganMs, endMs), awayMs };
  } finally {
    watch.close();
  }
}

async function restartAtLaunch(
  cluster: Cluster,
  restart: Restart,
  entries: readonly { readonly entry: WatchResponse }[],
): Promise<number> {
  await waitUntil({ what: 'the framework launches', timeoutMs: 60_000, everyMs: 20 }, () =>
    entries.some(({ entry }) => entry.event === 'task launched'),
  );
  return restartServer(cluster, restart);
}

/** A step ends when the last of the nodes has made it. */
function stepsOf(
  entries: readonly { readonly entry: WatchResponse; readonly atMs: number }[],
  beganMs: number,
  endMs: number,
): Growth['steps'] {
  let lastMs = beganMs;
  const steps = milestones.map(({ step, isReached }) => {
    const times = entries.filter(({ entry, atMs }) => atMs <= endMs && isReached(entry));
    const reachedMs = Math.max(lastMs, ...times.map(({ atMs }) => atMs));
    const ms = reachedMs - lastMs;
    lastMs = reachedMs;
    return { step, ms };
  });
  return [...steps, { step: 'running', ms: endMs - lastMs }];
}

async function nothingLeft(cluster: Cluster, job: string): Promise<void> {
  await waitUntil({ what: 'the nodes are given back', timeoutMs: 120_000, everyMs: 300 }, async () => {
    const [jobs, nodes, tasks] = await Promise.all([cluster.jobs(), cluster.nodes(), cluster.tasks()]);
    const isDone = jobs.every(({ id, state }) => id !== job || state === 'C');
    return isDone && tasks.live.length === 0 && nodes.every(({ name }) => name === cluster.head.name);
  });
}
