/** What stands between a need and the nodes that would meet it. */
import { add, scale, type ResourceVector } from '@mesos-torque/common/units.ts';
import type { Budget, Freed } from './budget.ts';
import { nearest, nodeFor, refusal } from './fit.ts';
import type { Opening } from './opening.ts';
import type { AgentOffer } from './offers.ts';
import { memoryOf, type Want } from './pool.ts';
import type { Reason } from './reasons.ts';
import * as because from './reasons-demand.ts';
import type { Survey } from './survey.ts';
import type { Missing } from './take.ts';

export interface Obstacle {
  readonly why: Reason;
  /** What is missing: nodes of ours, and what they take together. */
  readonly asked: { readonly resources: ResourceVector; readonly nodes: number };
  /**
   * - `offers`: more or other offers would help.
   * - `starting`: something of ours must end first (launches in flight, a reading that fails).
   * - `allocation`: the safe allocation is used up by nodes that are needed, or growth is held; offers would
   *   not help.
   */
  readonly blockedBy: 'offers' | 'starting' | 'allocation';
}

/** What a plan in the making has left. */
export interface Scene {
  readonly survey: Survey;
  readonly budget: Budget;
  readonly opening: Opening;
  /** Agents that offered a moment ago, where none does now. */
  readonly lately: readonly AgentOffer[];
  /** Nodes that may be opened in this plan. */
  readonly openMax: number;
  /** The job that offers are held for. */
  readonly holder: string | null;
}

/** Why the offers at hand do not give what is missing. */
export interface Lack {
  readonly why: Reason;
  /** Whether more offers of the same kind would help. */
  readonly moreWouldHelp: boolean;
}

export function lackOf({ want, unit, found, asked }: Missing, scene: Scene): Lack {
  const { policy, snapshot } = scene.survey;
  const agents = scene.opening.freeAgents;
  const refusals = agents.map((agent) => refusal(want, agent, policy, snapshot.nowMs));
  const closest = nearest(refusals.filter((one) => one !== null));
  const unfit = closest === null ? whyNothing(want, scene) : whyUnfit(want, agents, closest.why());
  const memMib = memoryOf(want, want.slotsMin);
  const { resources } = nodeFor({ slots: want.slotsMin, memMib, gpus: want.gpus }, policy);
  const overBudget = scene.budget.shortOf(resources, 1);
  const obstacle = overBudget ?? (refusals.includes(null) ? whyNotOpened(scene) : unfit);
  const why = asked === 1 ? obstacle : because.gangIncomplete(found, asked, unit, obstacle);
  return { why, moreWouldHelp: overBudget === null };
}

/** What was declined a moment ago tells more than that nothing is at hand: the next offers will be like it. */
function whyNothing(want: Want, { survey, lately }: Scene): Reason {
  const { policy, snapshot } = survey;
  const refusals = lately.map((agent) => refusal(want, agent, policy, snapshot.nowMs));
  const closest = refusals.includes(null) ? null : nearest(refusals.filter((one) => one !== null));
  return closest === null ? because.noOffers() : because.noneOffersNow(lately.length, closest.why());
}

/** Of a host that nobody offers, no single offer is the closest. */
function whyUnfit({ host }: Want, agents: readonly AgentOffer[], closest: Reason): Reason {
  if (host === null || closest.code !== 'other-host') return because.offersUnfit(agents.length, closest);
  return because.hostNotOffered(
    host,
    agents.map((agent) => agent.host),
  );
}

/**
 * What keeps a need waiting that lacks `missing` on nodes that exist. `lack` is told when nothing but
 * offers stands in the way; `freeable` is what idle and leaving nodes could give back.
 */
export function obstacleOf(
  missing: Missing,
  lack: Lack,
  mayHold: boolean,
  freeable: Freed,
  scene: Scene,
): Obstacle {
  const { budget, survey } = scene;
  const asked = nodesAsked(missing, scene);
  const { unit, found, asked: all } = missing;
  const told = (why: Reason): Reason => (all === 1 ? why : because.gangIncomplete(found, all, unit, why));
  if (!survey.trust.mayGrow) return { why: because.demandNotTrusted(), blockedBy: 'starting', asked };
  const held = survey.trust.growthHeld;
  if (held !== null) return { why: told(held), blockedBy: 'allocation', asked };
  const overBudget = budget.shortOf(asked.resources, asked.nodes);
  if (overBudget !== null) {
    const couldBe = budget.wouldAllow(asked.resources, asked.nodes, freeable);
    return { why: told(overBudget), blockedBy: couldBe ? 'offers' : 'allocation', asked };
  }
  const isFull = !mayHold && scene.opening.nodes.length + asked.nodes > scene.openMax;
  if (isFull) return { why: told(whyNotOpened(scene)), blockedBy: 'starting', asked };
  return { why: lack.why, blockedBy: 'offers', asked };
}

/** Slots that may be anywhere are asked as few nodes as large as may be, which waste the least. */
function nodesAsked({ want, unit, found, asked }: Missing, { survey }: Scene): Obstacle['asked'] {
  const { policy } = survey;
  const left = asked - found;
  const sized = (slots: number): ResourceVector =>
    nodeFor({ slots, memMib: memoryOf(want, slots), gpus: want.gpus }, policy).resources;
  if (unit === 'node') return { resources: scale(sized(want.slotsMin), left), nodes: left };
  const nodes = Math.ceil(left / policy.npMax);
  const last = left - (nodes - 1) * policy.npMax;
  return { resources: add(scale(sized(policy.npMax), nodes - 1), sized(last)), nodes };
}

function whyNotOpened({ holder, openMax, survey }: Scene): Reason {
  if (holder !== null && openMax > 0) return because.gangNext();
  return because.launchesInFlight(survey.policy.launchesInFlightMax);
}
