/**
 * Serves the jobs that do not fit on nodes that are up: on nodes that are coming, and on new ones, as
 * far as offers and the safe allocation go. A job is served whole or not at all.
 */
import { add, nothing, type ResourceVector } from '@mesos-torque/common/units.ts';
import { Budget } from './budget.ts';
import { fillFloor, type FloorCount, type FloorNeed } from './floor.ts';
import { makeRoom, type RoomMade } from './make-room.ts';
import { nearest, nodeFor, refusal } from './fit.ts';
import { agentOffers, type AgentOffer } from './offers.ts';
import { Opening, type OpenNode } from './opening.ts';
import type { Pass } from './pass.ts';
import { comingRooms, isOnItsWay, type PlacedJob, type Placement } from './place.ts';
import type { Obstacle } from './obstacle.ts';
import { memoryOf, Pool, type Taken, type Want } from './pool.ts';
import type { Reason } from './reasons.ts';
import * as because from './reasons-demand.ts';
import { isGang, type Ask, type JobAsk } from './shapes.ts';
import type { Survey } from './survey.ts';
import { giveAllBack, take, type Missing } from './take.ts';

export interface Growth {
  /** Jobs that will run once coming and new nodes are up. */
  readonly served: readonly PlacedJob[];
  readonly waiting: readonly WaitingJob[];
  /** Nodes to launch now, in the order of their serial numbers. */
  readonly launches: readonly OpenNode[];
  /** Nodes found for a job of several nodes that must wait for launches in flight to end. */
  readonly deferred: readonly DeferredNode[];
  /** Offers kept for a job of several nodes, by agent id. */
  readonly held: ReadonlyMap<string, HeldAgent>;
  /** Offers that were kept for such a job long enough, by agent id. */
  readonly letGo: ReadonlyMap<string, Reason>;
  readonly agents: readonly AgentOffer[];
  readonly floor: FloorNeed;
  readonly room: RoomMade | null;
}

export interface WaitingJob extends Obstacle {
  readonly jobId: string;
  readonly queuedAtMs: number;
  readonly want: Want;
  /** Task ids of nodes of ours that it would use once the rest is there. */
  readonly partly: readonly string[];
}

export interface DeferredNode {
  readonly jobId: string;
  readonly node: OpenNode;
  readonly why: Reason;
}

export interface HeldAgent {
  readonly untilMs: number;
  readonly why: Reason;
}

export function grow(survey: Survey, placement: Placement, givenUp: ReadonlySet<string>, pass: Pass): Growth {
  const step = new GrowStep(survey, placement, givenUp, pass);
  for (const job of placement.rest) step.serve(job);
  const room = step.makeRoom();
  const floor = step.fillFloor(room);
  return step.finish(floor, room);
}

/** What our intents take from Mesos, all until they are forgotten. */
export function heldBy(survey: Survey): ResourceVector {
  return survey.snapshot.intents.reduce((sum, intent) => add(sum, intent.resources), nothing);
}

function taskIdsOf(taken: readonly Taken[]): string[] {
  return taken.flatMap((one) => one.taskId ?? []);
}

class GrowStep {
  readonly #survey: Survey;
  readonly #placement: Placement;
  readonly #pass: Pass;
  readonly #givenUp: ReadonlySet<string>;
  readonly #agents: readonly AgentOffer[];
  readonly #budget: Budget;
  readonly #opening: Opening;
  readonly #coming: Pool;
  /** Launches that may still be begun. */
  readonly #launchesLeft: number;
  readonly #served: PlacedJob[] = [];
  readonly #waiting: WaitingJob[] = [];
  readonly #held = new Map<string, HeldAgent>();
  readonly #letGo = new Map<string, Reason>();
  /** By the ask's key: how it failed, and how many nodes had been opened by then. */
  readonly #failures = new Map<string, { readonly opensCount: number; readonly failure: WaitingJob }>();
  /** The one job for which offers are held. */
  #holder: string | null = null;

  constructor(survey: Survey, placement: Placement, givenUp: ReadonlySet<string>, pass: Pass) {
    const { policy, snapshot, trust } = survey;
    this.#survey = survey;
    this.#placement = placement;
    this.#pass = pass;
    this.#givenUp = givenUp;
    this.#agents = agentOffers(survey, (atMs) => {
      pass.wakeAt(atMs);
    });
    this.#budget = new Budget(policy.safeAllocation, heldBy(survey), snapshot.intents.length);
    this.#coming = new Pool(comingRooms(survey, givenUp));
    const inFlight = survey.ours.filter(
      (node) => isOnItsWay(node) && !givenUp.has(node.intent.taskId),
    ).length;
    this.#launchesLeft = Math.max(0, policy.launchesInFlightMax - inFlight);
    const openMax = trust.mayGrow ? this.#launchesLeft : 0;
    this.#opening = new Opening(this.#agents, this.#budget, policy, snapshot.nowMs, openMax);
  }

  serve(job: JobAsk): void {
    const key = this.#failureKey(job.ask);
    const known = this.#failures.get(key);
    if (known?.opensCount === this.#opening.opensCount) {
      this.#waiting.push({ ...known.failure, jobId: job.jobId, queuedAtMs: job.queuedAtMs });
      return;
    }
    const failure = this.#tryToServe(job);
    if (failure === null) return;
    this.#waiting.push(failure);
    this.#failures.set(key, { opensCount: this.#opening.opensCount, failure });
  }

  /** Maintenance makes the walltime matter, otherwise asks of one key are placed alike. */
  #failureKey(ask: Ask): string {
    const hasWindow = this.#agents.some((agent) => agent.unavailableFromMs !== null);
    return hasWindow ? `${ask.key} ${ask.walltimeMs ?? 'none'}` : ask.key;
  }

  #tryToServe(job: JobAsk): WaitingJob | null {
    const mayHold = this.#survey.trust.mayGrow && isGang(job.ask) && this.#holder === null;
    const opensBefore = this.#opening.nodes.length;
    const sources = [this.#placement.ready, this.#coming, this.#opening];
    // A job of many nodes may be begun in parts, if all of it fits on the offers at hand.
    const openMax = mayHold ? Infinity : this.#openMax;
    const { taken, missing } = this.#opening.withOpenMax(openMax, () => take(job.ask, sources));
    if (missing === null) return this.#keep(job, taken);
    const obstacle = this.#explain(missing);
    const found = this.#opening.nodes.slice(opensBefore);
    giveAllBack(taken);
    if (mayHold && obstacle.blockedBy === 'offers') this.#hold(job.jobId, found, obstacle.why);
    const { jobId, queuedAtMs } = job;
    return { ...obstacle, jobId, queuedAtMs, want: missing.want, partly: taskIdsOf(taken) };
  }

  get #openMax(): number {
    return this.#survey.trust.mayGrow ? this.#launchesLeft : 0;
  }

  #keep(job: JobAsk, taken: readonly Taken[]): null {
    this.#served.push({ jobId: job.jobId, taken });
    if (this.#opening.nodes.length > this.#openMax) this.#holder = job.jobId;
    return null;
  }

  /** Keeps what was found for the first incomplete job of several nodes, for as long as the policy allows. */
  #hold(jobId: string, found: readonly OpenNode[], why: Reason): void {
    for (const node of found) {
      if (!this.#holdAgent(node.agent, jobId, why)) continue;
      this.#holder = jobId;
      this.#opening.setAside(node);
    }
  }

  /** False when its offers were held long enough; others may use them then. */
  #holdAgent({ agentId, receivedAtMs }: AgentOffer, jobId: string, why: Reason): boolean {
    const { policy, snapshot } = this.#survey;
    const untilMs = receivedAtMs + policy.gangHoldMs;
    if (untilMs <= snapshot.nowMs) {
      this.#letGo.set(agentId, because.letGo(jobId, snapshot.nowMs - receivedAtMs, why));
      return false;
    }
    this.#held.set(agentId, { untilMs, why: because.heldForGang(jobId, why) });
    this.#pass.wakeAt(untilMs);
    return true;
  }

  /** Says what stands in the way of the first want that could not be met. */
  #explain(missing: Missing): Obstacle {
    const { found, asked, unit } = missing;
    const obstacle = this.#obstacle(missing);
    return asked === 1
      ? obstacle
      : { ...obstacle, why: because.gangIncomplete(found, asked, unit, obstacle.why) };
  }

  #obstacle({ want, unit, found, asked: all }: Missing): Obstacle {
    const { policy, snapshot, trust } = this.#survey;
    const slots = unit === 'node' ? want.slotsMin : Math.min(all - found, policy.npMax);
    const nodes = unit === 'node' ? all - found : Math.ceil((all - found) / policy.npMax);
    const { resources } = nodeFor({ slots, memMib: memoryOf(want, slots), gpus: want.gpus }, policy);
    const asked = { each: resources, nodes };
    if (!trust.mayGrow) return { why: because.demandNotTrusted(), blockedBy: 'starting', asked };
    const overBudget = this.#budget.shortOf(resources, nodes);
    if (overBudget !== null) return { why: overBudget, blockedBy: 'allocation', asked };
    const agents = this.#opening.freeAgents;
    const refusals = agents.map((agent) => refusal(want, agent, policy, snapshot.nowMs));
    if (refusals.includes(null)) return { why: this.#whyNotOpened(), blockedBy: 'starting', asked };
    const closest = nearest(refusals.filter((one) => one !== null));
    const why = closest === null ? because.noOffers() : because.offersUnfit(agents.length, closest.why);
    return { why, blockedBy: 'offers', asked };
  }

  #whyNotOpened(): Reason {
    const isNext = this.#holder !== null && this.#launchesLeft > 0;
    return isNext ? because.gangNext() : because.launchesInFlight(this.#survey.policy.launchesInFlightMax);
  }

  /** Nodes that stand in the way of the first job that only the safe allocation keeps waiting. */
  makeRoom(): RoomMade | null {
    const first = this.#waiting.find((job) => job.blockedBy === 'allocation');
    const { trust } = this.#survey;
    if (first === undefined || !trust.mayGrow) return null;
    return makeRoom(first, this.#survey, this.#usedTaskIds(), this.#budget);
  }

  /** The floor waits while room is made, or it would take that room. */
  fillFloor(room: RoomMade | null): FloorNeed {
    const opened = Math.min(this.#openMax, this.#opening.nodes.length);
    const count: FloorCount = {
      survey: this.#survey,
      givenUp: this.#givenUp,
      used: this.#usedTaskIds(),
      opened,
      mayFill: room === null,
    };
    return fillFloor(count, this.#opening, (missing) => this.#obstacle(missing));
  }

  #usedTaskIds(): ReadonlySet<string> {
    const jobs = [...this.#placement.placed, ...this.#served];
    return new Set(jobs.flatMap(({ taken }) => taskIdsOf(taken)));
  }

  finish(floor: FloorNeed, room: RoomMade | null): Growth {
    const drafts = this.#opening.nodes;
    const why = because.launchesInFlight(this.#survey.policy.launchesInFlightMax);
    const jobId = this.#holder ?? 'a job of several nodes';
    const deferred = drafts.slice(this.#openMax);
    for (const node of deferred) this.#holdAgent(node.agent, jobId, why);
    return {
      served: this.#served,
      waiting: this.#waiting,
      launches: drafts.slice(0, this.#openMax),
      deferred: deferred.map((node) => ({ jobId, node, why })),
      held: this.#held,
      letGo: this.#letGo,
      agents: this.#agents,
      floor,
      room,
    };
  }
}
