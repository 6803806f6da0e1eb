/**
 * Nodes as the planner decides under a policy: it is shown what readings of TORQUE and Mesos would show, its plan is
 * checked as in production, and a small model carries it out. Everything that is ordered succeeds.
 *
 * A pass follows each change that a plan could depend on, at the next reading. While no job waits, jobs
 * that start and end on nodes that stay change nothing but idle times, so the next pass is when the first of them is
 * over.
 */
import { checkPlan } from '../../core/check-plan.ts';
import type { Plan } from '../../core/decisions.ts';
import type { Snapshot } from '../../core/facts.ts';
import { plan } from '../../core/plan.ts';
import type { Policy } from '../../core/policy.ts';
import { nothingLimited } from '../../core/settings.ts';
import { isExpectant } from '../../loop/pace.ts';
import { ElasticNodes } from '../model/elastic-nodes.ts';
import { Mesos } from '../model/mesos.ts';
import type { RunningJob } from '../model/schedulers.ts';
import type { Keeper, World } from '../simulation.ts';
import { nextOn, type Timing } from '../timing.ts';
import { CarryOut, frameworkId } from './carry-out.ts';
import { usualConditions } from '../../core/conditions.ts';
import { noWishes } from '../../core/wishes.ts';

export interface PlannedKeeper extends Keeper {
  /** How often it planned. */
  readonly passes: () => number;
}

export interface PlannedOptions {
  readonly policy: Policy;
  readonly timing: Timing;
  /** Whether passes are left out that can change nothing; tests compare. */
  readonly skipsIdlePasses?: boolean;
}

/** A plan that breaks a rule of the planner: a bug, told with what broke it. */
export class RuleBroken extends Error {}

export function plannedKeeper(options: PlannedOptions): PlannedKeeper {
  let planning: Planning | null = null;
  return {
    begin(world) {
      planning = new Planning(world, options);
    },
    jobCame: () => undefined,
    jobStarted: (running) => planning?.jobStarted(running),
    jobEnded: (running) => planning?.jobEnded(running),
    queueLookedAt: (started) => planning?.queueLookedAt(started),
    passes: () => planning?.passes ?? 0,
  };
}

/** pbs_sched looks by itself in this interval, whatever else wakes it. */
const schedulerIterationMs = 10_000;

class Planning {
  readonly #world: World;
  readonly #policy: Policy;
  readonly #timing: Timing;
  readonly #skipsIdlePasses: boolean;
  readonly #nodes: ElasticNodes;
  readonly #mesos: Mesos;
  readonly #carryOut: CarryOut;
  #isExpectant = false;
  #passAtMs: number | null = null;
  /** The moment from which the last plan expected another one by time alone. */
  #wakeAtMs: number | null = null;
  #waitingBefore = 0;
  passes = 0;

  constructor(world: World, { policy, timing, skipsIdlePasses = true }: PlannedOptions) {
    this.#world = world;
    this.#policy = policy;
    this.#timing = timing;
    this.#skipsIdlePasses = skipsIdlePasses;
    this.#nodes = new ElasticNodes(world.cluster, world.torque);
    this.#mesos = new Mesos(world.cluster, world.agenda, () => {
      this.#carryOut.offersCame();
      this.#passAt(world.nowMs());
    });
    this.#carryOut = new CarryOut({
      world,
      timing,
      nodes: this.#nodes,
      mesos: this.#mesos,
      onChange: () => {
        this.#changed();
      },
      onNodeFree: () => {
        this.#lookWithinIteration();
      },
    });
    this.#mesos.revive(world.nowMs());
    this.#passAt(world.nowMs());
  }

  // What happens to jobs

  jobStarted(running: RunningJob): void {
    this.#nodes.started(running);
    for (const { agent } of running.shares) this.#carryOut.busy(agent);
  }

  jobEnded(running: RunningJob): void {
    this.#nodes.ended(running);
    for (const { agent } of running.shares) {
      this.#carryOut.idle(agent);
      if (this.#nodes.on(agent)?.intent.goal.kind !== 'hold') this.#changed();
    }
    if (this.#world.torque.waiting.length === 0) this.#quietlyChanged();
    else this.#changed();
  }

  /** After each look of the TORQUE scheduler: who is left waiting is what concerns the planner. */
  queueLookedAt(started: number): void {
    const waiting = this.#world.torque.waiting.length;
    const isSame = started === 0 && waiting === this.#waitingBefore;
    if (!isSame && (waiting > 0 || this.#waitingBefore > 0)) this.#changed();
    else if (isSame) this.#carryOut.kicksAreVain();
    this.#waitingBefore = waiting;
  }

  /** A node that turned free does not wake pbs_sched; the planner does, and the next iteration does too. */
  #lookWithinIteration(): void {
    const { agenda } = this.#world;
    agenda.at(nextOn(schedulerIterationMs, this.#world.nowMs()), () => {
      if (this.#world.torque.waiting.length > 0) this.#world.wantCycle();
    });
  }

  // When to plan

  #changed(): void {
    this.#mesos.changed(this.#world.nowMs());
    this.#carryOut.kicksMayHelp();
    this.#passAt(this.#nextReadingMs());
  }

  #quietlyChanged(): void {
    if (!this.#skipsIdlePasses) {
      this.#changed();
      return;
    }
    this.#passAt(Math.max(this.#nextReadingMs(), this.#world.nowMs() + this.#policy.idleMs));
  }

  #nextReadingMs(): number {
    const { pollMs, quietPollMs } = this.#timing;
    return nextOn(this.#isExpectant ? pollMs : quietPollMs, this.#world.nowMs());
  }

  #passAt(atMs: number): void {
    if (this.#passAtMs !== null && this.#passAtMs <= atMs) return;
    this.#passAtMs = atMs;
    this.#world.agenda.at(atMs, () => {
      if (this.#passAtMs !== atMs) return;
      this.#passAtMs = null;
      this.#pass();
    });
  }

  #pass(): void {
    this.passes += 1;
    // Time has changed what is wanted, so an offer that was refused before may be taken now.
    if (this.#wakeAtMs !== null && this.#wakeAtMs <= this.#world.nowMs())
      this.#mesos.changed(this.#world.nowMs());
    const snapshot = this.#snapshot();
    const made = plan(snapshot, this.#policy);
    // A plan that does nothing can do nothing wrong.
    const broken = made.decisions.length === 0 ? [] : checkPlan(snapshot, this.#policy, made);
    if (broken.length > 0) throw new RuleBroken(`a plan broke a rule: ${broken.join('; ')}`);
    this.#isExpectant = isExpectant(made);
    this.#carryOutAll(made);
    this.#wakeAtMs = made.report.wakeAtMs;
    if (made.report.wakeAtMs !== null) this.#passAt(Math.max(made.report.wakeAtMs, this.#world.nowMs() + 1));
  }

  #carryOutAll({ decisions }: Plan): void {
    const { changes } = this.#mesos;
    const isAct = decisions.map((decision) => this.#carryOut.carryOut(decision, changes));
    if (isAct.includes(true)) this.#changed();
  }

  #snapshot(): Snapshot {
    const nowMs = this.#world.nowMs();
    const fresh = <T>(value: T): { readonly state: 'fresh'; readonly atMs: number; readonly value: T } => ({
      state: 'fresh',
      atMs: nowMs,
      value,
    });
    const { mesosFacts, recent, idleSinceMs, nextSerial } = this.#carryOut;
    return {
      nowMs,
      queue: fresh({ jobs: this.#nodes.jobs }),
      settings: fresh(nothingLimited),
      nodes: fresh(this.#nodes.nodes),
      tasks: fresh(this.#nodes.tasks),
      offers: this.#mesos.offers,
      intents: this.#nodes.intents,
      mesos: {
        ...mesosFacts,
        connected: true,
        frameworkId,
        suppressed: this.#mesos.suppressed,
        declined: [],
      },
      recent,
      trouble: [],
      conditions: usualConditions,
      wishes: noWishes,
      idleSinceMs,
      history: this.#nodes.history,
      nextSerial,
    };
  }
}
