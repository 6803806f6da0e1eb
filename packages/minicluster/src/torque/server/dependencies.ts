/** `-W depend=afterok:96:97,afterany:98`: jobs that wait for others. */
import { PbsError } from '../shared/pbs-error.ts';
import type { Dependency, DependencyKind, Job } from './model.ts';
import type { Server } from './server.ts';
import { settleWaiting } from './enqueue.ts';

const kinds: readonly string[] = ['afterok', 'afternotok', 'afterany', 'after'];

/** Refuses what is not understood, and jobs that are not there. */
export function parseDependencies(server: Server, text: string | null): Dependency[] {
  if (text === null) return [];
  return text.split(',').map((piece) => {
    const [kind = '', ...ids] = piece.split(':');
    const jobs = ids.map((id) => server.job(id)).filter((job) => job !== null);
    if (!kinds.includes(kind) || jobs.length === 0 || jobs.length < ids.length) throw new PbsError(15056);
    return { kind: kind as DependencyKind, jobs: jobs.map((job) => job.id) };
  });
}

/** Parts of a new job's dependencies whose jobs have ended already. Throws when one can never be met. */
export function dropMet(server: Server, dependencies: readonly Dependency[]): Dependency[] {
  const open = (kind: DependencyKind, id: string): boolean => {
    const job = server.jobs.get(id);
    if (job === undefined || (job.state !== 'C' && !(kind === 'after' && job.startCount > 0))) return true;
    if (judge(kind, job, 'ended') === 'impossible') throw new PbsError(15056);
    return false;
  };
  return dependencies
    .map((d) => ({ ...d, jobs: d.jobs.filter((id) => open(d.kind, id)) }))
    .filter((d) => d.jobs.length > 0);
}

/**
 * A job has started or ended: those that wait for it go on, or, when what they wait for can no more
 * happen, are deleted by `deleteJob`.
 */
export function settleDependants(
  server: Server,
  job: Job,
  event: 'started' | 'ended',
  deleteJob: (job: Job) => void,
): void {
  for (const other of server.jobList.filter((one) => one.state === 'H')) {
    const verdicts = other.dependencies
      .filter((d) => d.jobs.includes(job.id))
      .map((dependency) => ({ dependency, verdict: judge(dependency.kind, job, event) }));
    if (verdicts.some(({ verdict }) => verdict === 'impossible')) {
      deleteJob(other);
      continue;
    }
    for (const { dependency, verdict } of verdicts) {
      if (verdict === 'met') dependency.jobs = dependency.jobs.filter((id) => id !== job.id);
    }
    other.dependencies = other.dependencies.filter((d) => d.jobs.length > 0);
    settleWaiting(server, other);
  }
  server.changed();
}

function judge(kind: DependencyKind, job: Job, event: 'started' | 'ended'): 'met' | 'impossible' | 'not-yet' {
  if (kind === 'after') return 'met';
  if (event === 'started') return 'not-yet';
  switch (kind) {
    case 'afterany':
      return 'met';
    case 'afterok':
      return job.exitStatus === 0 ? 'met' : 'impossible';
    case 'afternotok':
      return job.exitStatus !== 0 ? 'met' : 'impossible';
  }
}
