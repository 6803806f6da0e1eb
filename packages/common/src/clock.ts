/**
 * Time as a port: everything that waits or asks the hour gets a Clock, so that the same code runs
 * on the system's time and on a virtual clock in simulations.
 */
export interface Clock {
  /** Milliseconds since the Unix epoch. */
  nowMs(): number;
  /**
   * Calls `then` once, `delayMs` from now (at the next turn if zero or negative). The returned
   * function cancels the call; cancelling twice, or after the call, does nothing.
   */
  after(delayMs: number, then: () => void): () => void;
}

/** The system's clock. Its timers keep the process alive, as Node's own do. */
export const systemClock: Clock = {
  nowMs: () => Date.now(),
  after(delayMs, then) {
    // A timer waits a millisecond at the least.
    if (delayMs <= 0) {
      const turn = setImmediate(then);
      return () => {
        clearImmediate(turn);
      };
    }
    const timer = setTimeout(then, delayMs);
    return () => {
      clearTimeout(timer);
    };
  },
};

/** Resolves after `delayMs`, or at once when `signal` is aborted; never rejects. */
export function sleep(clock: Clock, delayMs: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted === true) {
      resolve();
      return;
    }
    const finish = (): void => {
      cancel();
      signal?.removeEventListener('abort', finish);
      resolve();
    };
    const cancel = clock.after(delayMs, finish);
    signal?.addEventListener('abort', finish, { once: true });
  });
}
