/** Which jobs are on a node. */
import type { TorqueNode } from './facts.ts';
import { byText } from './order.ts';
import type { Survey } from './survey.ts';

/** Jobs on a node, by either of TORQUE's two views. */
export function jobsOn(node: TorqueNode, survey: Pick<Survey, 'jobsOnNode'>): readonly string[] {
  const running = survey.jobsOnNode.get(node.name) ?? [];
  // Most nodes that are looked at have none, or both views agree on one.
  if (node.jobs.length === 0 && running.length === 0) return [];
  return [...new Set([...jobIds(node), ...running])];
}

export function jobIds(node: TorqueNode): string[] {
  return node.jobs.map((job) => job.jobId).sort(byText);
}
