/**
 * The outside auditor. It asks the site's own programs (qstat, pbsnodes, the master's /state, ps) what there is and
 * compares it with what a story was to leave: its jobs ended as they should, and nothing else anywhere.
 */
import {
  jobsIn,
  nodesIn,
  tasksIn,
  type JobSeen,
  type NodeSeen,
  type TaskSeen,
} from '@mesos-torque/minicluster/audit.ts';
import type { Site } from './site.ts';

/** How a job of a story is to end. */
export type JobEnd =
  | { readonly kind: 'exit-zero' }
  /** Somebody ends it; it may be listed as complete, or no longer. */
  | { readonly kind: 'deleted' };

export interface ExpectedJob {
  /** As qsub printed it; `12[].head` for an array. */
  readonly id: string;
  /** 1, or how many elements the array has. */
  readonly count: number;
  readonly ends: JobEnd;
}

export interface ProcessOf {
  readonly machine: string;
  readonly command: string;
}

/** What the site's programs say. */
export interface SiteFacts {
  readonly jobs: readonly JobSeen[];
  readonly nodes: readonly NodeSeen[];
  /** Tasks that hold resources. */
  readonly tasks: readonly TaskSeen[];
  readonly processes: readonly ProcessOf[];
}

export interface Expected {
  readonly jobs: readonly ExpectedJob[];
  /** Nodes that were there before, such as the placeholder. */
  readonly nodes: readonly string[];
  /** What ran before the story. */
  readonly processes: readonly ProcessOf[];
}

/**
 * What is wrong, as `judge` says it. A look at the processes of all machines takes a while: unless `everything` is asked
 * for, it is had only where jobs, nodes and tasks are as they should be.
 */
export async function audit(site: Site, expected: Expected, everything: boolean): Promise<readonly string[]> {
  const [printed, nodes, state] = await Promise.all([
    site.admin(['qstat', '-f', '-x', '-t']),
    nodesOf(site),
    stateOf(site),
  ]);
  const told = { jobs: jobsIn(printed), nodes, tasks: tasksIn(state).live };
  const problems = judge({ ...told, processes: [] }, expected);
  if (problems.length > 0 && !everything) return problems;
  return judge({ ...told, processes: await processesOf(site) }, expected);
}

/** pbsnodes fails where there are no nodes; what it prints then is nothing, which is the answer. */
export async function nodesOf(site: Site): Promise<readonly NodeSeen[]> {
  const result = await site.head.run(['pbsnodes', '-x']);
  if (result.kind !== 'exit') throw new Error(`pbsnodes: ${result.kind}`);
  const said = result.stderr.toString('utf8');
  if (result.code !== 0 && !/No nodes found|no node list/i.test(said))
    throw new Error(`pbsnodes: ${said.trim()}`);
  return nodesIn(result.stdout.toString('utf8'));
}

/** The leading master's; one that does not lead sends on to it. */
export async function stateOf(site: Site): Promise<string> {
  let last: unknown = new Error('there is no master');
  for (const { url } of site.masters) {
    try {
      const answer = await fetch(`${url}/state`, { signal: AbortSignal.timeout(10_000) });
      if (answer.ok) return await answer.text();
      last = new Error(`GET ${url}/state: ${String(answer.status)}`);
    } catch (error) {
      last = error;
    }
  }
  throw last;
}

export async function processesOf(site: Site): Promise<readonly ProcessOf[]> {
  const seen = await Promise.all(
    site.machines.map(async (machine) =>
      (await machine.processes()).map(({ command }) => ({ machine: machine.name, command })),
    ),
  );
  return seen.flat();
}

/** What is wrong, as sentences; none where all is as it should be. */
export function judge(facts: SiteFacts, expected: Expected): readonly string[] {
  return [
    ...expected.jobs.flatMap((job) => jobProblems(job, facts.jobs)),
    ...strangeJobs(facts.jobs, expected.jobs),
    ...facts.nodes
      .filter(({ name }) => !expected.nodes.includes(name))
      .map(
        ({ name, states, jobs }) =>
          `node ${name} is left: ${states.join(',')}${jobs === '' ? '' : `, ${jobs}`}`,
      ),
    ...facts.tasks.map(({ id, state }) => `task ${id} is left: ${state}`),
    ...leftOver(facts.processes, expected.processes).map(
      ({ machine, command }) => `a process is left on ${machine}: ${command.slice(0, 300)}`,
    ),
  ];
}

function jobProblems({ id, count, ends }: ExpectedJob, jobs: readonly JobSeen[]): readonly string[] {
  const own = jobs.filter((job) => isOf(job.id, id));
  switch (ends.kind) {
    case 'exit-zero': {
      const lost =
        own.length < count ? [`job ${id}: ${String(own.length)} of ${String(count)} are listed`] : [];
      return [...lost, ...own.flatMap(endProblem)];
    }
    case 'deleted':
      return own
        .filter(({ state }) => state !== 'C')
        .map((job) => `job ${job.id} was to be deleted and is ${job.state}`);
  }
}

function endProblem({ id, state, exitStatus, comment }: JobSeen): readonly string[] {
  if (state !== 'C') return [`job ${id} is ${state}, not complete${comment === '' ? '' : ` (${comment})`}`];
  return exitStatus === 0 ? [] : [`job ${id} ended with exit status ${String(exitStatus)}, not 0`];
}

/** Elements of `12[].head` are `12[1].head`, `12[2].head` and so on. */
function isOf(id: string, expected: string): boolean {
  if (!expected.includes('[]')) return id === expected;
  return id.replace(/\[\d+\]/, '[]') === expected;
}

function strangeJobs(jobs: readonly JobSeen[], expected: readonly ExpectedJob[]): readonly string[] {
  return jobs
    .filter(({ id, state }) => state !== 'C' && !expected.some((job) => isOf(id, job.id)))
    .map(({ id, name, state }) => `job ${id} (${name}) is nobody's and ${state}`);
}

/** Each process of before accounts for one of the same kind now: a daemon that was restarted is the same one. */
function leftOver(now: readonly ProcessOf[], before: readonly ProcessOf[]): readonly ProcessOf[] {
  const allowed = new Map<string, number>();
  for (const process of before) allowed.set(kindOf(process), (allowed.get(kindOf(process)) ?? 0) + 1);
  return now.filter((process) => {
    const left = allowed.get(kindOf(process)) ?? 0;
    allowed.set(kindOf(process), left - 1);
    return left <= 0;
  });
}

const daemons =
  /(?:^|[ /])(?<name>mesos-master|mesos-agent|master-main|agent-main|pbs_server|pbs_sched|trqauthd|zookeeper)\b/i;

/** Daemons go by their names, whatever they were started with. */
function kindOf({ machine, command }: ProcessOf): string {
  return `${machine} ${daemons.exec(command)?.groups?.['name'] ?? command}`;
}
