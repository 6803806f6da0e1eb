/**
 * Jobs that the TORQUE scheduler passes over although nodes for them stand free: it serves strictly in
 * order, or keeps the nodes for a larger job in front. That job has them, then; if the later one counted as
 * placed there, the two could wait for each other for ever.
 */
import type { Pass } from './pass.ts';
import type { Taken } from './pool.ts';
import type { JobAsk } from './shapes.ts';
import type { Survey } from './survey.ts';

/**
 * Whether `job` could have started long ago on what was taken for it: it waits, and its nodes have been
 * idle, for longer than the TORQUE scheduler needs to look again after it was asked to.
 */
export function isPassedOver(
  job: JobAsk,
  taken: readonly Taken[],
  { snapshot, policy }: Survey,
  pass: Pass,
): boolean {
  const sinceMs = taken.map(({ node, taskId }) =>
    taskId === null ? Infinity : (snapshot.idleSinceMs[node] ?? Infinity),
  );
  return pass.due(Math.max(job.queuedAtMs, ...sinceMs), 2 * policy.repeatMs);
}
