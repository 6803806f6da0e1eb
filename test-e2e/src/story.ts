/** What a story is: one thing that must be true of a whole site, played from a user's or administrator's side. */
import type { Capability } from './site.ts';
import type { Stage } from './stage.ts';

export interface Story {
  /** With its number first: "1 from zero and back". */
  readonly title: string;
  /** One sentence for the report: what is shown when it passes. */
  readonly proves: string;
  /** Without these it is left out, loudly. */
  readonly needs: readonly Capability[];
  /**
   * Ends when every job that it submitted has ended. That nodes and tasks go, and that nothing is left behind, is
   * waited for and counted afterwards, by the auditor.
   */
  readonly play: (stage: Stage) => Promise<void>;
}
