/** Ends tasks of ours that nothing speaks of any more: each would hold an agent for ever. */
import { kill } from './acts.ts';
import type { TaskFacts } from './facts.ts';
import { nodeNameOf } from './names.ts';
import type { Pass } from './pass.ts';
import { stray, strayOnAgent } from './reasons-bystanders.ts';
import { readingsMissing } from './reasons-trust.ts';
import { wait, type Step, type Steps } from './steps.ts';
import type { Survey } from './survey.ts';

/** By task id. */
export function endStrays(survey: Survey, pass: Pass): Steps {
  return new Map(survey.strays.map((task) => [task.id, endStray(task, survey, pass)]));
}

function endStray(task: TaskFacts, survey: Survey, pass: Pass): Step {
  if (!survey.trust.mayShrink) return wait(readingsMissing());
  const jobs = survey.jobsOnNode.get(strayNodeName(task)) ?? [];
  if (jobs.length > 0 || task.agentId === null) return wait(strayOnAgent(jobs.length));
  return kill({ taskId: task.id, agentId: task.agentId }, stray(), survey, pass);
}

/** The node that the task was launched for. */
export function strayNodeName(task: TaskFacts): string {
  return nodeNameOf(task.id) ?? task.id;
}
