/** Draining nodes of ours that are of use again: their offline mark is cleared before a new node is launched. */
import { online } from './acts.ts';
import type { FloorNeed } from './floor.ts';
import type { Growth } from './growth.ts';
import type { Pass } from './pass.ts';
import type { DrainingNode } from './nodes.ts';
import { canComeBack, type PlacedJob, type Placement } from './place.ts';
import { neededAgain } from './reasons-life.ts';
import { readingsMissing } from './reasons-trust.ts';
import { isDrainWished, undrained } from './reasons-wishes.ts';
import { eachSliced, type Sliced } from './sliced.ts';
import { stepsOf, wait, type Steps } from './steps.ts';
import type { Survey } from './survey.ts';

/** By task id: the first job that was placed on the node. */
export function* neededBy(placement: Placement, growth: Growth): Sliced<ReadonlyMap<string, string>> {
  const needed = new Map<string, string>();
  const note = ({ jobId, taken }: PlacedJob): void => {
    for (const { taskId } of taken) {
      if (taskId !== null && !needed.has(taskId)) needed.set(taskId, jobId);
    }
  };
  yield* eachSliced(placement.placed, note);
  yield* eachSliced(growth.served, note);
  return needed;
}

export function* takeBack(
  survey: Survey,
  needed: ReadonlyMap<string, string>,
  floor: FloorNeed,
  pass: Pass,
): Sliced<Steps> {
  return yield* stepsOf(survey.ours, (node) => {
    if (node.phase !== 'draining') return null;
    const { taskId } = node.intent;
    const what =
      needed.get(taskId) ??
      (floor.takenBack.has(taskId) ? 'the floor' : null) ??
      (isUndrained(node, survey) ? undrained() : null);
    if (what === null) return null;
    if (!survey.trust.allRead) return wait(readingsMissing());
    return online(node, neededAgain(what), survey, pass);
  });
}

/** Drained by an operator who took that back, and as good as before. */
function isUndrained(node: DrainingNode, survey: Survey): boolean {
  const { goal } = node.intent;
  return goal.kind === 'drain' && isDrainWished(goal.why) && canComeBack(node, survey);
}
