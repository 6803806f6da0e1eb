/**
 * Whether the process still does what it is there for. It answers although its loop stands still, for instance on something
 * that never ends; then only a start anew helps, which costs neither nodes nor jobs.
 */
import type { Clock } from '@mesos-torque/common/clock.ts';
import type { Verdict } from './http-server.ts';

/** Plans follow each other in seconds, also while nothing can be read; the longest calls end within minutes. */
export const silentMsMax = 600_000;

export interface Liveness {
  /** Another rules from now on; false: nobody does, and nobody has to plan. */
  ruled(isRuling: boolean): void;
  planned(): void;
  look(): Verdict;
}

export function createLiveness(clock: Clock): Liveness {
  let lastMs: number | null = null;
  return {
    ruled(isRuling) {
      lastMs = isRuling ? clock.nowMs() : null;
    },
    planned() {
      if (lastMs !== null) lastMs = clock.nowMs();
    },
    look() {
      const silentMs = lastMs === null ? 0 : clock.nowMs() - lastMs;
      if (silentMs <= silentMsMax) return { ok: true, why: '' };
      return { ok: false, why: `no plan was made for ${String(Math.round(silentMs / 1000))} s` };
    },
  };
}
