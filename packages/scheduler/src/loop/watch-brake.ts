/** Says when the brake takes hold, with its arithmetic, when it is about other nodes, and when it lets go. */
import type { Log } from '@mesos-torque/common/logger.ts';
import type { Brake } from '../core/brake.ts';
import type { JournalPort } from './ports.ts';

export interface BrakeWatch {
  /** To be called after each plan. */
  look(brake: Brake | null, nowMs: number): void;
}

export function createBrakeWatch(journal: JournalPort, log: Log): BrakeWatch {
  let before: Brake | null = null;

  return {
    look(brake, nowMs) {
      if (brake !== null && brake.id !== before?.id) {
        const { id, affected, standing, allowed, why } = brake;
        const data = { brake: id, affected, standing, allowed };
        log.error('removals held back', { ...data, why: why.text });
        journal.append({ atMs: nowMs, event: 'removals held back', why: why.text, data });
      }
      if (brake === null && before !== null) {
        log.info('removals not held back any more', { brake: before.id });
        const data = { brake: before.id };
        journal.append({ atMs: nowMs, event: 'removals not held back any more', data });
      }
      before = brake;
    },
  };
}
