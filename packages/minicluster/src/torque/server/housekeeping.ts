/** What pbs_server does by the clock: forgetting completed jobs, letting waiting ones go. */
import type { Job } from './model.ts';
import type { Server } from './server.ts';
import { settleWaiting } from './enqueue.ts';

const periodMs = 250;

/** Returns the function that ends it. */
export function beginHousekeeping(server: Server): () => void {
  const timer = setInterval(() => {
    forgetCompleted(server);
    releaseWaiting(server);
  }, periodMs);
  return () => {
    clearInterval(timer);
  };
}

/** Elements of an array stay as long as the array does. */
function forgetCompleted(server: Server): void {
  const keepMs = server.numberSetting('keep_completed', 0) * 1000;
  for (const job of server.jobs.values()) {
    if (completedMsOf(server, job) + keepMs > server.nowMs) continue;
    server.jobs.delete(job.id);
    server.changed();
  }
}

function completedMsOf(server: Server, job: Job): number {
  const array = job.role.kind === 'element' ? server.jobs.get(job.role.templateId) : job;
  if (array !== undefined && array.state !== 'C') return Infinity;
  return job.state === 'C' ? (job.completedMs ?? 0) : Infinity;
}

function releaseWaiting(server: Server): void {
  for (const job of server.jobs.values()) {
    if (job.state !== 'W' || (job.executionTimeS ?? 0) > server.nowS) continue;
    settleWaiting(server, job);
    server.changed();
    server.wantCycle();
  }
}
