/** What one step of a plan says about one node of ours. */
import type { Decision } from './decisions.ts';
import type { ElasticNode } from './nodes.ts';
import type { Pass } from './pass.ts';
import type { Policy } from './policy.ts';
import type { Reason } from './reasons.ts';
import { actsSpent } from './reasons-trust.ts';
import { eachSliced, type Sliced } from './sliced.ts';

export interface Step {
  /** Null when nothing is done with the node now. */
  readonly decision: Decision | null;
  readonly why: Reason;
}

/** By task id. */
export type Steps = ReadonlyMap<string, Step>;

export function wait(why: Reason): Step {
  return { decision: null, why };
}

export function act(decision: Decision): Step {
  return { decision, why: decision.why };
}

/** An act on TORQUE, of which a pass makes only so many. */
export function nodeAct(pass: Pass, { nodeActsMax, repeatMs }: Policy, decision: Decision): Step {
  return pass.spendAct(repeatMs) ? act(decision) : wait(actsSpent(nodeActsMax));
}

export function* stepsOf(
  nodes: readonly ElasticNode[],
  stepOf: (node: ElasticNode) => Step | null,
): Sliced<Steps> {
  const steps = new Map<string, Step>();
  yield* eachSliced(nodes, (node) => {
    const step = stepOf(node);
    if (step !== null) steps.set(node.intent.taskId, step);
  });
  return steps;
}
