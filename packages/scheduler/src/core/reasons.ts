/**
 * Why something was done or not done. A reason is data with its arithmetic; `sentence` makes the one
 * sentence that log, command line, dashboard and journal all show.
 */

export interface Reason {
  /** Stable, for filters and metrics: `short-memory`, `not-idle-long-enough`. */
  readonly code: string;
  /** The one sentence, numbers and names included. */
  readonly text: string;
}

/** The one sentence of a reason. */
export function sentence(reason: Reason): string {
  return reason.text;
}
