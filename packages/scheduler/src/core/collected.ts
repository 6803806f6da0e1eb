/**
 * Nodes that the first waiting job of several nodes would use once the rest is there. They are kept
 * longer than idle time alone allows, or the first node of a slow collection would leave before the
 * last one came, for ever.
 */
import type { Growth } from './growth.ts';
import type { Pass } from './pass.ts';
import type { Survey } from './survey.ts';

export interface Collected {
  readonly jobId: string;
  readonly taskIds: ReadonlySet<string>;
}

/**
 * Null when nothing is collected, or nothing was added for so long that the rest is not to be expected: the
 * idle time, and the time after which offers that were held and let go come back.
 */
export function collectedFor({ waiting }: Growth, survey: Survey, pass: Pass): Collected | null {
  const job = waiting.find(({ partly, blockedBy }) => partly.length > 0 && blockedBy !== 'allocation');
  if (job === undefined) return null;
  const { policy } = survey;
  const taskIds = new Set(job.partly);
  const lastMs = lastAddedMs(taskIds, survey);
  const patienceMs = policy.idleMs + policy.gangHoldMs + policy.declineUnfitS * 1000;
  if (lastMs !== null && pass.due(lastMs, patienceMs)) return null;
  return { jobId: job.jobId, taskIds };
}

/** When the last of the nodes turned up; null while one is on its way. */
function lastAddedMs(taskIds: ReadonlySet<string>, { ours, snapshot }: Survey): number | null {
  let lastMs = -Infinity;
  for (const node of ours) {
    if (!taskIds.has(node.intent.taskId)) continue;
    if (node.phase !== 'up') return null;
    lastMs = Math.max(lastMs, snapshot.idleSinceMs[node.node.name] ?? snapshot.nowMs);
  }
  return lastMs;
}
