/** The floor: nodes of at least `minComputeNode` that are held even when nothing waits. */
import type { Intent } from './facts.ts';
import type { Obstacle } from './obstacle.ts';
import type { Opening } from './opening.ts';
import { canComeBack, isDrained, isOnItsWay } from './place.ts';
import type { Policy } from './policy.ts';
import type { Want } from './pool.ts';
import type { Survey } from './survey.ts';
import type { Missing } from './take.ts';

export interface FloorNeed {
  /** Nodes that count, with those taken back and opened in this plan. */
  readonly held: number;
  /** Task ids of draining nodes that are taken back for the floor. */
  readonly takenBack: ReadonlySet<string>;
  readonly want: Want;
  /** Null when the floor is held, or must wait. */
  readonly obstacle: Obstacle | null;
}

/** What counts towards the floor before anything is done for its sake. */
export interface FloorCount {
  readonly survey: Survey;
  readonly givenUp: ReadonlySet<string>;
  /** Task ids of nodes that jobs are placed on, draining ones among them. */
  readonly used: ReadonlySet<string>;
  /** Nodes that are launched for jobs. */
  readonly opened: number;
  /** Whether anything is done for the floor in this plan. */
  readonly mayFill: boolean;
  /** What the first waiting job lacks: a node of the floor may as well be of that size. */
  readonly wanted: Want | null;
}

export function fillFloor(
  count: FloorCount,
  opening: Opening,
  explain: (missing: Missing) => Obstacle,
): FloorNeed {
  const { survey, used, mayFill } = count;
  const { policy } = survey;
  const want = floorWant(policy);
  const takenBack = new Set<string>();
  let held = heldNodes(count);
  for (const node of survey.ours) {
    if (!mayFill || held >= policy.minSlotsHeld) break;
    const { taskId } = node.intent;
    if (node.phase !== 'draining' || used.has(taskId) || !canComeBack(node, survey)) continue;
    if (!countsForFloor(node.intent, policy)) continue;
    takenBack.add(taskId);
    held += 1;
  }
  const wants = count.wanted === null ? [want] : [atLeast(count.wanted, policy), want];
  while (mayFill && held < policy.minSlotsHeld && wants.some((one) => opening.openSpare(one))) held += 1;
  const asked = policy.minSlotsHeld;
  const obstacle =
    !mayFill || held >= asked ? null : explain({ want, unit: 'node', found: asked - 1, asked });
  return { held, takenBack, want, obstacle };
}

function heldNodes({ survey, givenUp, used, opened }: FloorCount): number {
  const counting = survey.ours.filter((node) => {
    const { taskId } = node.intent;
    if (givenUp.has(taskId) || !countsForFloor(node.intent, survey.policy)) return false;
    if (isDrained(node, survey)) return false;
    return node.phase === 'up' || isOnItsWay(node) || (node.phase === 'draining' && used.has(taskId));
  });
  return counting.length + opened;
}

export function countsForFloor(intent: Intent, policy: Policy): boolean {
  const memMib = intent.resources.memMib - policy.executor.memMib;
  return intent.np >= policy.minComputeNode.np && memMib >= policy.minComputeNode.memMib;
}

function atLeast(want: Want, { minComputeNode }: Policy): Want {
  return {
    ...want,
    exclusive: false,
    slotsMin: Math.max(want.slotsMin, minComputeNode.np),
    slotsMax: Math.max(want.slotsMin, minComputeNode.np),
    memMib: Math.max(want.memMib, minComputeNode.memMib),
  };
}

function floorWant({ minComputeNode }: Policy): Want {
  return {
    slotsMin: minComputeNode.np,
    slotsMax: minComputeNode.np,
    gpus: 0,
    memMib: minComputeNode.memMib,
    memMibPerSlot: 0,
    properties: [],
    host: null,
    exclusive: false,
    walltimeMs: null,
  };
}
