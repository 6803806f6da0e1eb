/**
 * Looks at the nodes alone, and often, while one is about to change: pbs_server sends its host list, or a
 * mom registers. Both are seen in one short command, and a job waits for each.
 */
import type { Clock } from '@mesos-torque/common/clock.ts';
import { nodesRead } from './memory.ts';
import type { Mind } from './mind.ts';
import { asOutcome } from './outcomes.ts';
import type { TorquePort } from './ports.ts';

export interface EagerLookParts {
  readonly torque: TorquePort;
  readonly clock: Clock;
  readonly mind: Mind;
  /** From one look to the next, at the least. Milliseconds. */
  readonly everyMs: number;
  /** Whether a node is about to change, and nothing else reads the nodes now. */
  readonly isEager: () => boolean;
  readonly onRead: () => void;
}

export interface EagerLook {
  /** What is expected, or who reads, may have changed. */
  consider(): void;
  stop(): void;
}

/** The rest after a look is at least twice as long as the look took: a long list is not read all the time. */
export function createEagerLook(parts: EagerLookParts): EagerLook {
  const { clock, mind } = parts;
  let state: 'idle' | 'waiting' | 'reading' | 'stopped' = 'idle';
  let cancel = (): void => undefined;
  let nextMs = 0;
  // Read through a function: the compiler cannot know that `stop` may be called during a look.
  const isStopped = (): boolean => state === 'stopped';

  function consider(): void {
    if (state !== 'idle' || !parts.isEager()) return;
    state = 'waiting';
    cancel = clock.after(Math.max(0, nextMs - clock.nowMs()), () => void look());
  }

  /** A look that fails tells nothing: the readings of queue and nodes together say when TORQUE is lost. */
  async function look(): Promise<void> {
    state = 'idle';
    if (!parts.isEager()) return;
    state = 'reading';
    const begunMs = clock.nowMs();
    const read = await asOutcome(parts.torque.readNodes());
    if (isStopped()) return;
    const endedMs = clock.nowMs();
    nextMs = Math.max(begunMs + parts.everyMs, endedMs + 2 * (endedMs - begunMs));
    state = 'idle';
    if (read.ok) {
      mind.update((memory) => nodesRead(memory, read.value, begunMs, endedMs));
      parts.onRead();
    }
    consider();
  }

  return {
    consider,
    stop() {
      state = 'stopped';
      cancel();
    },
  };
}
