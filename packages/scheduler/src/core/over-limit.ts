/**
 * What is held beyond the safe allocation, because a quota or an operator's limit shrank. Nodes leave in
 * order until the rest fits: those without jobs first, then those with the fewest; no job is ended for it.
 */
import {
  add,
  grouped,
  nothing,
  resourceKinds,
  subtract,
  type ResourceVector,
} from '@mesos-torque/common/units.ts';
import { countsForFloor } from './floor.ts';
import { jobsOn } from './jobs-on.ts';
import type { ElasticNode, UpNode } from './nodes.ts';
import { by, inTurn } from './order.ts';
import type { Reason } from './reasons.ts';
import { overLimit } from './reasons-life.ts';
import { serialOf } from './names.ts';
import { eachSliced, sortSliced, type Sliced } from './sliced.ts';
import type { Survey } from './survey.ts';
import { drainOf } from './wishes.ts';

type Held = Pick<Survey, 'snapshot' | 'policy' | 'ours' | 'jobsOnNode'>;

/** By task id: why a node that is up leaves. Nodes of the floor stay. */
export function* leavingForLimit(survey: Held): Sliced<ReadonlyMap<string, Reason>> {
  const { policy, ours, snapshot } = survey;
  const staying: ElasticNode[] = [];
  let held: ResourceVector = nothing;
  yield* eachSliced(ours, (node) => {
    const { intent, phase } = node;
    if (intent.goal.kind !== 'hold' || phase === 'gone' || drainOf(intent, snapshot.wishes) !== null) return;
    staying.push(node);
    held = add(held, intent.resources);
  });
  let nodes = staying.length;
  const found = new Map<string, Reason>();
  if (exceededBy(held, nodes, survey) === null) return found;
  const up = staying.filter((node) => node.phase === 'up' && !node.returning) as readonly UpNode[];
  let floor = up.filter(({ intent }) => countsForFloor(intent, policy)).length;
  const inOrder = yield* sortSliced(
    up,
    inTurn<UpNode>(
      by((node) => jobsOn(node.node, survey).length),
      by((node) => -(serialOf(node.intent.taskId) ?? 0)),
    ),
  );
  for (const { intent } of inOrder) {
    const why = exceededBy(held, nodes, survey);
    if (why === null) break;
    const counts = countsForFloor(intent, policy);
    if (counts && floor <= policy.minSlotsHeld) continue;
    floor -= counts ? 1 : 0;
    held = subtract(held, intent.resources);
    nodes -= 1;
    found.set(intent.taskId, why);
  }
  return found;
}

function exceededBy(held: ResourceVector, nodes: number, { policy }: Held): Reason | null {
  const { safeAllocation: safe } = policy;
  if (safe.nodes !== null && nodes > safe.nodes)
    return overLimit(`${grouped(nodes)} nodes`, grouped(safe.nodes));
  for (const kind of resourceKinds) {
    const limit = safe[kind];
    if (limit !== null && held[kind] > limit) return overLimit(words(kind, held[kind]), words(kind, limit));
  }
  return null;
}

function words(kind: keyof ResourceVector, value: number): string {
  switch (kind) {
    case 'cpuMilli':
      return `${grouped(value / 1000)} cpus`;
    case 'memMib':
      return `${grouped(value)} MiB of memory`;
    case 'diskMib':
      return `${grouped(value)} MiB of disk`;
    case 'gpus':
      return `${grouped(value)} gpus`;
  }
}
