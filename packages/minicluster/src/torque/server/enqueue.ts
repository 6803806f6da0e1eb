/** How a job enters the queue, and in which state a job that does not run waits. */
import type { Job } from './model.ts';
import type { Server } from './server.ts';

/** Takes a job in and settles in which state it begins. */
export function enqueue(server: Server, job: Job): void {
  server.jobs.set(job.id, job);
  settleWaiting(server, job);
  server.changed();
}

/** Held, waiting for its time, or queued: what a job that does not run is. */
export function settleWaiting(server: Server, job: Job): void {
  const waits = job.dependencies.length > 0;
  job.holds = job.holds.filter((hold) => hold !== 's');
  if (waits) job.holds.push('s');
  if (job.holds.length > 0) job.state = 'H';
  else if (job.executionTimeS !== null && job.executionTimeS > server.nowS) job.state = 'W';
  else job.state = 'Q';
  // The slot limit of its array does not keep an element from being eligible.
  if (job.state === 'Q' || (job.state === 'H' && job.holds.join('') === 'l')) job.etimeS ??= server.nowS;
}
