/**
 * How often a mom is started again, and how long to wait before: the jobs of a mom that died live on and
 * are taken up again by the next one, so a crash need not cost them. One that crashes again and again has
 * a cause that no restart cures.
 */

/** Restarts longer ago than this are forgotten. */
export const restartWindowMs = 60 * 60_000;
const firstWaitMs = 1000;
const waitMsMax = 60_000;

export type RestartAnswer =
  | { readonly kind: 'after'; readonly waitMs: number; readonly number: number }
  | { readonly kind: 'no'; /** Empty where none was made. */ readonly why: string };

export class Restarts {
  readonly #max: number;
  #atMs: readonly number[] = [];

  constructor(max: number) {
    this.#max = max;
  }

  /** Counts one more restart at `nowMs`, if it is within the limit. */
  ask(nowMs: number): RestartAnswer {
    this.#atMs = this.#atMs.filter((atMs) => nowMs - atMs < restartWindowMs);
    const before = this.#atMs.length;
    if (before >= this.#max) {
      const why =
        before === 0
          ? ''
          : `it was started again ${before} times within an hour, which is the limit (executor.restartsMax)`;
      return { kind: 'no', why };
    }
    this.#atMs = [...this.#atMs, nowMs];
    return { kind: 'after', waitMs: Math.min(waitMsMax, firstWaitMs * 4 ** before), number: before + 1 };
  }
}
