/**
 * Watches whether what we do can be recorded. While state or journal cannot be written (a full disk, a file
 * system that turned read-only) nothing is decided; readings, plans and questions go on, and each pass tries
 * to write again. One line for each beginning and each end.
 */
import type { Clock } from '@mesos-torque/common/clock.ts';
import type { Log } from '@mesos-torque/common/logger.ts';
import type { Mind } from './mind.ts';
import type { JournalPort } from './ports.ts';

export interface DiskWatch {
  /** To be called before each plan. True when everything can be recorded. Never rejects. */
  look(): Promise<boolean>;
}

export interface DiskWatchParts {
  readonly mind: Mind;
  readonly journal: JournalPort;
  readonly clock: Clock;
  readonly log: Log;
}

export function createDiskWatch({ mind, journal, clock, log }: DiskWatchParts): DiskWatch {
  let failingSinceMs: number | null = null;

  function note(problem: string | null): void {
    mind.update((memory) => ({ ...memory, conditions: { ...memory.conditions, diskProblem: problem } }));
    if (problem !== null && failingSinceMs === null) {
      failingSinceMs = clock.nowMs();
      log.error('nothing can be recorded, so nothing is begun', { problem });
      journal.append({ atMs: failingSinceMs, event: 'nothing can be recorded', why: problem });
    }
    if (problem === null && failingSinceMs !== null) {
      const data = { ms: clock.nowMs() - failingSinceMs };
      failingSinceMs = null;
      log.info('recording again', data);
      journal.append({ atMs: clock.nowMs(), event: 'recording again', data });
    }
  }

  return {
    async look() {
      // The same state once more: after a failed save it is not known what is on disk.
      if (mind.saveProblem() !== null) await mind.keep((durable) => durable);
      if (journal.problem() !== null) journal.append({ atMs: clock.nowMs(), event: 'journal tried again' });
      const problem = mind.saveProblem() ?? journal.problem();
      if (problem !== mind.memory().conditions.diskProblem) note(problem);
      return problem === null;
    },
  };
}
