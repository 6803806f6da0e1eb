/** What is measured of one growth, by hand or by the framework. */
import type { Cluster } from '../cluster.ts';
import { waitUntil } from '../wait-until.ts';

/** From `qsub` on a cluster without nodes to the job running, and where the time went. */
export interface Growth {
  readonly totalMs: number;
  readonly steps: readonly { readonly step: string; readonly ms: number }[];
}

/**
 * Between two growths: a deletion leaves pbs_server about to send its host list within 10 s (6.1.3),
 * and a node created in that time would not wait as long as one that comes out of the blue.
 */
export const settleMs = 12_000;

/** Resolves when the job runs, or has already run. */
export async function jobRuns(cluster: Cluster, job: string): Promise<void> {
  await waitUntil({ what: `${job} runs`, timeoutMs: 120_000, everyMs: 50 }, async () => {
    const state = (await cluster.jobs()).find(({ id }) => id === job)?.state;
    return state === 'R' || state === 'E' || state === 'C';
  });
}
