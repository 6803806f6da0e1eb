/** How closely TORQUE is watched: closely while something is expected of it. */
import { unreachable } from '@mesos-torque/common/units.ts';
import type { JobVerdict, NodeVerdict, Plan } from '../core/decisions.ts';

/** Whether a job waits for nodes, or a node is on its way in or out. */
export function isExpectant(plan: Plan): boolean {
  return plan.report.jobs.some(isWaiting) || plan.report.nodes.some(isInTransition);
}

/** Whether pbs_server is about to send its host list, or a mom to register: a job may wait for that moment. */
export function isEager(plan: Plan): boolean {
  return plan.report.nodes.some(({ phase }) => phase === 'starting' || phase === 'registering');
}

function isWaiting(job: JobVerdict): boolean {
  return job.kind === 'waiting' || job.kind === 'served';
}

function isInTransition({ phase, jobs }: NodeVerdict): boolean {
  switch (phase) {
    case 'launching':
    case 'starting':
    case 'registering':
    case 'leaving':
    case 'suspect':
    case 'gone':
      return true;
    // A node whose jobs may run for days is in no hurry.
    case 'draining':
      return jobs.length === 0;
    case 'up':
    case 'static':
    case 'placeholder':
    case 'foreign':
      return false;
    default:
      return unreachable(phase);
  }
}
