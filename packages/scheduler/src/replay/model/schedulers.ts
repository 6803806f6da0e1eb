/**
 * TORQUE schedulers: which of the waiting jobs start now. All serve in the order of submission, and know a job's
 * length as its user told it.
 */
import { unreachable } from '@mesos-torque/common/units.ts';
import type { ReplayJob } from '../workload.ts';
import type { Placer, Share } from './placer.ts';

export const schedulerNames = ['fifo', 'first-fit', 'easy'] as const;
/**
 * - `fifo`: the first that does not fit holds up all behind it (pbs_sched with `strict_fifo`).
 * - `first-fit`: those that do not fit are passed over (pbs_sched as it comes).
 * - `easy`: the first that does not fit gets a reservation, and others start only where they do not delay
 *   it (EASY backfilling, as Maui and Moab do).
 */
export type SchedulerName = (typeof schedulerNames)[number];

export interface RunningJob {
  readonly job: ReplayJob;
  readonly startMs: number;
  readonly shares: readonly Share[];
}

/** The cluster at one moment of scheduling; `start` takes the shares out of `room`. */
export interface Scene {
  readonly nowMs: number;
  readonly placer: Placer;
  /** Free slots by agent on nodes that take jobs. */
  readonly room: Int32Array;
  /** Slots by agent of the nodes that are there. */
  readonly np: Int32Array;
  /** Which agents have a node that takes jobs, 1 or 0: what runs elsewhere frees nothing. */
  readonly usable: Uint8Array;
  /** In the order of submission. */
  readonly waiting: readonly ReplayJob[];
  readonly running: Iterable<RunningJob>;
  start(job: ReplayJob, shares: readonly Share[]): void;
}

/** How many of the waiting jobs behind the first a scheduler looks at in one cycle. */
const depthMax = 10_000;

export function schedule(name: SchedulerName, scene: Scene): void {
  switch (name) {
    case 'fifo':
      startInOrder(scene);
      return;
    case 'first-fit':
      startAllThatFit(scene);
      return;
    case 'easy':
      backfill(scene, startInOrder(scene));
      return;
    default:
      unreachable(name);
  }
}

/** Starts jobs until one does not fit; how many were started. */
function startInOrder(scene: Scene): number {
  const { placer, room } = scene;
  let started = 0;
  for (const job of scene.waiting) {
    const shares = placer.place(job, room, scene.np);
    if (shares === null) break;
    scene.start(job, shares);
    started += 1;
  }
  return started;
}

function startAllThatFit(scene: Scene): void {
  const { placer, room } = scene;
  const failed = new Set<string>();
  for (const job of scene.waiting.slice(0, depthMax)) {
    // Room only shrinks within a cycle, so what failed once fails again.
    const key = keyOf(job);
    const shares = failed.has(key) ? null : placer.place(job, room, scene.np);
    if (shares === null) failed.add(key);
    else scene.start(job, shares);
  }
}

interface Reservation {
  readonly atMs: number;
  /** Room at that moment that the reservation leaves over. */
  readonly over: Int32Array;
}

/** `from`: the place of the first waiting job that did not fit. */
function backfill(scene: Scene, from: number): void {
  const { placer, room, nowMs } = scene;
  let reservation: Reservation | null = null;
  const failed = new Set<string>();
  for (const job of scene.waiting.slice(from, from + depthMax)) {
    if (reservation === null) {
      const shares = placer.place(job, room, scene.np);
      if (shares === null) reservation = reserve(job, scene);
      else scene.start(job, shares);
      continue;
    }
    const { atMs, over } = reservation;
    const endsInTime = nowMs + job.estimateMs <= atMs;
    const key = `${keyOf(job)} ${endsInTime ? 'short' : 'long'}`;
    if (failed.has(key)) continue;
    const shares = placer.place(job, endsInTime ? room : smaller(room, over), scene.np);
    if (shares === null) {
      failed.add(key);
      continue;
    }
    scene.start(job, shares);
    if (endsInTime) continue;
    for (const { agent, slots } of shares) over[agent] = (over[agent] ?? 0) - slots;
  }
}

/**
 * The earliest moment at which the nodes that exist can take the job, if running jobs end as told; null
 * when they never can: such a job is passed over, as one that Maui defers, until there are nodes for it.
 */
function reserve(job: ReplayJob, { nowMs, placer, room, np, usable, running }: Scene): Reservation | null {
  const over = room.slice();
  const ends = [...running]
    .map(({ startMs, job: { estimateMs }, shares }) => ({
      // A job that runs for longer than told may end at any moment.
      atMs: Math.max(nowMs + 1, startMs + estimateMs),
      shares,
    }))
    .sort((a, b) => a.atMs - b.atMs);
  for (const [index, end] of ends.entries()) {
    for (const { agent, slots } of end.shares) {
      if (usable[agent] === 1) over[agent] = (over[agent] ?? 0) + slots;
    }
    if (ends[index + 1]?.atMs === end.atMs) continue;
    const shares = placer.place(job, over, np);
    if (shares === null) continue;
    for (const { agent, slots } of shares) over[agent] = (over[agent] ?? 0) - slots;
    return { atMs: end.atMs, over };
  }
  return null;
}

function smaller(a: Int32Array, b: Int32Array): Int32Array {
  return a.map((slots, agent) => Math.min(slots, b[agent] ?? 0));
}

/** Equal for jobs that are placed alike. */
function keyOf({ request }: ReplayJob): string {
  if (request.kind === 'procs') return `procs ${request.slots}`;
  return request.parts
    .map(({ count, ppn, host, properties }) => `${count}:${ppn}:${host ?? ''}:${properties.join(':')}`)
    .join('+');
}
