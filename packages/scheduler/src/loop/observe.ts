/**
 * Looks at TORQUE: the queue and the nodes, in parallel, one command of each kind at a time. A
 * reading that fails leaves what was known, no longer fresh.
 */
import type { Clock } from '@mesos-torque/common/clock.ts';
import type { Log } from '@mesos-torque/common/logger.ts';
import { nodesNotRead, nodesRead, queueNotRead, queueRead } from './memory.ts';
import type { Mind } from './mind.ts';
import type { LoopOptions } from './options.ts';
import { asOutcome } from './outcomes.ts';
import { createEagerLook } from './observe-eagerly.ts';
import { createSettingsObserver } from './observe-settings.ts';
import type { JournalPort, TorquePort } from './ports.ts';
import { createReadingWatch } from './watch-readings.ts';

/** Reads both once. Never rejects; each result is remembered as soon as it is there. */
export async function observe(torque: TorquePort, clock: Clock, mind: Mind): Promise<void> {
  const atMs = clock.nowMs();
  const queue = asOutcome(torque.readQueue()).then((read) => {
    mind.update((memory) =>
      read.ok ? queueRead(memory, atMs, read.value) : queueNotRead(memory, read.problem),
    );
  });
  const nodes = asOutcome(torque.readNodes()).then((read) => {
    mind.update((memory) =>
      read.ok ? nodesRead(memory, read.value, atMs, clock.nowMs()) : nodesNotRead(memory, read.problem),
    );
  });
  await Promise.all([queue, nodes]);
}

export interface Observer {
  start(): void;
  /** Whether something is expected may have changed. */
  paceChanged(): void;
  /** A node was acted upon: what was ordered is to be seen in a reading that begins after it. */
  lookSoon(): void;
  stop(): void;
}

export interface ObserverParts {
  readonly torque: TorquePort;
  readonly clock: Clock;
  readonly mind: Mind;
  readonly journal: JournalPort;
  readonly log: Log;
  readonly options: LoopOptions;
  /** Whether something is expected of TORQUE. */
  readonly isFast: () => boolean;
  /** Whether a node is about to change, and a job may wait for that. */
  readonly isEager: () => boolean;
  readonly onRead: () => void;
}

/**
 * With nothing expected, reading takes a quarter of the time at most: a short queue is looked at as often as
 * when something is expected, and a new job is noticed as soon.
 */
function quietPaceMs(twiceTakenMs: number, { readFastMs, readSlowMs }: LoopOptions): number {
  return Math.min(readSlowMs, Math.max(readFastMs, 2 * twiceTakenMs));
}

/**
 * Reads again and again. Between two readings there is at least as long a rest as the last one took,
 * so that a server with a long queue has half of its time for others.
 */
export function createObserver(parts: ObserverParts): Observer {
  const { clock, options } = parts;
  const readings = createReadingWatch(parts);
  const settings = createSettingsObserver(parts.torque, clock, parts.mind, () => {
    if (isStopped()) return;
    // Before queue and nodes were read, that they are not known is no failure.
    if (restUntilMs > 0) readings.look(parts.mind.memory());
    parts.onRead();
  });
  let cancel = (): void => undefined;
  let state: 'stopped' | 'resting' | 'reading' = 'stopped';
  let begunMs = 0;
  let restUntilMs = 0;
  let isHurried = false;
  const eager = createEagerLook({
    ...parts,
    everyMs: options.readEagerMs,
    isEager: () => state === 'resting' && parts.isEager(),
  });

  const read = async (): Promise<void> => {
    state = 'reading';
    isHurried = false;
    begunMs = clock.nowMs();
    settings.lookIfDue();
    await observe(parts.torque, clock, parts.mind);
    if (isStopped()) return;
    readings.look(parts.mind.memory());
    const endedMs = clock.nowMs();
    restUntilMs = endedMs + (endedMs - begunMs);
    state = 'resting';
    parts.onRead();
    rest();
    eager.consider();
  };
  const isStopped = (): boolean => state === 'stopped';
  const rest = (): void => {
    cancel();
    const paceMs = parts.isFast() ? options.readFastMs : quietPaceMs(restUntilMs - begunMs, options);
    const dueMs = isHurried ? clock.nowMs() : begunMs + paceMs;
    cancel = clock.after(Math.max(dueMs, restUntilMs) - clock.nowMs(), () => void read());
  };

  return {
    start() {
      if (state === 'stopped') void read();
    },
    paceChanged() {
      if (state === 'resting') rest();
      eager.consider();
    },
    lookSoon() {
      isHurried = true;
      if (state === 'resting') rest();
    },
    stop() {
      state = 'stopped';
      cancel();
      eager.stop();
    },
  };
}
