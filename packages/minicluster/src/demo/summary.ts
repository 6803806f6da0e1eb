/** The demo's last word, counted from what the cluster says and not from what was intended. */
import type { JobSeen, NodeSeen, TasksSeen } from '../audit.ts';

export interface Summary {
  readonly jobs: {
    readonly submitted: number;
    readonly completed: number;
    readonly failed: number;
    readonly impossible: number;
  };
  readonly nodes: { readonly peak: number; readonly final: number; readonly floor: number };
  readonly tasks: { readonly launched: number; readonly orphaned: number };
  readonly processesLeft: number;
  readonly seconds: number;
}

export interface Counted {
  /** Job ids that qsub printed, arrays by their elements. */
  readonly submitted: number;
  readonly jobs: readonly JobSeen[];
  /** Ids that the scheduler names impossible. */
  readonly impossible: ReadonlySet<string>;
  readonly nodesPeak: number;
  readonly elasticNodes: readonly NodeSeen[];
  readonly floor: number;
  readonly tasks: TasksSeen;
  readonly processesLeft: number;
  readonly seconds: number;
}

export function summaryOf(counted: Counted): Summary {
  const ended = counted.jobs.filter(({ state }) => state === 'C');
  const completed = ended.filter(({ exitStatus }) => exitStatus === 0).length;
  const impossible = counted.jobs.filter(
    ({ id, state }) => state === 'Q' && counted.impossible.has(id),
  ).length;
  const owners = new Set(counted.elasticNodes.map(({ requestId }) => requestId));
  const orphaned = counted.tasks.live.filter(
    ({ id }) => ![...owners].some((owner) => owner.endsWith(`.${id}`)),
  );
  return {
    jobs: {
      submitted: counted.submitted,
      completed,
      // Whatever qsub took and is neither completed nor impossible is lost or failed.
      failed: counted.submitted - completed - impossible,
      impossible,
    },
    nodes: { peak: counted.nodesPeak, final: counted.elasticNodes.length, floor: counted.floor },
    tasks: { launched: counted.tasks.live.length + counted.tasks.ended.length, orphaned: orphaned.length },
    processesLeft: counted.processesLeft,
    seconds: counted.seconds,
  };
}

/** What is wrong with the outcome, in sentences; empty when the demo showed what it is there to show. */
export function faultsOf(summary: Summary, impossibleExpected: number): readonly string[] {
  const { jobs, nodes, tasks, processesLeft } = summary;
  return [
    jobs.failed > 0 ? `${String(jobs.failed)} jobs failed or were lost` : null,
    jobs.impossible === impossibleExpected
      ? null
      : `${String(jobs.impossible)} jobs named impossible, expected ${String(impossibleExpected)}`,
    nodes.peak === 0 ? 'no node was ever seen' : null,
    nodes.final === nodes.floor
      ? null
      : `${String(nodes.final)} elastic nodes are left, the floor is ${String(nodes.floor)}`,
    tasks.orphaned > 0 ? `${String(tasks.orphaned)} tasks hold resources without a node` : null,
    processesLeft > 0 ? `${String(processesLeft)} processes are left` : null,
  ].filter((fault) => fault !== null);
}
