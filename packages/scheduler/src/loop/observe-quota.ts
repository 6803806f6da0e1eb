/**
 * Reads the quota of our role from the master, at a slow pace. A reading that fails leaves what was known:
 * a limit that cannot be read is not gone. Said once for each beginning and end of such trouble.
 */
import type { Clock } from '@mesos-torque/common/clock.ts';
import type { Log } from '@mesos-torque/common/logger.ts';
import type { QuotaLimits } from '../core/conditions.ts';
import type { Mind } from './mind.ts';
import { asOutcome } from './outcomes.ts';
import type { JournalPort, MesosPort } from './ports.ts';

/** How late a changed quota may be noticed. Milliseconds. */
const paceMs = 60_000;

export interface QuotaObserverParts {
  readonly mesos: MesosPort;
  readonly mind: Mind;
  readonly clock: Clock;
  readonly log: Log;
  readonly journal: JournalPort;
  readonly onChanged: () => void;
}

export interface QuotaObserver {
  /** Begins a reading if one is due and none is under way. */
  lookIfDue(): void;
}

export function createQuotaObserver(parts: QuotaObserverParts): QuotaObserver {
  const { mesos, mind, clock, log, journal } = parts;
  let begunMs: number | null = null;
  let isReading = false;
  let isFailing = false;

  async function read(): Promise<void> {
    const outcome = await asOutcome(mesos.readQuota());
    if (outcome.ok) take(outcome.value);
    else if (!isFailing)
      log.warn('quota not read, so the last known one stands', { why: outcome.problem.detail });
    isFailing = !outcome.ok;
  }

  function take(quota: QuotaLimits): void {
    const { conditions } = mind.memory();
    if (JSON.stringify(quota) === JSON.stringify(conditions.quota)) return;
    const isFirstAndEmpty =
      conditions.quota === null && Object.values(quota).every((limit) => limit === null);
    mind.update((memory) => ({ ...memory, conditions: { ...memory.conditions, quota } }));
    if (isFirstAndEmpty) return;
    log.info('quota changed', { ...quota });
    journal.append({ atMs: clock.nowMs(), event: 'quota changed', data: { ...quota } });
    parts.onChanged();
  }

  return {
    lookIfDue() {
      const isDue = begunMs === null || clock.nowMs() - begunMs >= paceMs;
      if (isReading || !isDue || !mind.memory().mesos.connected) return;
      isReading = true;
      begunMs = clock.nowMs();
      void read().then(() => {
        isReading = false;
      });
    },
  };
}
