/** What `grow` works on: capacity that comes, offers, the safe allocation, and what was given to whom so far. */
import { add, nothing, type ResourceVector } from '@mesos-torque/common/units.ts';
import { Budget, type Freed } from './budget.ts';
import { Holds } from './holds.ts';
import { freeable } from './make-room.ts';
import type { Lack, Scene } from './obstacle.ts';
import type { AgentOffer } from './offers.ts';
import { Opening, type OpenNode } from './opening.ts';
import type { Pass } from './pass.ts';
import { isOnItsWay, type PlacedJob, type Placement } from './place.ts';
import type { Pool, Source, Taken } from './pool.ts';
import { launchesInFlight } from './reasons-demand.ts';
import type { ElasticNode } from './nodes.ts';
import type { Ask } from './shapes.ts';
import type { Survey } from './survey.ts';
import { holdsNothing } from './task-states.ts';
import { giveAllBack, take, type Missing } from './take.ts';

/** What is there, or comes without a launch. */
export interface Capacity {
  readonly survey: Survey;
  readonly placement: Placement;
  readonly givenUp: ReadonlySet<string>;
  readonly coming: Pool;
  /** What was offered a moment ago, where nothing is offered now. */
  readonly lately: readonly AgentOffer[];
}

export class GrowState {
  readonly survey: Survey;
  readonly placement: Placement;
  readonly givenUp: ReadonlySet<string>;
  readonly agents: readonly AgentOffer[];
  readonly budget: Budget;
  readonly opening: Opening;
  readonly coming: Pool;
  readonly lately: readonly AgentOffer[];
  readonly holds: Holds;
  /** Nodes that may be opened in this plan. */
  readonly openMax: number;
  readonly served: PlacedJob[] = [];

  constructor(capacity: Capacity, agents: readonly AgentOffer[], pass: Pass) {
    const { survey, placement, givenUp, coming, lately } = capacity;
    const { policy, snapshot, trust } = survey;
    this.survey = survey;
    this.placement = placement;
    this.givenUp = givenUp;
    this.agents = agents;
    this.budget = new Budget(policy, heldBy(survey), holding(survey).length);
    this.coming = coming;
    this.lately = lately;
    this.holds = new Holds(survey, pass);
    const inFlight = survey.ours.filter((node) => isOnItsWay(node) && !givenUp.has(node.intent.taskId));
    const left = Math.max(0, policy.launchesInFlightMax - inFlight.length);
    this.openMax = trust.mayGrow && trust.growthHeld === null ? left : 0;
    this.opening = new Opening(this.agents, this.budget, policy, snapshot.nowMs, this.openMax);
  }

  /** Nodes that are up or coming, whatever Mesos offers at this moment. */
  get existing(): readonly Source[] {
    return [this.placement.ready, this.coming];
  }

  get scene(): Scene {
    const { survey, budget, opening, lately, openMax } = this;
    return { survey, budget, opening, lately, openMax, holder: this.holds.holder };
  }

  missingOn(ask: Ask, sources: readonly Source[]): Missing | null {
    const { taken, missing } = take(ask, sources);
    giveAllBack(taken);
    return missing;
  }

  /** A job of several nodes may open more than can be launched now; the rest is held for it. */
  keep(jobId: string, taken: readonly Taken[]): void {
    this.served.push({ jobId, taken });
    if (this.opening.nodes.length > this.openMax) this.holds.becomeHolder(jobId);
  }

  /** Whether nodes that cannot be launched yet have offers that can be kept until then. */
  areKeepable(found: readonly OpenNode[]): boolean {
    const excess = this.opening.nodes.length - this.openMax;
    return excess <= 0 || found.length === 0 || this.holds.canKeep;
  }

  get tooManyAtOnce(): Lack {
    const { launchesInFlightMax } = this.survey.policy;
    return { why: launchesInFlight(launchesInFlightMax), moreWouldHelp: false };
  }

  /** Task ids of nodes of ours that jobs were placed on. */
  get usedTaskIds(): ReadonlySet<string> {
    const used = new Set<string>();
    for (const jobs of [this.placement.placed, this.served]) {
      for (const { taken } of jobs) for (const { taskId } of taken) if (taskId !== null) used.add(taskId);
    }
    return used;
  }

  /** The same without jobs that are passed over there: what they do not get may leave for the job in front. */
  get usedInOrder(): ReadonlySet<string> {
    const { placed, passedOver } = this.placement;
    const inOrder = this.served.filter(({ jobId }) => !passedOver.has(jobId));
    return new Set([...placed, ...inOrder].flatMap(({ taken }) => taskIdsOf(taken)));
  }

  /** What idle and leaving nodes could give back, without those that the floor takes back. */
  freeable(takenBack: ReadonlySet<string>): Freed {
    const used = new Set([...this.usedTaskIds, ...takenBack]);
    return freeable({ survey: this.survey, used, givenUp: this.givenUp });
  }
}

/** What our intents take from Mesos: all of them, but for those whose task has surely ended. */
export function heldBy(survey: Survey): ResourceVector {
  return holding(survey).reduce((sum, { intent }) => add(sum, intent.resources), nothing);
}

export function holding({ ours }: Survey): readonly ElasticNode[] {
  return ours.filter((node) => node.task === null || !holdsNothing(node.task.state));
}

export function taskIdsOf(taken: readonly Taken[]): string[] {
  return taken.flatMap((one) => one.taskId ?? []);
}
