/**
 * When only the safe allocation keeps a job waiting, nodes of ours that stand idle are in its way: they
 * leave at once, the floor's among them, and larger ones take their place.
 */
import { add, nothing, type ResourceVector } from '@mesos-torque/common/units.ts';
import type { Budget } from './budget.ts';
import type { WaitingJob } from './grow.ts';
import { jobsOn } from './leave.ts';
import type { UpNode } from './nodes.ts';
import { by, byName, inTurn } from './order.ts';
import type { Survey } from './survey.ts';

export interface RoomMade {
  readonly jobId: string;
  /** Task ids of the idle nodes that leave for it; none when those that leave already suffice. */
  readonly leaving: ReadonlySet<string>;
}

/** Null when even all idle nodes together would not make enough room: then jobs must end first. */
export function makeRoom(
  job: WaitingJob,
  survey: Survey,
  used: ReadonlySet<string>,
  budget: Budget,
): RoomMade | null {
  const { each, nodes } = job.asked;
  const enough = (freed: Freed): boolean => budget.wouldAllow(each, nodes, freed.resources, freed.nodes);
  const leaving = new Set<string>();
  let freed = leavingAnyway(survey, used);
  for (const node of idleNodes(job, survey, used)) {
    if (enough(freed)) break;
    leaving.add(node.intent.taskId);
    freed = { resources: add(freed.resources, node.intent.resources), nodes: freed.nodes + 1 };
  }
  return enough(freed) ? { jobId: job.jobId, leaving } : null;
}

interface Freed {
  readonly resources: ResourceVector;
  readonly nodes: number;
}

function leavingAnyway(survey: Survey, used: ReadonlySet<string>): Freed {
  const leaving = survey.ours.filter(
    ({ phase, intent }) =>
      (phase === 'draining' && !used.has(intent.taskId)) || phase === 'leaving' || phase === 'gone',
  );
  const resources = leaving.reduce((sum, { intent }) => add(sum, intent.resources), nothing);
  return { resources, nodes: leaving.length };
}

/** Idle nodes that no queued job was placed on, the smallest first. */
function idleNodes(job: WaitingJob, survey: Survey, used: ReadonlySet<string>): readonly UpNode[] {
  const kept = new Set([...used, ...job.partly]);
  return survey.ours
    .filter((node) => node.phase === 'up')
    .filter(
      (node) => !node.returning && !kept.has(node.intent.taskId) && jobsOn(node.node, survey).length === 0,
    )
    .sort(
      inTurn<UpNode>(
        by((node) => node.intent.np),
        byName((node) => node.intent.taskId),
      ),
    );
}
