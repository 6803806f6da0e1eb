/** What Maui says about a job, in the words that the planner reads. */
import { unreachable } from '@mesos-torque/common/units.ts';
import { isDeferredForNodes, type CheckedJob } from './checkjob.ts';
import { lackOfNodes } from './torque-scheduler.ts';

/**
 * In pbs_sched's words, with Maui's after them; null where Maui says nothing that keeps the job from starting, or
 * nothing that we know.
 */
export function sentenceOf(job: CheckedJob, kind: 'maui' | 'moab'): string | null {
  const meaning = meaningOf(job);
  const own = `(${kind}: ${[job.holdReason, job.message, job.verdict].filter((word) => word !== null).join('; ')})`;
  switch (meaning) {
    case 'lacks-nodes':
      return `${lackOfNodes} ${own}`;
    case 'held':
      return `Not Running: ${kind} holds it: ${job.holds.join(', ')} ${own}`;
    case 'limited':
      return `Not Running: ${kind} keeps it back ${own}`;
    case 'nothing-known':
      return null;
    default:
      return unreachable(meaning);
  }
}

const lacks =
  /insufficient (?:total|idle) procs|exceeds available (?:partition procs|cluster nodes)|idle procs do not meet/;
const limits = /violates|exceeds .*(?:limit|policy)|policy|MAXJOB|MAXPROC|MAXNODE|credential|dependenc/i;

/** A deferral for want of nodes is a want of nodes, also while it lasts longer than the want. */
function meaningOf(job: CheckedJob): 'lacks-nodes' | 'held' | 'limited' | 'nothing-known' {
  const said = `${job.verdict ?? ''} ${job.message ?? ''}`;
  if (job.holds.length > 0 && !isDeferredForNodes(job)) return limits.test(said) ? 'limited' : 'held';
  if (isDeferredForNodes(job)) return 'lacks-nodes';
  if (limits.test(said)) return 'limited';
  return lacks.test(said) ? 'lacks-nodes' : 'nothing-known';
}
