/** Reasons about nodes and tasks that are neither counted nor touched. */
import type { NodeStateWord } from './facts.ts';
import { counted, type Reason } from './reasons.ts';

export function staticNode(states: readonly NodeStateWord[]): Reason {
  return { code: 'static', text: `the administrator's node, ${states.join(', ')}` };
}

export function placeholder(): Reason {
  return { code: 'placeholder', text: 'a placeholder that keeps large jobs queued; never counted' };
}

export function foreign(frameworkId: string): Reason {
  return { code: 'foreign', text: `belongs to framework ${frameworkId}; neither counted nor touched` };
}

export function orphan(taskId: string): Reason {
  return {
    code: 'orphan',
    text: `left over from task ${taskId}, which we know nothing of; neither counted nor touched`,
  };
}

export function stray(): Reason {
  return { code: 'stray-task', text: 'a task of ours runs that no intent speaks of and that has no node' };
}

export function strayOnAgent(jobs: number): Reason {
  const why =
    jobs > 0 ? `${counted(jobs, 'job')} are shown on its node` : 'Mesos does not say on which agent';
  return { code: 'stray-task', text: `a task of ours runs that no intent speaks of; kept while ${why}` };
}
