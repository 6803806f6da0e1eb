/** What is measured of one growth, by hand or by the framework. */
import type { Cluster } from '../cluster.ts';
import { waitUntil } from '../wait-until.ts';

/** From `qsub` on a cluster without nodes to the job running, and where the time went. */
export interface Growth {
  readonly totalMs: number;
  readonly steps: readonly { readonly step: string; readonly ms: number }[];
  /** How long pbs_server did not answer in between; null where it was left alone. */
  readonly awayMs: number | null;
}

/**
 * Between two growths: a deletion leaves pbs_server about to send its host list within 10 s (6.1.3),
 * and a node created in that time would not wait as long as one that comes out of the blue.
 */
export const settleMs = 12_000;

/** Rejects where the job ended in any other way than by itself: pbs_sched "deletes" into state C as well. */
export async function hasSucceeded(cluster: Cluster, job: string): Promise<void> {
  const seen = (await cluster.jobs()).find(({ id }) => id === job);
  if (seen?.state === 'C' && seen.exitStatus === 0) return;
  const state = seen === undefined ? 'it is gone' : `state ${seen.state}, exit ${String(seen.exitStatus)}`;
  throw new Error(`${job} did not run to completion: ${state}, ${seen?.comment ?? 'no comment'}`);
}

/** Resolves when the job runs, or has already run. */
export async function jobRuns(cluster: Cluster, job: string): Promise<void> {
  await waitUntil({ what: `${job} runs`, timeoutMs: 120_000, everyMs: 50 }, async () => {
    const state = (await cluster.jobs()).find(({ id }) => id === job)?.state;
    return state === 'R' || state === 'E' || state === 'C';
  });
}
