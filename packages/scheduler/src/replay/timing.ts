/** How long things take in a replay. */
export interface Timing {
  /** From a launch to a node that takes jobs, at the least. */
  readonly bootMs: number;
  /** The beat on which pbs_server sends its host list to new nodes; 0: at once. */
  readonly hostListMs: number;
  /** How often TORQUE is read while something is expected of it ... */
  readonly pollMs: number;
  /** ... and while nothing is. */
  readonly quietPollMs: number;
}

/** The next moment after `nowMs` that is a multiple of `everyMs`. */
export function nextOn(everyMs: number, nowMs: number): number {
  return (Math.floor(nowMs / everyMs) + 1) * everyMs;
}
