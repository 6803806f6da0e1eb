/** The demo's story: jobs in, nodes up, jobs done, nodes back. */
import { setTimeout as delay } from 'node:timers/promises';
import type { GetStatusResponse } from '@mesos-torque/proto/gen/control/v1/messages.ts';
import type { JobSeen, NodeSeen } from '../audit.ts';
import type { Cluster } from '../cluster.ts';
import { httpGet } from '../http-get.ts';
import { waitUntil } from '../wait-until.ts';
import { demoJobs, elementsOf } from './jobs.ts';
import type { Narrator } from './narrator.ts';
import { summaryOf, type Summary } from './summary.ts';
import type { FrameworkWatch } from './watch-framework.ts';

/**
 * Policy of the demo: a floor of none, so that people see everything given back, and a short idle time,
 * so that they see it soon. The safe allocation is what the four agents have.
 */
export const demoPolicy = {
  minSlotsHeld: 0,
  idleTime: '3s',
  npMax: 4,
  memPerSlot: '256MiB',
  minComputeNode: { np: 1, mem: '256MiB' },
  safeAllocation: { cpus: '16', mem: '16GiB', nodes: '4' },
  repeatInterval: '2s',
} as const;

const lookEveryMs = 500;
const timeLimitMs = 180_000;

/** `watch` and the framework's supervision go on after the story; they are the caller's. */
export async function playDemo(cluster: Cluster, tell: Narrator, watch: FrameworkWatch): Promise<Summary> {
  const beganMs = Date.now();
  await waitUntil({ what: 'the framework is ready', timeoutMs: 30_000, everyMs: 100 }, () =>
    httpGet(cluster.head, cluster.framework.readyUrl),
  );
  const submitted = await submitAll(cluster, tell);
  const seen = await watchUntilDone(cluster, tell, watch.status, beganMs);
  return summaryOf({
    submitted,
    jobs: seen.jobs,
    impossible: seen.impossible,
    nodesPeak: seen.nodesPeak,
    elasticNodes: elastic(await cluster.nodes()),
    floor: demoPolicy.minSlotsHeld,
    tasks: await cluster.tasks(),
    processesLeft: (await executorsLeft(cluster)).length,
    seconds: Math.round((Date.now() - beganMs) / 100) / 10,
  });
}

async function submitAll(cluster: Cluster, tell: Narrator): Promise<number> {
  let submitted = 0;
  for (const job of demoJobs) {
    const id = await cluster.qsub(['-N', job.name, ...job.args], job.script);
    tell.say(`user    qsub ${job.args.join(' ')} → ${id} (${job.shows})`);
    submitted += elementsOf(job);
  }
  return submitted;
}

interface Seen {
  readonly jobs: readonly JobSeen[];
  readonly impossible: ReadonlySet<string>;
  readonly nodesPeak: number;
}

/** Looks at the cluster until every job has ended or is named impossible, and no node above the floor is left. */
async function watchUntilDone(
  cluster: Cluster,
  tell: Narrator,
  statusOf: () => Promise<GetStatusResponse | null>,
  beganMs: number,
): Promise<Seen> {
  let nodesPeak = 0;
  const named = new Set<string>();
  for (;;) {
    const [jobs, nodes, status, tasks] = await Promise.all([
      cluster.jobs(),
      cluster.nodes(),
      statusOf(),
      cluster.tasks(),
    ]);
    const ours = elastic(nodes);
    nodesPeak = Math.max(nodesPeak, ours.filter(isUp).length);
    if (status !== null) {
      tell.figures(jobs, status);
      const impossible = impossibleIn(status, jobs);
      for (const { id, why } of impossible) {
        if (!named.has(id)) tell.say(`explain ${id} can never run: ${why}`);
        named.add(id);
      }
      const waiting = jobs.filter(({ id, state }) => state !== 'C' && !named.has(id));
      const back = ours.length <= demoPolicy.minSlotsHeld && tasks.live.length <= demoPolicy.minSlotsHeld;
      if (waiting.length === 0 && back) return { jobs, impossible: named, nodesPeak };
    }
    if (Date.now() - beganMs > timeLimitMs) {
      tell.say(
        `not done after ${String(timeLimitMs / 1000)} s: ${ours.map(({ name }) => name).join(', ') || 'no nodes'} left`,
      );
      return { jobs, impossible: named, nodesPeak };
    }
    await delay(lookEveryMs);
  }
}

function impossibleIn(
  status: GetStatusResponse,
  jobs: readonly JobSeen[],
): readonly { id: string; why: string }[] {
  const queued = new Set(jobs.filter(({ state }) => state === 'Q').map(({ id }) => id));
  return status.jobs.filter(({ id, verdict }) => verdict === 'impossible' && queued.has(id));
}

/** Nodes that carry the mark of the framework. */
function elastic(nodes: readonly NodeSeen[]): readonly NodeSeen[] {
  return nodes.filter(({ requestId }) => /^mesos-torque\..+\.mom\./.test(requestId));
}

function isUp(node: NodeSeen): boolean {
  return !node.states.some((state) => ['down', 'offline', 'MOM-list-not-sent'].includes(state));
}

/** Processes that only exist for nodes: executors, moms and what these started. */
async function executorsLeft(cluster: Cluster): Promise<readonly string[]> {
  const processes = await cluster.processes();
  return processes.map(({ command }) => command).filter((command) => /torque-executor|pbs_mom/.test(command));
}
