/**
 * Whether the site's scheduler seems dead. Cycles are asked for when a job fits on free nodes; one that runs starts the job
 * then, or says in its comment why not (stock pbs_sched of 6.1.3 within 0.3 s). Where we do not keep it running nobody
 * else would notice: jobs wait, and everything else is well.
 */
import type { JobFacts, QueueFacts, SchedulerSilence } from '../../core/facts.ts';

export interface SilenceWatch {
  /** pbs_server took it. */
  cycleAsked(nowMs: number): void;
  /** Gives what speaks for its being dead; null while nothing does. */
  queueRead(queue: QueueFacts, nowMs: number): SchedulerSilence | null;
}

/** Both have to be reached. A busy pbs_server, or a scheduler with a long queue, takes its time. */
export const silentCyclesMin = 5;
export const silentMsMin = 60_000;
/** A cycle that was asked for so long after the last one has nothing to do with those before. */
const apartMsMax = 5 * 60_000;

export function watchSilence(): SilenceWatch {
  let asked: { readonly sinceMs: number; readonly lastMs: number; readonly cycles: number } | null = null;
  let before: readonly JobFacts[] | null = null;
  return {
    cycleAsked(nowMs) {
      asked = { sinceMs: asked?.sinceMs ?? nowMs, lastMs: nowMs, cycles: (asked?.cycles ?? 0) + 1 };
    },
    queueRead(queue, nowMs) {
      if (before !== null && hasNews(before, queue.jobs)) asked = null;
      before = queue.jobs;
      if (asked !== null && nowMs - asked.lastMs > apartMsMax) asked = null;
      if (asked === null) return null;
      const forMs = nowMs - asked.sinceMs;
      return asked.cycles >= silentCyclesMin && forMs >= silentMsMin ? { cycles: asked.cycles, forMs } : null;
    },
  };
}

/** Jobs that may have left between two that are still there; beyond, all count as new, and the wait begins anew. */
const aheadMax = 64;

/**
 * Whether a scheduler has started a job, or said something of one, since the reading before. Both list the jobs in one
 * order, and most are the very same objects: 100,000 jobs take no noticeable time.
 */
function hasNews(before: readonly JobFacts[], now: readonly JobFacts[]): boolean {
  let at = 0;
  for (const job of now) {
    const found = placeOf(job, before, at);
    if (found !== null) at = found + 1;
    if (isNews(found === null ? undefined : before[found], job)) return true;
  }
  return false;
}

function placeOf(job: JobFacts, before: readonly JobFacts[], from: number): number | null {
  const end = Math.min(from + aheadMax, before.length);
  for (let at = from; at < end; at += 1) if (before[at]?.id === job.id) return at;
  return null;
}

/** A job that comes, waits and has no comment is nobody's doing but its user's. */
function isNews(before: JobFacts | undefined, now: JobFacts): boolean {
  if (before === now) return false;
  if (before === undefined) return isStarted(now) || (now.comment ?? '') !== '';
  return isStarted(before) !== isStarted(now) || (before.comment ?? '') !== (now.comment ?? '');
}

function isStarted({ state }: JobFacts): boolean {
  return state === 'running' || state === 'exiting' || state === 'complete';
}
