/**
 * When nodes of ours that stand idle are in the way of a job that waits, because they use the safe
 * allocation up or sit on the agents that it needs, they leave at once, the floor's among them: larger
 * ones take their place. The offers that the job needs must be at hand; they are held meanwhile.
 */
import { add, nothing, scale, unreachable } from '@mesos-torque/common/units.ts';
import type { Budget, Freed } from './budget.ts';
import { nodeFor, refusal } from './fit.ts';
import { jobsOn } from './jobs-on.ts';
import type { ElasticNode, Trouble, UpNode } from './nodes.ts';
import type { Obstacle } from './obstacle.ts';
import type { AgentOffer } from './offers.ts';
import { by, byName, inTurn } from './order.ts';
import { isSpread, memoryOf, type Want } from './pool.ts';
import { roomMadeFor } from './reasons-life.ts';
import type { Sliced } from './sliced.ts';
import type { Survey } from './survey.ts';

export interface RoomMade {
  readonly jobId: string;
  /** Task ids of the idle nodes that leave for it; none when those that leave already suffice. */
  readonly leaving: ReadonlySet<string>;
  /** Agents whose offers are kept for it. */
  readonly agents: readonly AgentOffer[];
}

/** The job that waits first, and what may be used for it. */
export interface RoomNeed {
  readonly jobId: string;
  readonly want: Want;
  /** Nodes, or slots that may be anywhere, that it lacks. */
  readonly short: number;
  readonly asked: Obstacle['asked'];
  /** Task ids of nodes of ours that it would use itself. */
  readonly partly: readonly string[];
}

/** Nodes of ours, and what is known of them in this plan. */
export interface Bystanders {
  readonly survey: Survey;
  /** Task ids of nodes that queued jobs were placed on. */
  readonly used: ReadonlySet<string>;
  /** Task ids of nodes that were too long on their way. */
  readonly givenUp: ReadonlySet<string>;
}

export interface RoomScene extends Bystanders {
  readonly budget: Budget;
  readonly agents: readonly AgentOffer[];
  /** Agents of which nothing was taken. */
  readonly freeAgents: readonly AgentOffer[];
}

/**
 * Null when nothing of ours is in the way, or nothing that fits the job could take its place. An idle
 * node leaves only for an agent that is at hand, be it its own.
 */
export function* makeRoom(need: RoomNeed, scene: RoomScene): Sliced<RoomMade | null> {
  const { survey, budget } = scene;
  const { resources, nodes } = need.asked;
  const fitting = fittingAgents(need, scene);
  yield;
  const leaving = new Set<string>();
  let freed = sumOf(survey.ours.filter((node) => isOnItsWayOut(node, scene)));
  let places = fitting.length;
  /** Whether the safe allocation has room for as many nodes as there are places for. */
  const isAllowed = (): boolean => {
    const count = Math.min(nodes, places);
    return budget.wouldAllow(scale(resources, count / nodes), count, freed);
  };
  const idle = inTheWay(need, scene);
  yield;
  for (const { node, givesPlace } of idle) {
    const addsPlace = givesPlace && places < nodes;
    if (!addsPlace && (places === 0 || isAllowed())) continue;
    leaving.add(node.intent.taskId);
    freed = { resources: add(freed.resources, node.intent.resources), nodes: freed.nodes + 1 };
    places += addsPlace ? 1 : 0;
  }
  yield;
  const isUnderWay = survey.ours.some((node) => jobLeftFor(node) === need.jobId);
  if (!isUnderWay && (leaving.size === 0 || !isAllowed())) return makeLarger(need, scene);
  return { jobId: need.jobId, leaving, agents: fitting.slice(0, nodes) };
}

/** Those that could give all the slots that are missing, where they may be anywhere; else those that give any. */
function fittingAgents({ want, short }: RoomNeed, { survey, freeAgents }: RoomScene): readonly AgentOffer[] {
  const thatFit = (one: Want): readonly AgentOffer[] =>
    freeAgents.filter((agent) => fits(one, agent, survey));
  if (!isSpread(want)) return thatFit(want);
  const whole = thatFit({ ...want, slotsMin: Math.min(short, survey.policy.npMax) });
  return whole.length > 0 ? whole : thatFit(want);
}

/**
 * Where a job's slots may be anywhere it would use every node there is, and no further one is allowed: the smallest
 * leaves for one that has its slots and those that are missing.
 */
function makeLarger({ jobId, want, short, partly }: RoomNeed, scene: RoomScene): RoomMade | null {
  const { survey, used, budget, freeAgents } = scene;
  if (!isSpread(want)) return null;
  const smallestFirst = survey.ours
    .filter((node) => partly.includes(node.intent.taskId))
    .filter((node) => isIdle(node, survey, used))
    .sort(by((node) => node.intent.np));
  for (const { intent } of smallestFirst) {
    const slots = intent.np + short;
    if (slots > survey.policy.npMax) return null;
    const larger = { ...want, slotsMin: slots };
    const { resources } = nodeFor({ slots, memMib: memoryOf(want, slots), gpus: 0 }, survey.policy);
    const isAllowed = budget.wouldAllow(resources, 1, { resources: intent.resources, nodes: 1 });
    const agent = freeAgents.find((one) => isAllowed && fits(larger, one, survey));
    if (agent !== undefined) return { jobId, leaving: new Set([intent.taskId]), agents: [agent] };
  }
  return null;
}

/** What could come back: from nodes that are on their way out, and idle ones that no job was placed on. */
export function freeable(nodes: Bystanders): Freed {
  const { survey, used } = nodes;
  return sumOf(survey.ours.filter((node) => isOnItsWayOut(node, nodes) || isIdle(node, survey, used)));
}

/** Jobs for which nodes of ours are leaving at this moment. */
export function roomBeingMade(survey: Survey): ReadonlySet<string> {
  return new Set(survey.ours.flatMap((node) => jobLeftFor(node) ?? []));
}

function sumOf(nodes: readonly ElasticNode[]): Freed {
  const resources = nodes.reduce((sum, { intent }) => add(sum, intent.resources), nothing);
  return { resources, nodes: nodes.length };
}

/** Whether a node gives back what it holds without another decision about it. */
function isOnItsWayOut(node: ElasticNode, { survey, used, givenUp }: Bystanders): boolean {
  const { taskId } = node.intent;
  switch (node.phase) {
    case 'leaving':
    case 'gone':
      return true;
    case 'draining':
      return !used.has(taskId);
    case 'launching':
    case 'starting':
    case 'registering':
      return givenUp.has(taskId);
    case 'suspect':
      // One that goes by another name drains in this plan, whatever runs there.
      if (node.trouble === 'name-differs') return true;
      return isLost(node.trouble) && (node.node === null || jobsOn(node.node, survey).length === 0);
    case 'up':
      return false;
    default:
      return unreachable(node);
  }
}

function isLost(trouble: Trouble): boolean {
  return trouble === 'ended' || trouble === 'vanished';
}

function isIdle(node: ElasticNode, survey: Survey, used: ReadonlySet<string>): node is UpNode {
  if (node.phase !== 'up' || node.returning || used.has(node.intent.taskId)) return false;
  return jobsOn(node.node, survey).length === 0;
}

function jobLeftFor({ phase, intent: { goal } }: ElasticNode): string | null {
  const isLeaving = phase === 'draining' || phase === 'leaving' || phase === 'gone';
  return isLeaving && goal.kind !== 'hold' ? roomMadeFor(goal.why) : null;
}

interface InTheWay {
  readonly node: UpNode;
  /** Whether the agent could take what the job wants, were the node not there. */
  readonly givesPlace: boolean;
}

/** Idle nodes; first those whose agents would do, then the smallest. */
function inTheWay(need: RoomNeed, { survey, used, agents }: RoomScene): readonly InTheWay[] {
  const kept = new Set([...used, ...need.partly]);
  const byAgent = new Map(agents.map((agent) => [agent.agentId, agent]));
  return survey.ours
    .filter((node) => isIdle(node, survey, kept))
    .map((node) => {
      const agent = byAgent.get(node.intent.agentId);
      return { node, givesPlace: agent !== undefined && wouldFit(need.want, agent, node, survey) };
    })
    .sort(
      inTurn<InTheWay>(
        by(({ givesPlace }) => (givesPlace ? 0 : 1)),
        by(({ node }) => node.intent.np),
        byName(({ node }) => node.intent.taskId),
      ),
    );
}

function wouldFit(want: Want, agent: AgentOffer, node: UpNode, survey: Survey): boolean {
  const resources = add(agent.resources, node.intent.resources);
  return fits(want, { ...agent, resources, refused: null }, survey);
}

function fits(want: Want, agent: AgentOffer, { policy, snapshot }: Survey): boolean {
  return refusal(want, agent, policy, snapshot.nowMs) === null;
}
