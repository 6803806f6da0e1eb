/** TORQUE as a replay needs it: a queue, nodes that take jobs or not, and a scheduler that looks when asked. */
import type { Agent } from '../cluster.ts';
import type { ReplayJob } from '../workload.ts';
import { Placer, type Share } from './placer.ts';
import { schedule, type RunningJob, type SchedulerName } from './schedulers.ts';

export class Torque {
  readonly placer: Placer;
  /** Free slots by agent on nodes that take jobs, else 0. */
  readonly #room: Int32Array;
  readonly #usable: Uint8Array;
  /** Slots of the agent's node; 0 where it has none. */
  readonly #np: Int32Array;
  readonly #usedSlots: Int32Array;
  readonly #jobsOn: Map<string, number>[];
  readonly #scheduler: SchedulerName;
  readonly #running = new Map<string, RunningJob>();
  #waiting: ReplayJob[] = [];

  constructor(cluster: readonly Agent[], scheduler: SchedulerName) {
    this.placer = new Placer(cluster);
    this.#room = new Int32Array(cluster.length);
    this.#usable = new Uint8Array(cluster.length);
    this.#np = new Int32Array(cluster.length);
    this.#usedSlots = new Int32Array(cluster.length);
    this.#jobsOn = cluster.map(() => new Map<string, number>());
    this.#scheduler = scheduler;
  }

  get waiting(): readonly ReplayJob[] {
    return this.#waiting;
  }

  get running(): ReadonlyMap<string, RunningJob> {
    return this.#running;
  }

  /** Slots by job id. */
  jobsOn(agent: number): ReadonlyMap<string, number> {
    return this.#jobsOn[agent] ?? new Map();
  }

  isIdle(agent: number): boolean {
    return this.#usedSlots[agent] === 0;
  }

  /** The agent's node takes jobs on `np` slots. */
  open(agent: number, np: number): void {
    this.#np[agent] = np;
    this.#usable[agent] = 1;
    this.#look(agent);
  }

  /** The agent's node takes no further jobs; those on it go on. */
  close(agent: number): void {
    this.#usable[agent] = 0;
    this.#look(agent);
  }

  submit(job: ReplayJob): void {
    this.#waiting.push(job);
  }

  /** One look of the scheduler; the jobs that it started. */
  cycle(nowMs: number): readonly RunningJob[] {
    if (this.#waiting.length === 0) return [];
    const started: RunningJob[] = [];
    const { placer, waiting } = this;
    schedule(this.#scheduler, {
      nowMs,
      placer,
      room: this.#room,
      np: this.#np,
      usable: this.#usable,
      waiting,
      running: this.#running.values(),
      start: (job, shares) => {
        started.push(this.#start(job, shares, nowMs));
      },
    });
    if (started.length > 0) this.#waiting = this.#waiting.filter(({ id }) => !this.#running.has(id));
    return started;
  }

  #start(job: ReplayJob, shares: readonly Share[], startMs: number): RunningJob {
    const running = { job, startMs, shares };
    this.#running.set(job.id, running);
    for (const { agent, slots } of shares) {
      // Every part of a job has a node of its own.
      this.#jobsOn[agent]?.set(job.id, slots);
      this.#usedSlots[agent] = (this.#usedSlots[agent] ?? 0) + slots;
      this.#look(agent);
    }
    return running;
  }

  end({ job, shares }: RunningJob): void {
    this.#running.delete(job.id);
    this.placer.forget(job);
    for (const { agent, slots } of shares) {
      this.#jobsOn[agent]?.delete(job.id);
      this.#usedSlots[agent] = (this.#usedSlots[agent] ?? 0) - slots;
      this.#look(agent);
    }
  }

  #look(agent: number): void {
    const free = (this.#np[agent] ?? 0) - (this.#usedSlots[agent] ?? 0);
    this.#room[agent] = this.#usable[agent] === 1 ? Math.max(0, free) : 0;
  }
}
