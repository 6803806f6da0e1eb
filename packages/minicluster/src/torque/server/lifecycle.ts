/** From queued to complete: starting, ending, requeueing and deleting jobs. */
import type { JobEnd } from '../shared/api.ts';
import { PbsError } from '../shared/pbs-error.ts';
import { settleTemplate, elementsOf } from './array.ts';
import { settleDependants } from './dependencies.ts';
import type { Hold, Job, Slots } from './model.ts';
import { resourceOf } from './model.ts';
import { callMom, jobOrder, motherSuperior } from './mom-calls.ts';
import { parseNodeRequest } from './node-request.ts';
import { place } from './placement.ts';
import type { Server } from './server.ts';
import { settleWaiting } from './enqueue.ts';

/** Signal 15 plus 256: what qdel and walltime leave as exit status. */
const exitStatusOfDeleted = 271;

export function findJob(server: Server, id: string): Job {
  const job = server.job(id);
  if (job === null) throw new PbsError(15001, 'cannot locate job');
  return job;
}

/**
 * Gives a job its nodes and hands it to its mother superior: what pbs_sched and qrun ask for.
 * `hosts` is qrun's `-H`, `node1+node2`.
 */
export async function runJob(server: Server, job: Job, hosts: string | null): Promise<void> {
  if (job.state === 'C') throw new PbsError(15018, 'invalid state for job - COMPLETE');
  if (job.state === 'R' || job.state === 'E') throw new PbsError(15018, 'job already running');
  if (job.role.kind === 'template') throw new PbsError(15018, 'cannot run an array');
  job.exec = [...allocate(server, job, hosts)];
  job.state = 'R';
  job.startCount++;
  job.startMs = server.nowMs;
  job.mtimeS = server.nowS;
  job.sessionId = job.exec.length > 1 ? 0 : job.sessionId;
  job.ending = 'no';
  server.changed();
  const mom = motherSuperior(server, job);
  const reply = mom === null ? null : await callMom(mom, { op: 'start-job', job: jobOrder(server, job) });
  if (reply?.kind !== 'ok') {
    backToQueue(server, job);
    throw new PbsError(15043, 'cannot send job to mom, state=PRERUN');
  }
  settleTemplateOf(server, job);
  settleDependants(server, job, 'started', (other) => {
    complete(server, other, null);
  });
}

function allocate(server: Server, job: Job, hosts: string | null): readonly Slots[] {
  const spec = hosts ?? resourceOf(job, 'nodes') ?? '1';
  if (hosts === null && resourceOf(job, 'nodes') === null && resourceOf(job, 'procs') !== null) {
    throw new PbsError(15065);
  }
  const parts = parseNodeRequest(spec);
  if (parts === null) throw new PbsError(15065);
  const placement = place(parts, server.db.nodes, server.jobList, server.nodectRemembered);
  switch (placement.kind) {
    case 'placed':
      return placement.slots;
    case 'not-now':
      throw new PbsError(15046, placement.why);
    case 'never':
      // The words of 6.1.3 for a request of nodes while there is none at all.
      if (server.db.nodes.length === 0 && spec !== '1') throw new PbsError(15010);
      throw new PbsError(15064, placement.why === '' ? undefined : placement.why);
  }
}

/** The mother superior says that the job's script runs. */
export function jobStarted(server: Server, id: string, sessionId: number): void {
  const job = server.jobs.get(id);
  if (job?.state !== 'R') return;
  job.sessionId = sessionId;
  server.changed();
}

/** The mother superior says how the job ended. */
export function jobEnded(server: Server, id: string, end: JobEnd): void {
  const job = server.jobs.get(id);
  if (job?.state !== 'R') return;
  job.exitStatus = end.exitStatus;
  if (job.ending === 'requeued') job.exitStatus = 0;
  if (job.ending === 'requeued' || (end.kind === 'not-started' && job.ending === 'no')) {
    backToQueue(server, job);
    server.wantCycle();
    return;
  }
  if (end.kind === 'exit') {
    job.used = { walltimeS: end.walltimeS, memKb: end.memKb, vmemKb: end.vmemKb };
  }
  complete(server, job, job.ending === 'deleted' ? exitStatusOfDeleted : end.exitStatus);
  server.wantCycle();
}

/** Frees the job's nodes and lets it wait again. */
export function backToQueue(server: Server, job: Job): void {
  job.exec = [];
  job.ending = 'no';
  job.state = 'Q';
  job.mtimeS = server.nowS;
  settleWaiting(server, job);
  settleTemplateOf(server, job);
  server.changed();
}

/** Whatever waited for the job goes on; the job itself stays visible for keep_completed. */
export function complete(server: Server, job: Job, exitStatus: number | null): void {
  if (job.state === 'C') return;
  job.state = 'C';
  job.exitStatus = exitStatus;
  job.completedMs = server.nowMs;
  job.mtimeS = server.nowS;
  if (job.startMs !== null && exitStatus !== null) {
    job.totalRuntimeS = (server.nowMs - job.startMs) / 1000;
  }
  settleTemplateOf(server, job);
  settleDependants(server, job, 'ended', (other) => {
    complete(server, other, null);
  });
  server.changed();
}

/** qdel. `purge` (managers only) forgets a job without asking its mom. */
export async function deleteJob(server: Server, user: string, id: string, purge: boolean): Promise<void> {
  const job = server.job(id);
  if (job === null) throw new PbsError(15001);
  if (job.owner !== user && !server.isOperator(user)) throw new PbsError(15007, 'operation not permitted');
  if (job.state === 'C') throw new PbsError(15018, 'invalid state for job - COMPLETE');
  if (job.role.kind === 'template') {
    for (const element of elementsOf(server, job.id)) {
      if (element.state !== 'C') await deleteOne(server, element, purge);
    }
    settleTemplate(server, job.id);
    return;
  }
  await deleteOne(server, job, purge && server.isManager(user));
}

async function deleteOne(server: Server, job: Job, purge: boolean): Promise<void> {
  if (job.state !== 'R' || purge) {
    complete(server, job, job.state === 'R' ? exitStatusOfDeleted : null);
    return;
  }
  job.ending = 'deleted';
  server.changed();
  const mom = motherSuperior(server, job);
  const reply = mom === null ? null : await callMom(mom, { op: 'end-job', id: job.id });
  if (reply?.kind === 'refused') complete(server, job, exitStatusOfDeleted);
  else if (reply?.kind !== 'ok') throw new PbsError(15072);
}

/** qrerun, for operators: the job ends and waits again. `force` does not need its mom, which may be dead. */
export async function rerunJob(server: Server, user: string, id: string, force: boolean): Promise<void> {
  const job = findJob(server, id);
  if (!server.isOperator(user)) throw new PbsError(15007);
  if (job.state !== 'R') throw new PbsError(15018, 'invalid state for job');
  job.ending = 'requeued';
  server.changed();
  const mom = motherSuperior(server, job);
  const reply = mom === null ? null : await callMom(mom, { op: 'end-job', id: job.id });
  if (reply?.kind === 'ok') return;
  if (!force) throw new PbsError(15072);
  backToQueue(server, job);
  server.wantCycle();
}

/** qhold and qrls, on arrays for every element. `holds` are letters of u, o, s. */
export function changeHolds(
  server: Server,
  user: string,
  id: string,
  holds: string,
  act: 'hold' | 'release',
): void {
  const job = server.job(id);
  if (job === null) throw new PbsError(15001);
  const own = job.owner === user && /^[un]*$/.test(holds);
  if (!own && !server.isOperator(user)) throw new PbsError(15007);
  if (job.state === 'C') throw new PbsError(15018, 'invalid state for job - COMPLETE');
  const letters = (['u', 'o', 's'] as const satisfies readonly Hold[]).filter((letter) =>
    holds.includes(letter),
  );
  const jobs = job.role.kind === 'template' ? [...elementsOf(server, job.id), job] : [job];
  for (const one of jobs) {
    if (!['Q', 'H', 'W'].includes(one.state)) continue;
    one.holds = one.holds.filter((hold) => !letters.some((letter) => letter === hold));
    if (act === 'hold') one.holds.push(...letters);
    one.mtimeS = server.nowS;
    settleWaiting(server, one);
  }
  settleTemplateOf(server, job);
  server.changed();
  if (act === 'release') server.wantCycle();
}

function settleTemplateOf(server: Server, job: Job): void {
  if (job.role.kind === 'element') settleTemplate(server, job.role.templateId);
  if (job.role.kind === 'template') settleTemplate(server, job.id);
}
