/**
 * One cycle of the stock pbs_sched: jobs in the order of their submission, each started as soon as
 * it fits; one that does not fit is passed over. Its comments are what people read in qstat.
 */
import type { CheckNodes, SchedLimits, SchedView } from '../shared/api.ts';
import { startedOn } from '../shared/times.ts';

export interface SchedulerPort {
  view(): Promise<SchedView>;
  checkNodes(spec: string): Promise<CheckNodes>;
  /** Null when it runs, otherwise the server's words. */
  run(id: string): Promise<string | null>;
  comment(id: string, comment: string): Promise<void>;
  delete(id: string): Promise<void>;
}

type Wish = SchedView['jobs'][number];

const shortOf: Readonly<Record<string, string>> = {
  mem: 'Not Running: Not enough memory available',
  ncpus: 'Not Running: Not enough cpus available',
  nodect: 'Not Running: Not enough nodes available',
};
const shortOfNodes = 'Not Running: Not enough of the right type of nodes are available';

/** Resolves to what was done with whom, for the log. */
export async function runCycle(port: SchedulerPort): Promise<string[]> {
  const log: string[] = [];
  const view = await port.view();
  const running = [...view.running];
  const left = new Map<string, Record<string, number>>();
  left.set('', { ...view.server.left });
  for (const [name, limits] of Object.entries(view.queues)) left.set(`q ${name}`, { ...limits.left });
  for (const job of view.jobs) {
    const why = await reasonNotToRun(port, view, running, left, job);
    if (why === 'never') {
      await port.delete(job.id);
      log.push(`${job.id};Job Deleted because it would never run`);
    } else if (why !== null) {
      if (why !== job.comment) await port.comment(job.id, why);
      log.push(`${job.id};${why}`);
    } else if (await start(port, view, job)) {
      running.push(job);
      spend(left, job);
      log.push(`${job.id};Job Run`);
    }
  }
  return log;
}

async function reasonNotToRun(
  port: SchedulerPort,
  view: SchedView,
  running: SchedView['running'],
  left: ReadonlyMap<string, Record<string, number>>,
  job: Wish,
): Promise<string | null> {
  const limit = limitReached(view.server, 'server', running, job);
  if (limit !== null) return limit;
  const queue = view.queues[job.queue];
  const inQueue = running.filter((other) => other.queue === job.queue);
  const queueLimit = queue === undefined ? null : limitReached(queue, 'queue', inQueue, job);
  if (queueLimit !== null) return queueLimit;
  if (job.nodes !== null) {
    const answer = await port.checkNodes(job.nodes);
    if (answer !== 'now') return answer === 'never' ? 'never' : shortOfNodes;
  }
  for (const key of [`q ${job.queue}`, '']) {
    for (const [name, amount] of Object.entries(left.get(key) ?? {})) {
      if ((job.asks[name] ?? 0) > amount) return shortOf[name] ?? shortOfNodes;
    }
  }
  return null;
}

function limitReached(
  limits: SchedLimits,
  whose: 'server' | 'queue',
  running: SchedView['running'],
  job: Wish,
): string | null {
  if (limits.maxRunning !== null && running.length >= limits.maxRunning) {
    return whose === 'server'
      ? 'Not Running: Server job limit has been reached.'
      : 'Not Running: Queue job limit has been reached.';
  }
  const own = running.filter((other) => other.owner === job.owner).length;
  if (limits.maxUserRun === null || own < limits.maxUserRun) return null;
  return whose === 'server'
    ? 'Not Running: User has reached server running job limit.'
    : 'Not Running: User has reached queue running job limit.';
}

async function start(port: SchedulerPort, view: SchedView, job: Wish): Promise<boolean> {
  const refusal = await port.run(job.id);
  const comment =
    refusal === null ? `Job started on ${startedOn(view.nowS)}` : `Not Running - PBS Error: ${refusal}`;
  if (comment !== job.comment) await port.comment(job.id, comment);
  return refusal === null;
}

function spend(left: ReadonlyMap<string, Record<string, number>>, job: Wish): void {
  for (const key of [`q ${job.queue}`, '']) {
    const amounts = left.get(key);
    if (amounts === undefined) continue;
    for (const name of Object.keys(amounts)) amounts[name] = (amounts[name] ?? 0) - (job.asks[name] ?? 0);
  }
}
