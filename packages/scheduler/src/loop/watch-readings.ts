/**
 * Says when TORQUE can no longer be read, with the reason, and when it can again: one line for each
 * beginning and each end, however often reading is tried in between.
 */
import type { Clock } from '@mesos-torque/common/clock.ts';
import type { Log } from '@mesos-torque/common/logger.ts';
import type { Reading } from '../core/facts.ts';
import type { Memory } from './memory.ts';
import type { JournalPort } from './ports.ts';

export interface ReadingWatch {
  /** To be called after each reading. */
  look(memory: Pick<Memory, 'queue' | 'settings' | 'nodes'>): void;
}

export interface ReadingWatchParts {
  readonly clock: Clock;
  readonly log: Log;
  readonly journal: JournalPort;
}

interface Failing {
  readonly sinceMs: number;
  readonly failures: number;
}

export function createReadingWatch({ clock, log, journal }: ReadingWatchParts): ReadingWatch {
  const failing = new Map<string, Failing>();

  function lookAt(what: 'queue' | 'settings' | 'nodes', reading: Reading<unknown>): void {
    const before = failing.get(what);
    if (reading.state === 'fresh') {
      if (before !== undefined) ended(what, before);
      failing.delete(what);
      return;
    }
    if (before === undefined) began(what, reading.why);
    failing.set(what, {
      sinceMs: before?.sinceMs ?? clock.nowMs(),
      failures: (before?.failures ?? 0) + 1,
    });
  }

  function began(what: string, why: string): void {
    log.warn(`${what} not read, so nothing grows or shrinks`, { why });
    journal.append({ atMs: clock.nowMs(), event: `${what} not read`, why });
  }

  function ended(what: string, { sinceMs, failures }: Failing): void {
    const data = { failures, ms: clock.nowMs() - sinceMs };
    log.info(`${what} read again`, data);
    journal.append({ atMs: clock.nowMs(), event: `${what} read again`, data });
  }

  return {
    look({ queue, settings, nodes }) {
      lookAt('queue', queue);
      lookAt('settings', settings);
      lookAt('nodes', nodes);
    },
  };
}
