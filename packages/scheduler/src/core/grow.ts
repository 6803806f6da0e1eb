/**
 * Serves the jobs that do not fit on nodes that are up: on nodes that are coming, and on new ones, as
 * far as offers and the safe allocation go. A job is served whole or not at all.
 */
import { add, nothing, scale, type ResourceVector } from '@mesos-torque/common/units.ts';
import { Budget } from './budget.ts';
import { fillFloor, type FloorCount, type FloorNeed } from './floor.ts';
import { freeable, makeRoom, roomBeingMade, type Freed, type RoomMade } from './make-room.ts';
import { agentOffers, type AgentOffer } from './offers.ts';
import { Opening, type OpenNode } from './opening.ts';
import type { Pass } from './pass.ts';
import { comingRooms, isOnItsWay, type PlacedJob, type Placement } from './place.ts';
import { lackOf, obstacleOf, type Lack, type Obstacle, type Scene } from './obstacle.ts';
import { Pool, type Taken, type Want } from './pool.ts';
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

/** How an ask could not be met, with nothing kept of what was found for it. */
interface Failure {
  /** What it lacks on nodes that exist. */
  readonly least: Missing;
  readonly lack: Lack;
  readonly mayHold: boolean;
  readonly want: Want;
  readonly partly: readonly string[];
}

interface FailedJob {
  readonly jobId: string;
  readonly queuedAtMs: number;
  readonly failure: Failure;
}

const nothingFreed: Freed = { resources: nothing, nodes: 0 };

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
  return step.finish();
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
  readonly #failed: FailedJob[] = [];
  readonly #held = new Map<string, HeldAgent>();
  readonly #letGo = new Map<string, Reason>();
  /** By the ask's key: how it failed, and how many nodes had been opened by then. */
  readonly #failures = new Map<string, { readonly opensCount: number; readonly failure: Failure }>();
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
    const failure = known?.opensCount === this.#opening.opensCount ? known.failure : this.#tryToServe(job);
    if (failure === null) return;
    this.#failed.push({ jobId: job.jobId, queuedAtMs: job.queuedAtMs, failure });
    this.#failures.set(key, { opensCount: this.#opening.opensCount, failure });
  }

  /** Maintenance makes the walltime matter, otherwise asks of one key are placed alike. */
  #failureKey(ask: Ask): string {
    const hasWindow = this.#agents.some((agent) => agent.unavailableFromMs !== null);
    return hasWindow ? `${ask.key} ${ask.walltimeMs ?? 'none'}` : ask.key;
  }

  /** Null when the job is served. */
  #tryToServe(job: JobAsk): Failure | null {
    const mayHold = this.#survey.trust.mayGrow && isGang(job.ask) && this.#holder === null;
    const opensBefore = this.#opening.nodes.length;
    const sources = [this.#placement.ready, this.#coming, this.#opening];
    // A job of many nodes may be begun in parts, if all of it fits on the offers at hand.
    const openMax = mayHold ? Infinity : this.#openMax;
    const { taken, missing } = this.#opening.withOpenMax(openMax, () => take(job.ask, sources));
    if (missing === null) return this.#keep(job, taken);
    const found = this.#opening.nodes.slice(opensBefore);
    const lack = lackOf(missing, this.#scene);
    giveAllBack(taken);
    const least = this.#leastMissing(job.ask) ?? missing;
    const failure = { least, lack, mayHold, want: missing.want, partly: taskIdsOf(taken) };
    const { blockedBy, asked } = obstacleOf(least, lack, mayHold, nothingFreed, this.#scene);
    if (mayHold && blockedBy === 'offers' && lack.moreWouldHelp) {
      this.#hold(job.jobId, found, lack.why, asked);
    }
    return failure;
  }

  /** What an ask lacks on nodes that exist, whatever Mesos offers at this moment. */
  #leastMissing(ask: Ask): Missing | null {
    const { taken, missing } = take(ask, [this.#placement.ready, this.#coming]);
    giveAllBack(taken);
    return missing;
  }

  get #openMax(): number {
    return this.#survey.trust.mayGrow ? this.#launchesLeft : 0;
  }

  get #scene(): Scene {
    return {
      survey: this.#survey,
      budget: this.#budget,
      opening: this.#opening,
      openMax: this.#openMax,
      holder: this.#holder,
    };
  }

  #keep(job: JobAsk, taken: readonly Taken[]): null {
    this.#served.push({ jobId: job.jobId, taken });
    if (this.#opening.nodes.length > this.#openMax) this.#holder = job.jobId;
    return null;
  }

  /**
   * Keeps what was found for the first incomplete job of several nodes, and its share of the safe
   * allocation, for as long as the policy allows.
   */
  #hold(jobId: string, found: readonly OpenNode[], why: Reason, { each, nodes }: Obstacle['asked']): void {
    for (const { agent } of found) {
      if (!this.#holdAgent(agent, jobId, why)) continue;
      this.#holder = jobId;
      this.#opening.setAside(agent);
    }
    if (this.#holder === jobId) this.#budget.spend(scale(each, nodes), nodes);
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

  /** What keeps each job waiting, as things stand after everything that is opened so far. */
  #waiting(takenBack: ReadonlySet<string>): readonly WaitingJob[] {
    const idle = freeable({
      survey: this.#survey,
      used: new Set([...this.#usedTaskIds(), ...takenBack]),
      givenUp: this.#givenUp,
    });
    return this.#failed.map(({ jobId, queuedAtMs, failure: { least, lack, mayHold, want, partly } }) => {
      const obstacle = obstacleOf(least, lack, mayHold, idle, this.#scene);
      return { ...obstacle, jobId, queuedAtMs, want, partly };
    });
  }

  #usedTaskIds(): ReadonlySet<string> {
    const jobs = [...this.#placement.placed, ...this.#served];
    return new Set(jobs.flatMap(({ taken }) => taskIdsOf(taken)));
  }

  /** For the first job that offers would help, if nodes of ours are in its way. */
  #makeRoom(waiting: readonly WaitingJob[]): RoomMade | null {
    const first = waiting.find((job) => job.blockedBy === 'offers');
    if (first === undefined || !this.#survey.trust.mayGrow) return null;
    const room = makeRoom(first, {
      survey: this.#survey,
      budget: this.#budget,
      used: this.#usedTaskIds(),
      givenUp: this.#givenUp,
      agents: this.#agents,
      freeAgents: this.#opening.freeAgents,
      agentsHeld: this.#holder === first.jobId ? this.#held.size : 0,
    });
    for (const agent of room?.agents ?? []) this.#holdAgent(agent, first.jobId, first.why);
    return room;
  }

  /** The floor waits while room is made for a job, or it would take that room. */
  #fillFloor(waiting: readonly WaitingJob[], room: RoomMade | null): FloorNeed {
    const forWhom = roomBeingMade(this.#survey);
    const isMakingRoom = room !== null || waiting.some((job) => forWhom.has(job.jobId));
    const count: FloorCount = {
      survey: this.#survey,
      givenUp: this.#givenUp,
      used: this.#usedTaskIds(),
      opened: Math.min(this.#openMax, this.#opening.nodes.length),
      mayFill: !isMakingRoom,
    };
    return fillFloor(count, this.#opening, (missing) =>
      obstacleOf(missing, lackOf(missing, this.#scene), false, nothingFreed, this.#scene),
    );
  }

  finish(): Growth {
    const waiting = this.#waiting(new Set());
    const room = this.#makeRoom(waiting);
    const floor = this.#fillFloor(waiting, room);
    const drafts = this.#opening.nodes;
    const why = because.launchesInFlight(this.#survey.policy.launchesInFlightMax);
    const jobId = this.#holder ?? 'a job of several nodes';
    const deferred = drafts.slice(this.#openMax);
    for (const node of deferred) this.#holdAgent(node.agent, jobId, why);
    return {
      served: this.#served,
      waiting: this.#waiting(floor.takenBack),
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
