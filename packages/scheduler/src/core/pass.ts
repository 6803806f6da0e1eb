/**
 * What the steps of one plan share while it is being made: how many acts on nodes are left, and the
 * next moment at which time alone changes the plan.
 */
export class Pass {
  readonly #nowMs: number;
  #actsLeft: number;
  #wakeAtMs: number | null = null;

  constructor(nowMs: number, actsMax: number) {
    this.#nowMs = nowMs;
    this.#actsLeft = actsMax;
  }

  /** Takes one act on a node; false when none is left, and then another pass follows after `waitMs`. */
  spendAct(waitMs: number): boolean {
    if (this.#actsLeft <= 0) {
      this.wakeAt(this.#nowMs + waitMs);
      return false;
    }
    this.#actsLeft -= 1;
    return true;
  }

  /** Notes that the plan may change at `ms`. The past changes nothing. */
  wakeAt(ms: number): void {
    if (ms <= this.#nowMs || !Number.isFinite(ms)) return;
    if (this.#wakeAtMs === null || ms < this.#wakeAtMs) this.#wakeAtMs = ms;
  }

  /** True once `waitMs` have passed since `sinceMs` (or since never); otherwise wakes then. */
  due(sinceMs: number | undefined | null, waitMs: number): boolean {
    if (sinceMs === undefined || sinceMs === null) return true;
    if (this.#nowMs - sinceMs >= waitMs) return true;
    this.wakeAt(sinceMs + waitMs);
    return false;
  }

  get wakeAtMs(): number | null {
    return this.#wakeAtMs;
  }
}
