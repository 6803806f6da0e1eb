/**
 * Reads the limits of our role from the master, at a slow pace: its quota, and its fair share where we keep to
 * it. A reading that fails leaves what was known: a limit that cannot be read is not gone. Said once for each
 * beginning of such trouble.
 */
import type { Clock } from '@mesos-torque/common/clock.ts';
import type { Log } from '@mesos-torque/common/logger.ts';
import type { FairShare, QuotaLimits } from '../core/role-limits.ts';
import type { Mind } from './mind.ts';
import { asOutcome } from './outcomes.ts';
import type { JournalPort, MesosPort, Problem } from './ports.ts';

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
  const failing = { quota: false, fairShare: false };

  async function read(): Promise<void> {
    const quota = await asOutcome(mesos.readQuota());
    if (quota.ok) takeQuota(quota.value);
    else if (!failing.quota) notRead('quota', quota.problem);
    failing.quota = !quota.ok;
    const fairShare = await asOutcome(mesos.readFairShare());
    if (fairShare.ok) takeFairShare(fairShare.value);
    else if (!failing.fairShare) notRead('fair share', fairShare.problem);
    failing.fairShare = !fairShare.ok;
  }

  function notRead(what: string, { detail }: Problem): void {
    log.warn(`${what} not read, so the last known one stands`, { why: detail });
  }

  function takeFairShare(fairShare: FairShare | null): void {
    const { conditions } = mind.memory();
    if (JSON.stringify(fairShare) === JSON.stringify(conditions.fairShare)) return;
    mind.update((memory) => ({ ...memory, conditions: { ...memory.conditions, fairShare } }));
    if (fairShare === null) return;
    const { limits, words } = fairShare;
    log.info('fair share changed', { ...limits, words });
    journal.append({ atMs: clock.nowMs(), event: 'fair share changed', why: words, data: { ...limits } });
    parts.onChanged();
  }

  function takeQuota(quota: QuotaLimits): void {
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
