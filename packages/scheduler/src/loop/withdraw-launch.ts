/**
 * A launch that the master did not answer may still take effect, even after it said that it knows no
 * such task. So its offers are declined first: once that is taken, a late launch finds no offer, and
 * asking for the task gives the truth. A new subscription does the same to all launches before it.
 */
import { backoffMs, type Random } from '@mesos-torque/common/backoff.ts';
import { sleep, type Clock } from '@mesos-torque/common/clock.ts';
import type { Log } from '@mesos-torque/common/logger.ts';
import type { LaunchDecision } from '../core/decisions.ts';
import type { Mind } from './mind.ts';
import { asOutcome } from './outcomes.ts';
import { answerFailed, offersGone } from './offers-in-hand.ts';
import type { LoopOptions } from './options.ts';
import type { JournalPort, MesosPort } from './ports.ts';

export interface Withdrawal {
  /** Resolves when the launch's fate is settled, or cannot be settled here. Never rejects. */
  withdraw(launch: LaunchDecision): Promise<void>;
  subscriptionChanged(): void;
}

export interface WithdrawalParts {
  readonly mesos: MesosPort;
  readonly clock: Clock;
  readonly mind: Mind;
  readonly journal: JournalPort;
  readonly log: Log;
  readonly options: LoopOptions;
  readonly random: Random;
}

/** Mesos' own default for offers declined without a time. Seconds. */
const refuseS = 5;

export function createWithdrawal(parts: WithdrawalParts): Withdrawal {
  const { mesos, clock, mind, options } = parts;
  let subscription = new AbortController();

  async function withdraw({ intent, offerIds }: LaunchDecision): Promise<void> {
    const { signal } = subscription;
    const isSettled = (): boolean => signal.aborted;
    for (let attempt = 1; attempt <= options.withdrawAttemptsMax; attempt++) {
      if (isSettled()) return;
      const declined = await asOutcome(mesos.decline(offerIds, refuseS));
      if (isSettled()) return;
      if (declined.ok) {
        mind.update((memory) => offersGone(memory, offerIds));
        report('launch withdrawn', intent.taskId, attempt);
        await asOutcome(mesos.reconcile([{ taskId: intent.taskId, agentId: intent.agentId }]));
        return;
      }
      await sleep(clock, backoffMs(attempt, options.withdrawBackoff, parts.random), signal);
    }
    mind.update((memory) => answerFailed(memory, offerIds));
    report('launch left unsettled', intent.taskId, options.withdrawAttemptsMax);
    parts.log.error('launch left unsettled', { taskId: intent.taskId });
  }

  function report(event: string, taskId: string, attempts: number): void {
    parts.journal.append({ atMs: clock.nowMs(), event, taskId, data: { attempts } });
  }

  return {
    withdraw,
    subscriptionChanged() {
      subscription.abort();
      subscription = new AbortController();
    },
  };
}
