/** A clock that stands still until a test moves it. */
import type { Clock } from '@mesos-torque/common/clock.ts';

interface Call {
  readonly atMs: number;
  readonly order: number;
  readonly then: () => void;
}

export class VirtualClock implements Clock {
  #nowMs = 1_000_000;
  #order = 0;
  readonly #calls = new Set<Call>();

  nowMs(): number {
    return this.#nowMs;
  }

  after(delayMs: number, then: () => void): () => void {
    const call = { atMs: this.#nowMs + Math.max(0, delayMs), order: this.#order++, then };
    this.#calls.add(call);
    return () => {
      this.#calls.delete(call);
    };
  }

  /** Lets `ms` pass: every call due is made in its turn, with the promises that hang on it. */
  async pass(ms: number): Promise<void> {
    const untilMs = this.#nowMs + ms;
    await settle();
    for (let next = this.#next(untilMs); next !== null; next = this.#next(untilMs)) {
      this.#calls.delete(next);
      this.#nowMs = Math.max(this.#nowMs, next.atMs);
      next.then();
      await settle();
    }
    this.#nowMs = untilMs;
  }

  #next(untilMs: number): Call | null {
    const due = [...this.#calls].filter(({ atMs }) => atMs <= untilMs);
    return due.sort((a, b) => a.atMs - b.atMs || a.order - b.order)[0] ?? null;
  }
}

/** Lets everything that is only waiting for promises happen. */
export async function settle(): Promise<void> {
  await new Promise((resolve) => {
    setImmediate(resolve);
  });
}
