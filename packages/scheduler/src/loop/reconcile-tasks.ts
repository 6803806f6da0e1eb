/**
 * Asks Mesos how our tasks fare: after each subscription for every task that it has not told about,
 * with back-off, and from time to time for all. One question at a time.
 *
 * Mesos may leave questions unanswered for as long as agents take to come back (ten minutes by
 * default), and answers to RECONCILE can be lost; so asking never ends, it only gets slower.
 */
import { backoffMs, type Random } from '@mesos-torque/common/backoff.ts';
import type { Clock } from '@mesos-torque/common/clock.ts';
import type { Log } from '@mesos-torque/common/logger.ts';
import { standingOf } from '../core/task-states.ts';
import type { Mind } from './mind.ts';
import { asOutcome } from './outcomes.ts';
import type { LoopOptions } from './options.ts';
import type { JournalPort, MesosPort } from './ports.ts';
import { askedAgain, missingTasks } from './task-words.ts';

export interface TaskReconciler {
  readonly subscribed: () => void;
  readonly disconnected: () => void;
}

export interface TaskReconcilerParts {
  readonly mesos: MesosPort;
  readonly clock: Clock;
  readonly mind: Mind;
  readonly journal: JournalPort;
  readonly log: Log;
  readonly options: LoopOptions;
  readonly random: Random;
  readonly isLaunching: (taskId: string) => boolean;
}

interface Asked {
  readonly taskId: string;
  readonly agentId: string;
}

export function createTaskReconciler(parts: TaskReconcilerParts): TaskReconciler {
  const { mesos, clock, mind, options } = parts;
  let cancel = (): void => undefined;
  /** Answers that come after a disconnection belong to a round that is over. */
  let round = 0;
  let lastAllMs = 0;

  async function askMissing(mine: number, attempt: number): Promise<void> {
    const missing = missingTasks(mind.memory());
    if (missing.length === 0) {
      lastAllMs = clock.nowMs();
      later(mine, options.reconcileDoubtMs, () => askAgain(mine));
      return;
    }
    mind.update(askedAgain);
    if (attempt === options.reconcileLoudAfter) reportSilence(missing.map((intent) => intent.taskId));
    await ask(missing);
    later(mine, backoffMs(attempt, options.reconcileBackoff, parts.random), () =>
      askMissing(mine, attempt + 1),
    );
  }

  /** Those in doubt each time, all of them now and then. */
  async function askAgain(mine: number): Promise<void> {
    const isAll = clock.nowMs() - lastAllMs >= options.reconcilePeriodMs;
    if (isAll) lastAllMs = clock.nowMs();
    const settled = mind.memory().durable.intents.filter((intent) => !parts.isLaunching(intent.taskId));
    const asked = isAll ? settled : settled.filter(isInDoubt);
    if (asked.length > 0) await ask(asked);
    if (isAll && mine === round) await asOutcome(mesos.reconcile([]));
    later(mine, options.reconcileDoubtMs, () => askAgain(mine));
  }

  /** Nothing was heard of it although it was launched, or Mesos lost it from sight. */
  function isInDoubt({ taskId }: Asked): boolean {
    const task = mind.memory().tasks.get(taskId);
    return task === undefined || standingOf(task.state) === 'lost-sight';
  }

  async function ask(tasks: readonly Asked[]): Promise<void> {
    await asOutcome(mesos.reconcile(tasks.map(({ taskId, agentId }) => ({ taskId, agentId }))));
  }

  function later(mine: number, delayMs: number, then: () => Promise<void>): void {
    if (mine !== round) return;
    cancel = clock.after(delayMs, () => void then());
  }

  function reportSilence(taskIds: readonly string[]): void {
    const fields = { tasks: taskIds.length, first: taskIds[0] ?? '' };
    parts.log.warn('tasks not accounted for', fields);
    parts.journal.append({ atMs: clock.nowMs(), event: 'tasks not accounted for', data: fields });
  }

  return {
    subscribed() {
      cancel();
      const mine = ++round;
      // Tasks that run without an intent of ours are found by the implicit question only.
      void asOutcome(mesos.reconcile([])).then(() => (mine === round ? askMissing(mine, 1) : undefined));
    },
    disconnected() {
      cancel();
      round += 1;
    },
  };
}
