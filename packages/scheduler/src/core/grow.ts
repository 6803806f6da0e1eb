/**
 * Serves the jobs that do not fit on nodes that are up: on nodes that are coming, and on new ones, as
 * far as offers and the safe allocation go. A job is served whole or not at all.
 */
import { nothing } from '@mesos-torque/common/units.ts';
import type { Freed } from './budget.ts';
import { putBack, setAside, settle, type Candidate } from './candidate.ts';
import { offeredLately } from './declined.ts';
import { fillFloor, type FloorCount, type FloorNeed } from './floor.ts';
import { GrowState, taskIdsOf } from './grow-state.ts';
import type { Growth, WaitingJob } from './growth.ts';
import { makeRoom, roomBeingMade, type RoomMade } from './make-room.ts';
import { lackOf, obstacleOf, type Lack, type Obstacle } from './obstacle.ts';
import { agentOffers } from './offers.ts';
import type { Pass } from './pass.ts';
import { comingRooms, type Placement } from './place.ts';
import { Pool, wantOfSlots, type Want } from './pool.ts';
import { isGang, type Ask, type JobAsk } from './shapes.ts';
import { mapSliced, type Sliced } from './sliced.ts';
import type { Survey } from './survey.ts';
import { giveAllBack, take, type Missing } from './take.ts';

export function* grow(
  survey: Survey,
  placement: Placement,
  givenUp: ReadonlySet<string>,
  pass: Pass,
): Sliced<Growth> {
  const agents = yield* agentOffers(survey, (atMs) => {
    pass.wakeAt(atMs);
  });
  yield;
  const lately = agents.length === 0 ? yield* offeredLately(survey) : [];
  const coming = yield* Pool.sliced(comingRooms(survey, givenUp, placement.rest));
  yield;
  const step = new GrowStep(new GrowState({ survey, placement, givenUp, coming, lately }, agents, pass));
  yield;
  yield* step.serveAll(placement.rest);
  return yield* step.finish();
}

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

interface FailedJob {
  readonly jobId: string;
  readonly queuedAtMs: number;
  readonly failure: Failure;
}

/** Different requests that room is sought for in one plan: each may look at every agent. */
const roomsSoughtMax = 16;

/** Equal requests fail alike. */
function firstOfEach(waiting: readonly WaitingJob[]): readonly WaitingJob[] {
  const seen = new Map<string, WaitingJob>();
  for (const job of waiting) {
    if (seen.size >= roomsSoughtMax) break;
    if (!seen.has(job.key)) seen.set(job.key, job);
  }
  return [...seen.values()];
}

const nothingFreed: Freed = { resources: nothing, nodes: 0 };
const none: ReadonlySet<string> = new Set();
const anyWant = wantOfSlots(1, 0, null);

class GrowStep {
  readonly #state: GrowState;
  #failed: readonly FailedJob[] = [];
  #candidate: Candidate | null = null;
  /** By the ask's key: how it failed, and how many nodes had been opened by then. */
  readonly #failures = new Map<string, { readonly opensCount: number; readonly failure: Failure }>();
  /** Asks that were not answered by one before. */
  #tries = 0;
  /** Maintenance makes the walltime matter; otherwise asks of one key are placed alike. */
  readonly #hasMaintenance: boolean;

  constructor(state: GrowState) {
    this.#state = state;
    this.#hasMaintenance = state.agents.some((agent) => agent.unavailableFromMs !== null);
  }

  *serveAll(jobs: readonly JobAsk[]): Sliced<void> {
    const failed: FailedJob[] = [];
    let tries = this.#tries;
    for (const [index, job] of jobs.entries()) {
      const failure = this.#serve(job);
      if (failure !== null) failed.push({ jobId: job.jobId, queuedAtMs: job.queuedAtMs, failure });
      // A job that is like one before costs little; one that is tried may go through all offers.
      if (index % 512 === 511 || this.#tries !== tries) yield;
      tries = this.#tries;
    }
    this.#failed = failed;
  }

  /** Null when the job is served. */
  #serve(job: JobAsk): Failure | null {
    const { key: askKey, walltimeMs } = job.ask;
    const key = this.#hasMaintenance ? `${askKey} ${walltimeMs ?? 'none'}` : askKey;
    const { opening } = this.#state;
    const known = this.#failures.get(key);
    if (known?.opensCount === opening.opensCount) return known.failure;
    const failure = this.#tryToServe(job, key);
    if (failure !== null) this.#failures.set(key, { opensCount: opening.opensCount, failure });
    return failure;
  }

  #tryToServe(job: JobAsk, key: string): Failure | null {
    this.#tries += 1;
    const state = this.#state;
    const { opening, existing, holds, survey } = state;
    const { jobId, ask } = job;
    const known = this.#failures.get(key)?.failure;
    const mayOpen = survey.trust.mayGrow && survey.trust.growthHeld === null;
    const mayHold = mayOpen && isGang(ask) && holds.holder === null && this.#candidate === null;
    // What exists only gets less, and so do the agents: an ask that failed looks at opened nodes alone.
    const isRetry = known !== undefined && !isGang(ask);
    const sources = isRetry ? [opening.opened] : [...existing, opening];
    const opensBefore = opening.nodes.length;
    // A job of many nodes may be begun in parts, if all of it fits on the offers at hand.
    const openMax = mayHold ? Infinity : state.openMax;
    const { taken, missing } = opening.withOpenMax(openMax, () => take(ask, sources));
    if (missing === null && state.areKeepable(opening.nodes.slice(opensBefore))) {
      state.keep(jobId, taken);
      return null;
    }
    const lack = known?.lack ?? (missing === null ? state.tooManyAtOnce : lackOf(missing, state.scene));
    giveAllBack(taken);
    const least = state.missingOn(ask, existing) ?? missing;
    if (mayHold && missing !== null && least !== null) this.#candidate = setAside(state, job, least, lack);
    return { ask, key, lack, mayHold, want: (missing ?? least)?.want ?? anyWant, partly: taskIdsOf(taken) };
  }

  /** What keeps each job waiting, as things stand after everything that is opened so far. */
  *#waiting(takenBack: ReadonlySet<string>): Sliced<readonly WaitingJob[]> {
    const idle = this.#state.freeable(takenBack);
    const sources = [...this.#state.existing, yield* Pool.sliced(this.#state.opening.rooms())];
    const missing = new Map<string, Missing | null>();
    const leastOf = ({ ask, key }: Failure): Missing | null => {
      const known = missing.get(key);
      const least = known === undefined ? this.#state.missingOn(ask, sources) : known;
      missing.set(key, least);
      return least;
    };
    // Equal jobs failed in one and the same way.
    const obstacles = new Map<Failure, Obstacle>();
    return yield* mapSliced(this.#failed, ({ jobId, queuedAtMs, failure }): WaitingJob => {
      const least = leastOf(failure);
      const obstacle = obstacles.get(failure) ?? this.#obstacle(failure, least, idle);
      obstacles.set(failure, obstacle);
      const { why, asked, blockedBy } = obstacle;
      const { key, want, partly } = failure;
      const short = least === null ? 0 : least.asked - least.found;
      return { why, asked, blockedBy, jobId, key, queuedAtMs, want, short, partly };
    });
  }

  #obstacle({ lack, mayHold }: Failure, least: Missing | null, idle: Freed): Obstacle {
    // What is opened for others has room for it after all; the next plan finds it there.
    if (least === null) return { why: lack.why, blockedBy: 'allocation', asked: nothingFreed };
    return obstacleOf(least, lack, mayHold, idle, this.#state.scene);
  }

  /** For the first job that offers would help and that nodes of ours are in the way of. */
  *#makeRoom(waiting: readonly WaitingJob[]): Sliced<RoomMade | null> {
    const { survey, budget, usedInOrder, givenUp, agents, opening, holds } = this.#state;
    if (!survey.trust.mayGrow || !survey.trust.mayShrink) return null;
    const { freeAgents } = opening;
    const used = new Set(usedInOrder);
    for (const job of firstOfEach(waiting.filter(({ blockedBy }) => blockedBy === 'offers'))) {
      const room = yield* makeRoom(job, { survey, budget, used, givenUp, agents, freeAgents });
      for (const agent of room?.agents ?? []) holds.keep(agent, job.jobId, job.why);
      if (room !== null) return room;
      // What a job in front would use does not leave for one behind it.
      for (const taskId of job.partly) used.add(taskId);
    }
    return null;
  }

  /** The floor waits while room is made for a job, or it would take that room. */
  #fillFloor(waiting: readonly WaitingJob[], room: RoomMade | null): FloorNeed {
    const { survey, givenUp, usedTaskIds: used, opening, openMax, scene } = this.#state;
    const forWhom = roomBeingMade(survey);
    const isMakingRoom = room !== null || waiting.some((job) => forWhom.has(job.jobId));
    const count: FloorCount = {
      survey,
      givenUp,
      used,
      opened: Math.min(openMax, opening.nodes.length),
      mayFill: !isMakingRoom,
      wanted: waiting.find((job) => job.blockedBy === 'offers')?.want ?? null,
    };
    return fillFloor(count, opening, (missing) =>
      obstacleOf(missing, lackOf(missing, scene), false, nothingFreed, scene),
    );
  }

  *finish(): Sliced<Growth> {
    const { opening, holds, agents, openMax, served, tooManyAtOnce } = this.#state;
    if (this.#candidate !== null) putBack(this.#state, this.#candidate);
    const waiting = yield* this.#waiting(none);
    yield;
    const room = yield* this.#makeRoom(waiting);
    yield;
    const floor = this.#fillFloor(waiting, room);
    yield;
    this.#settleCandidate(floor.takenBack);
    yield;
    const { why } = tooManyAtOnce;
    const jobId = holds.holder ?? 'a job of several nodes';
    const deferred = opening.nodes.slice(openMax);
    for (const { agent } of deferred) holds.keep(agent, jobId, why);
    return {
      served,
      waiting: yield* this.#waiting(floor.takenBack),
      launches: opening.nodes.slice(0, openMax),
      deferred: deferred.map((node) => ({ jobId, node, why })),
      held: holds.held,
      letGo: holds.letGo,
      agents,
      floor,
      room,
    };
  }

  #settleCandidate(takenBack: ReadonlySet<string>): void {
    const candidate = this.#candidate;
    if (candidate === null || !settle(this.#state, candidate, takenBack)) return;
    this.#failed = this.#failed.filter((job) => job.jobId !== candidate.jobId);
  }
}
