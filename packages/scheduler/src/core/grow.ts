/**
 * Serves the jobs that do not fit on nodes that are up: on nodes that are coming, and on new ones, as
 * far as offers and the safe allocation go. A job is served whole or not at all.
 */
import { add, nothing, type ResourceVector } from '@mesos-torque/common/units.ts';
import { Budget, type Freed } from './budget.ts';
import { fillFloor, type FloorCount, type FloorNeed } from './floor.ts';
import type { Growth, WaitingJob } from './growth.ts';
import { Holds } from './holds.ts';
import { freeable, makeRoom, roomBeingMade, type RoomMade } from './make-room.ts';
import { agentOffers, type AgentOffer } from './offers.ts';
import { Opening, type OpenNode } from './opening.ts';
import type { Pass } from './pass.ts';
import { comingRooms, isOnItsWay, type PlacedJob, type Placement } from './place.ts';
import { lackOf, obstacleOf, type Lack, type Obstacle, type Scene } from './obstacle.ts';
import { Pool, type Source, type Taken, type Want } from './pool.ts';
import * as because from './reasons-demand.ts';
import { isGang, type Ask, type JobAsk } from './shapes.ts';
import type { Survey } from './survey.ts';
import { giveAllBack, take, type Missing } from './take.ts';

/** How an ask could not be met, with nothing kept of what was found for it. */
interface Failure {
  readonly ask: Ask;
  readonly key: string;
  readonly lack: Lack;
  /** Whether offers may be held for it, so that launches in flight do not stand in its way. */
  readonly mayHold: boolean;
  readonly want: Want;
  readonly partly: readonly string[];
}

/** A job of several nodes that may have offers held for it, and what is set aside for it meanwhile. */
interface Candidate extends JobAsk {
  readonly agents: readonly AgentOffer[];
  readonly asked: Obstacle['asked'];
  readonly lack: Lack;
}

interface FailedJob {
  readonly jobId: string;
  readonly queuedAtMs: number;
  readonly failure: Failure;
}

const nothingFreed: Freed = { resources: nothing, nodes: 0 };

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
  readonly #givenUp: ReadonlySet<string>;
  readonly #agents: readonly AgentOffer[];
  readonly #budget: Budget;
  readonly #opening: Opening;
  readonly #coming: Pool;
  /** Launches that may still be begun. */
  readonly #launchesLeft: number;
  readonly #served: PlacedJob[] = [];
  readonly #failed: FailedJob[] = [];
  readonly #holds: Holds;
  #candidate: Candidate | null = null;
  /** By the ask's key: how it failed, and how many nodes had been opened by then. */
  readonly #failures = new Map<string, { readonly opensCount: number; readonly failure: Failure }>();

  constructor(survey: Survey, placement: Placement, givenUp: ReadonlySet<string>, pass: Pass) {
    const { policy, snapshot, trust } = survey;
    this.#survey = survey;
    this.#placement = placement;
    this.#holds = new Holds(survey, pass);
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
    const failure =
      known?.opensCount === this.#opening.opensCount ? known.failure : this.#tryToServe(job, key);
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
  #tryToServe(job: JobAsk, key: string): Failure | null {
    const { jobId, ask } = job;
    const isFirst = this.#holds.holder === null && this.#candidate === null;
    const mayHold = this.#survey.trust.mayGrow && isGang(ask) && isFirst;
    const opensBefore = this.#opening.nodes.length;
    const sources = [this.#placement.ready, this.#coming, this.#opening];
    // A job of many nodes may be begun in parts, if all of it fits on the offers at hand.
    const openMax = mayHold ? Infinity : this.#openMax;
    const { taken, missing } = this.#opening.withOpenMax(openMax, () => take(ask, sources));
    const found = this.#opening.nodes.slice(opensBefore);
    if (missing === null && this.#areKeepable(found)) return this.#keep(jobId, taken);
    const lack = missing === null ? this.#tooManyAtOnce() : lackOf(missing, this.#scene);
    giveAllBack(taken);
    const least = this.#missingOn(ask, [this.#placement.ready, this.#coming]);
    if (least === null) return null;
    if (mayHold && missing !== null) this.#setAside(job, least, lack);
    return { ask, key, lack, mayHold, want: (missing ?? least).want, partly: taskIdsOf(taken) };
  }

  /** Whether nodes that cannot be launched yet have offers that can be kept until then. */
  #areKeepable(found: readonly OpenNode[]): boolean {
    const excess = this.#opening.nodes.length - this.#openMax;
    return excess <= 0 || found.slice(-excess).every(({ agent }) => this.#holds.canKeep(agent));
  }

  #tooManyAtOnce(): Lack {
    const { launchesInFlightMax } = this.#survey.policy;
    return { why: because.launchesInFlight(launchesInFlightMax), moreWouldHelp: false };
  }

  #missingOn(ask: Ask, sources: readonly Source[]): Missing | null {
    const { taken, missing } = take(ask, sources);
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
      holder: this.#holds.holder,
    };
  }

  #keep(jobId: string, taken: readonly Taken[]): null {
    this.#served.push({ jobId, taken });
    if (this.#opening.nodes.length > this.#openMax) this.#holds.becomeHolder(jobId);
    return null;
  }

  /** Keeps others from what is found for the first incomplete job of several nodes, while they are served. */
  #setAside(job: JobAsk, least: Missing, lack: Lack): void {
    const { asked, found } = this.#wouldUse(job.ask, least, lack, new Set(), [this.#opening]);
    const agents = found.filter((agent) => this.#holds.canKeep(agent));
    for (const agent of found) if (!agents.includes(agent)) this.#holds.keep(agent, job.jobId, lack.why);
    if (agents.length === 0) return;
    this.#candidate = { ...job, agents, asked, lack };
    this.#opening.setAside(agents);
    this.#budget.spend(asked.resources, asked.nodes);
  }

  /** The agents that an ask would use if what stands idle gave its share of the safe allocation back. */
  #wouldUse(
    ask: Ask,
    least: Missing,
    lack: Lack,
    takenBack: ReadonlySet<string>,
    offers: readonly Source[],
  ): {
    readonly asked: Obstacle['asked'];
    readonly found: readonly AgentOffer[];
  } {
    const freed = this.#freeable(takenBack);
    const { blockedBy, asked } = obstacleOf(least, lack, true, freed, this.#scene);
    if (blockedBy !== 'offers') return { asked, found: [] };
    const before = this.#opening.nodes.length;
    this.#budget.giveBack(freed.resources, freed.nodes);
    const sources = [this.#placement.ready, this.#coming, ...offers];
    const { taken } = this.#opening.withOpenMax(Infinity, () => take(ask, sources));
    const found = this.#opening.nodes.slice(before).map(({ agent }) => agent);
    giveAllBack(taken);
    this.#budget.spend(freed.resources, freed.nodes);
    return { asked, found };
  }

  #freeable(takenBack: ReadonlySet<string>): Freed {
    const used = new Set([...this.#usedTaskIds(), ...takenBack]);
    return freeable({ survey: this.#survey, used, givenUp: this.#givenUp });
  }

  /**
   * Holds what that job would use of the offers, after the floor had its turn: the job uses the floor's
   * nodes first, in this plan as in the next.
   */
  #holdForCandidate(takenBack: ReadonlySet<string>): void {
    if (this.#candidate === null) return;
    const { jobId, ask, lack } = this.#candidate;
    const opened = new Pool(this.#opening.rooms());
    const least = this.#missingOn(ask, [this.#placement.ready, this.#coming, opened]);
    if (least === null) return;
    const { found } = this.#wouldUse(ask, least, lack, takenBack, [opened, this.#opening.fresh]);
    for (const agent of found) this.#holds.keep(agent, jobId, lack.why);
    if (found.length > 0) this.#holds.becomeHolder(jobId);
  }

  /** Gives back what was set aside for the candidate. */
  #freeCandidate(): void {
    if (this.#candidate === null) return;
    const { agents, asked } = this.#candidate;
    this.#opening.putBack(agents);
    this.#budget.giveBack(asked.resources, asked.nodes);
  }

  /** What keeps each job waiting, as things stand after everything that is opened so far. */
  #waiting(takenBack: ReadonlySet<string>): readonly WaitingJob[] {
    const idle = this.#freeable(takenBack);
    const sources = [this.#placement.ready, this.#coming, new Pool(this.#opening.rooms())];
    const missing = new Map<string, Missing | null>();
    return this.#failed.map(({ jobId, queuedAtMs, failure }) => {
      const { ask, key, want, partly } = failure;
      const known = missing.get(key);
      const least = known === undefined ? this.#missingOn(ask, sources) : known;
      missing.set(key, least);
      return { ...this.#obstacle(failure, least, idle), jobId, queuedAtMs, want, partly };
    });
  }

  #obstacle({ lack, mayHold }: Failure, least: Missing | null, idle: Freed): Obstacle {
    const nothingAsked = { resources: nothing, nodes: 0 };
    // What is opened for others has room for it after all; the next plan finds it there.
    if (least === null) return { why: lack.why, blockedBy: 'allocation', asked: nothingAsked };
    return obstacleOf(least, lack, mayHold, idle, this.#scene);
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
    });
    for (const agent of room?.agents ?? []) this.#holds.keep(agent, first.jobId, first.why);
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
      wanted: waiting.find((job) => job.blockedBy === 'offers')?.want ?? null,
    };
    return fillFloor(count, this.#opening, (missing) =>
      obstacleOf(missing, lackOf(missing, this.#scene), false, nothingFreed, this.#scene),
    );
  }

  finish(): Growth {
    this.#freeCandidate();
    const waiting = this.#waiting(new Set());
    const room = this.#makeRoom(waiting);
    const floor = this.#fillFloor(waiting, room);
    this.#holdForCandidate(floor.takenBack);
    const drafts = this.#opening.nodes;
    const { why } = this.#tooManyAtOnce();
    const jobId = this.#holds.holder ?? 'a job of several nodes';
    const deferred = drafts.slice(this.#openMax);
    for (const { agent } of deferred) this.#holds.keep(agent, jobId, why);
    return {
      served: this.#served,
      waiting: this.#waiting(floor.takenBack),
      launches: drafts.slice(0, this.#openMax),
      deferred: deferred.map((node) => ({ jobId, node, why })),
      held: this.#holds.held,
      letGo: this.#holds.letGo,
      agents: this.#agents,
      floor,
      room,
    };
  }
}
