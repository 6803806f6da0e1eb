/**
 * Reads the settings of queues and server at a slow pace, for they rarely change. A reading that fails
 * leaves what was known, no longer fresh, and is tried again sooner.
 */
import type { Clock } from '@mesos-torque/common/clock.ts';
import type { JobFacts, Reading } from '../core/facts.ts';
import type { Limiting, QueueSettings } from '../core/settings.ts';
import { settingsNotRead, settingsRead } from './memory.ts';
import type { Mind } from './mind.ts';
import { asOutcome } from './outcomes.ts';
import type { TorquePort } from './ports.ts';

/** From the beginning of one reading to that of the next: how late a changed limit may be noticed. */
const paceMs = 60_000;
/** After a failure, or for the sake of a queue that the last reading did not show. */
const soonMs = 5_000;

export interface SettingsObserver {
  /** Begins a reading if one is due and none is under way. Never rejects. */
  lookIfDue(): void;
}

export function createSettingsObserver(
  torque: Pick<TorquePort, 'readSettings'>,
  clock: Clock,
  mind: Mind,
  onRead: () => void,
): SettingsObserver {
  let begunMs: number | null = null;
  let isReading = false;

  const isDue = (): boolean => {
    if (isReading) return false;
    if (begunMs === null) return true;
    const { settings, queue } = mind.memory();
    const jobs = queue.state === 'unknown' ? [] : queue.value.jobs;
    const isCalm = settings.state === 'fresh' && knowsQueues(settings, jobs);
    return clock.nowMs() - begunMs >= (isCalm ? paceMs : soonMs);
  };

  const read = async (): Promise<void> => {
    isReading = true;
    const atMs = clock.nowMs();
    begunMs = atMs;
    const answer = await asOutcome<QueueSettings>(torque.readSettings());
    mind.update((memory) =>
      answer.ok ? settingsRead(memory, atMs, answer.value) : settingsNotRead(memory, answer.problem),
    );
    isReading = false;
    onRead();
  };

  return {
    lookIfDue() {
      if (isDue()) void read();
    },
  };
}

function knowsQueues(
  settings: Extract<Reading<Limiting>, { state: 'fresh' }>,
  jobs: readonly JobFacts[],
): boolean {
  const { value } = settings;
  if (value.kind === 'not-looked-at') return true;
  const known = new Set(value.queues.map(({ name }) => name));
  return jobs.every(({ queue }) => known.has(queue));
}
