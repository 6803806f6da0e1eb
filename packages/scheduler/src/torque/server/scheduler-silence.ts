/**
 * Whether the site's scheduler seems dead. Cycles are asked for when a job fits on free nodes; one that runs starts the job
 * then, or says in its comment why not (stock pbs_sched of 6.1.3 within 0.3 s). Where we do not keep it running nobody
 * else would notice: jobs wait, and everything else is well.
 */
import type { QueueFacts, SchedulerSilence } from '../../core/facts.ts';

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
  let known: ReadonlyMap<string, string> | null = null;
  return {
    cycleAsked(nowMs) {
      asked = { sinceMs: asked?.sinceMs ?? nowMs, lastMs: nowMs, cycles: (asked?.cycles ?? 0) + 1 };
    },
    queueRead(queue, nowMs) {
      const signs = signsIn(queue);
      if (known !== null && [...signs].some(([jobId, sign]) => isNews(known?.get(jobId), sign))) asked = null;
      known = signs;
      if (asked !== null && nowMs - asked.lastMs > apartMsMax) asked = null;
      if (asked === null) return null;
      const forMs = nowMs - asked.sinceMs;
      return asked.cycles >= silentCyclesMin && forMs >= silentMsMin ? { cycles: asked.cycles, forMs } : null;
    },
  };
}

/** By job, what only a scheduler brings about: that it was started, and what was said of it. */
function signsIn({ jobs }: QueueFacts): ReadonlyMap<string, string> {
  return new Map(
    jobs.map(({ id, state, comment }) => [id, `${isStarted(state) ? 'started' : 'waits'} ${comment ?? ''}`]),
  );
}

function isStarted(state: string): boolean {
  return state === 'running' || state === 'exiting' || state === 'complete';
}

/** A job that comes, waits and has no comment is nobody's doing but its user's. */
function isNews(before: string | undefined, sign: string): boolean {
  return before === undefined ? sign !== 'waits ' : before !== sign;
}
