/**
 * How long a leader may act on what it last heard from ZooKeeper. ZooKeeper gives a session up when it
 * has heard nothing from it for the session's time-out; counted from before a request that was answered,
 * a part of that time has to pass first here, whatever the clocks of the machines say.
 */

/** One moment on two clocks. A suspended machine stops the steady one, a correction moves the wall's. */
export interface Instant {
  readonly wallMs: number;
  readonly steadyMs: number;
}

export const systemInstant = (): Instant => ({ wallMs: Date.now(), steadyMs: performance.now() });

export interface Lease {
  /** `began`: just before the request that was answered. */
  renew(began: Instant): void;
  /** False once the time is over on either clock: a doubt ends a reign, it never prolongs one. */
  isValid(): boolean;
  /** Milliseconds until it ends by itself; zero or less when it has. */
  leftMs(): number;
}

export function createLease(spanMs: number, now: () => Instant, began: Instant): Lease {
  let from = began;
  const leftMs = (): number => {
    const { wallMs, steadyMs } = now();
    return spanMs - Math.max(wallMs - from.wallMs, steadyMs - from.steadyMs);
  };
  return {
    renew(answered) {
      from = answered;
    },
    isValid: () => leftMs() > 0,
    leftMs,
  };
}
