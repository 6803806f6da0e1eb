/**
 * One run of a workload on the virtual clock: jobs arrive, the TORQUE scheduler starts them on the nodes that are
 * there, they end. Which nodes are there is the business of a keeper: all of them always, or as a planner
 * decides.
 */
import type { Agent } from './cluster.ts';
import { slotsOf } from './cluster.ts';
import { Agenda } from './model/agenda.ts';
import { Meter, type Measured } from './model/meter.ts';
import type { RunningJob, SchedulerName } from './model/schedulers.ts';
import { Torque } from './model/torque.ts';
import type { ReplayJob, Workload } from './workload.ts';

export interface World {
  readonly cluster: readonly Agent[];
  readonly agenda: Agenda;
  readonly torque: Torque;
  readonly meter: Meter;
  nowMs(): number;
  /** The TORQUE scheduler looks once everything of this moment has happened. */
  wantCycle(): void;
}

/** Who opens and closes nodes; told what happens to jobs. */
export interface Keeper {
  begin(world: World): void;
  jobCame(): void;
  jobStarted(running: RunningJob): void;
  jobEnded(running: RunningJob): void;
  /** The TORQUE scheduler has looked, and started so many jobs. */
  queueLookedAt(started: number): void;
}

export interface RunResult extends Measured {
  /** Jobs that never started, because their nodes never came. */
  readonly stranded: readonly ReplayJob[];
}

/** Nothing ran, came or went for so long: what waits now waits for ever. */
const patienceMs = 3 * 86_400_000;
const momentsMax = 200_000_000;

export function simulate(workload: Workload, scheduler: SchedulerName, keeper: Keeper): RunResult {
  return new Simulation(workload, scheduler, keeper).run();
}

class Simulation implements World {
  readonly cluster: readonly Agent[];
  readonly agenda = new Agenda();
  readonly torque: Torque;
  readonly meter: Meter;
  readonly #jobs: readonly ReplayJob[];
  readonly #keeper: Keeper;
  #nowMs: number;
  #cycleIsWanted = false;
  #arrived = 0;
  #ended = 0;
  /** When a job last came, started or ended. */
  #lastJobMs: number;

  constructor({ cluster, jobs }: Workload, scheduler: SchedulerName, keeper: Keeper) {
    this.cluster = cluster;
    this.#jobs = jobs;
    this.#keeper = keeper;
    this.#nowMs = jobs[0]?.submitMs ?? 0;
    this.#lastJobMs = this.#nowMs;
    this.torque = new Torque(cluster, scheduler);
    this.meter = new Meter(slotsOf(cluster) / cluster.length, this.#nowMs);
  }

  nowMs(): number {
    return this.#nowMs;
  }

  wantCycle(): void {
    this.#cycleIsWanted = true;
  }

  run(): RunResult {
    this.#keeper.begin(this);
    this.#awaitNextJob();
    for (let moments = 0; moments < momentsMax && this.#ended < this.#jobs.length; moments += 1) {
      const nextMs = this.agenda.nextMs;
      if (nextMs === null || this.#isStuck(nextMs)) break;
      this.#nowMs = nextMs;
      while (this.agenda.nextMs === nextMs) this.agenda.take()?.();
      if (this.#cycleIsWanted) this.#cycle();
    }
    return { ...this.meter.finish(this.#lastJobMs), stranded: this.torque.waiting };
  }

  #isStuck(nextMs: number): boolean {
    const mayStillMove = this.#arrived < this.#jobs.length || this.torque.running.size > 0;
    return !mayStillMove && nextMs - this.#lastJobMs > patienceMs;
  }

  #awaitNextJob(): void {
    const job = this.#jobs[this.#arrived];
    if (job === undefined) return;
    this.agenda.at(job.submitMs, () => {
      this.#arrived += 1;
      this.#lastJobMs = this.#nowMs;
      this.torque.submit(job);
      this.#keeper.jobCame();
      this.wantCycle();
      this.#awaitNextJob();
    });
  }

  #cycle(): void {
    this.#cycleIsWanted = false;
    const started = this.torque.cycle(this.#nowMs);
    for (const running of started) {
      this.#lastJobMs = this.#nowMs;
      this.#keeper.jobStarted(running);
      this.agenda.at(this.#nowMs + running.job.runMs, () => {
        this.#end(running);
      });
    }
    this.#keeper.queueLookedAt(started.length);
  }

  #end(running: RunningJob): void {
    this.#ended += 1;
    this.#lastJobMs = this.#nowMs;
    this.torque.end(running);
    this.meter.jobEnded(running.job, running.startMs);
    this.#keeper.jobEnded(running);
    this.wantCycle();
  }
}
