/** Asks after the mom's health until told to stop, and says when it changes. */
import { sleep } from '@mesos-torque/common/clock.ts';
import type { Clock } from '@mesos-torque/common/clock.ts';
import { isNews, judge, nextQuestionMs, unheard } from './mom-health.ts';
import type { Health, Observation } from './mom-health.ts';

export interface WatchOptions {
  readonly clock: Clock;
  readonly healthIntervalMs: number;
  readonly ask: () => Promise<Observation>;
  /** Called when the mom is well for the first time or again, trusts other hosts, or falls ill. */
  readonly onChange: (health: Health) => void;
  readonly signal: AbortSignal;
}

/** Resolves soon after `signal` was aborted. One question at a time. */
export async function watchMom({
  clock,
  healthIntervalMs,
  ask,
  onChange,
  signal,
}: WatchOptions): Promise<void> {
  let health: Health = unheard;
  while (!signal.aborted) {
    const observation = await ask();
    // What is heard of a mom that is being stopped is no news.
    if (isAborted(signal)) return;
    const next = judge(health, observation);
    if (isNews(health, next)) onChange(next);
    health = next;
    await sleep(clock, nextQuestionMs(health, healthIntervalMs), signal);
  }
}

/** Read through a function: the compiler believes that a property just read has not changed. */
function isAborted(signal: AbortSignal): boolean {
  return signal.aborted;
}
