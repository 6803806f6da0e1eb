/** Draining nodes of ours that are of use again: their offline mark is cleared before a new node is launched. */
import { online } from './acts.ts';
import type { FloorNeed } from './floor.ts';
import type { Growth } from './growth.ts';
import type { Pass } from './pass.ts';
import type { Placement } from './place.ts';
import { neededAgain, readingsMissing } from './reasons.ts';
import { stepsOf, wait, type Steps } from './steps.ts';
import type { Survey } from './survey.ts';

/** By task id: the first job that was placed on the node. */
export function neededBy(placement: Placement, growth: Growth): ReadonlyMap<string, string> {
  const needed = new Map<string, string>();
  for (const { jobId, taken } of [...placement.placed, ...growth.served]) {
    for (const { taskId } of taken) {
      if (taskId !== null && !needed.has(taskId)) needed.set(taskId, jobId);
    }
  }
  return needed;
}

export function takeBack(
  survey: Survey,
  needed: ReadonlyMap<string, string>,
  floor: FloorNeed,
  pass: Pass,
): Steps {
  return stepsOf(survey.ours, (node) => {
    if (node.phase !== 'draining') return null;
    const { taskId } = node.intent;
    const what = needed.get(taskId) ?? (floor.takenBack.has(taskId) ? 'the floor' : null);
    if (what === null) return null;
    if (!survey.trust.mayShrink) return wait(readingsMissing());
    return online(node, neededAgain(what), survey, pass);
  });
}
