/**
 * The program that decides which queued job starts where. Which one it is, is the site's choice; each is one
 * file here.
 */
import { unreachable } from '@mesos-torque/common/units.ts';
import type { JobFacts, QueueFacts, TorqueNode } from '../../../core/facts.ts';
import type { Daemon } from '../daemon.ts';

export type SchedulerKind = 'pbs_sched' | 'maui' | 'moab' | 'none' | 'command';

export interface TorqueScheduler {
  readonly kind: SchedulerKind;
  /** How it is kept running; null where nothing is started. */
  readonly daemon: Daemon | null;
  /** Whether it deletes what it thinks can never run, so that pbs_server must know nodect before it looks. */
  readonly deletesJobs: boolean;
  /**
   * Before a cycle is asked for: takes back what keeps jobs from starting although their nodes are up.
   * One sentence for each thing done.
   */
  prepareCycle(queue: QueueFacts, nodes: readonly TorqueNode[]): Promise<readonly Preparation[]>;
  /**
   * The jobs with the scheduler's sentence about each as their comment, in pbs_sched's words ("Not Running: …")
   * where it keeps its reasons to itself. What is not known yet is asked for, and is there the next time.
   */
  explain(jobs: readonly JobFacts[]): readonly JobFacts[];
}

export interface Preparation {
  readonly jobId: string;
  /** Null when it worked. */
  readonly problem: string | null;
  readonly what: string;
}

/** Stock pbs_sched does; of a command of the site's own nothing is known. */
export function deletesJobs(kind: SchedulerKind): boolean {
  switch (kind) {
    case 'pbs_sched':
    case 'command':
      return true;
    case 'maui':
    case 'moab':
    case 'none':
      return false;
    default:
      return unreachable(kind);
  }
}

/** Of a scheduler that writes its reasons into the jobs' comments and holds nothing back. */
export const speaksForItself = {
  prepareCycle: () => Promise.resolve([]),
  explain: (jobs: readonly JobFacts[]) => jobs,
} as const;

/** What jobs wait for when nodes are missing, in pbs_sched's words, which the planner reads as demand. */
export const lackOfNodes = 'Not Running: Not enough of the right type of nodes are available';
