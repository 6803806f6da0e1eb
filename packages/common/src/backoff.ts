/**
 * Jittered exponential back-off: each wait is a random part of a ceiling that doubles, so that many
 * clients that lost the same server do not come back as one.
 */

/** A number from 0 up to, not including, 1. */
export type Random = () => number;

export interface BackoffLimits {
  /** The ceiling of the first wait. Milliseconds. */
  readonly firstMs: number;
  /** No ceiling is above this one. Milliseconds. */
  readonly mostMs: number;
}

/**
 * The wait before attempt number `attempt + 1`, where `attempt` counts failures so far, from 1: between half of the
 * ceiling and the whole of it. Milliseconds, whole.
 */
export function backoffMs(attempt: number, limits: BackoffLimits, random: Random): number {
  // Beyond 2^30 the ceiling is the limit anyway, and the power stays a number.
  const doublings = Math.min(Math.max(attempt, 1) - 1, 30);
  const ceiling = Math.min(limits.mostMs, limits.firstMs * 2 ** doublings);
  return Math.round(ceiling / 2 + (ceiling / 2) * random());
}
