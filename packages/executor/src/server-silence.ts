/**
 * What to do about a mom that does not hear from its server: nudge it (`momctl -C`), start it again with
 * its jobs, and in the end give it up; but never one with jobs. A pbs_server that is down for an evening
 * looks just the same from here, and jobs outlive that.
 */

/** A mom reports every 10 s: this is many reports in a row. */
export const nudgeAfterMs = 2 * 60_000;
export const restartAfterMs = 5 * 60_000;
export const giveUpAfterMs = 30 * 60_000;

export type SilenceAct = 'none' | 'nudge' | 'restart' | 'give up';

export class ServerSilence {
  #done: SilenceAct = 'none';
  /** When there were words between them last, in the clock's milliseconds. */
  #heardMs: number;

  constructor(nowMs: number) {
    this.#heardMs = nowMs;
  }

  silentMs(nowMs: number): number {
    return nowMs - this.#heardMs;
  }

  /** `silentS` as the mom says it; null while there was no word since its start. Each act comes once per silence. */
  look(nowMs: number, silentS: number | null, jobs: number): SilenceAct {
    if (silentS !== null) this.#heardMs = Math.max(this.#heardMs, nowMs - silentS * 1000);
    const silentMs = nowMs - this.#heardMs;
    if (silentMs < nudgeAfterMs) {
      this.#done = 'none';
      return 'none';
    }
    if (silentMs >= giveUpAfterMs && jobs === 0) return 'give up';
    if (silentMs >= restartAfterMs && this.#done !== 'restart') return (this.#done = 'restart');
    if (this.#done === 'none') return (this.#done = 'nudge');
    return 'none';
  }
}
