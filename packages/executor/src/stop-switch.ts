/** The orders that change a task's course: to start pbs_mom, and to stop. Each takes effect once. */

/** Why a task is to stop. */
export type StopCause =
  | { readonly kind: 'kill' }
  | { readonly kind: 'shutdown' }
  /** There is no agent any more. */
  | { readonly kind: 'lost'; readonly why: string }
  | { readonly kind: 'signal'; readonly signal: string };

/** Thrown once; throwing it again does nothing. */
export class Switch {
  readonly thrown: Promise<void>;
  #resolve: () => void = () => undefined;
  #isThrown = false;

  constructor() {
    this.thrown = new Promise((resolve) => {
      this.#resolve = resolve;
    });
  }

  get isThrown(): boolean {
    return this.#isThrown;
  }

  throw(): void {
    this.#isThrown = true;
    this.#resolve();
  }
}

/**
 * The order to stop. The first cause stays; a later order may only bring the deadline forward, as when
 * SHUTDOWN with its few seconds comes while a KILL with minutes is being carried out.
 */
export class StopSwitch {
  readonly #switch = new Switch();
  #cause: StopCause | null = null;
  #deadlineMs = Number.POSITIVE_INFINITY;

  get thrown(): Promise<void> {
    return this.#switch.thrown;
  }

  /** Null while nobody has ordered a stop. */
  get cause(): StopCause | null {
    return this.#cause;
  }

  /** When everything should have ended, in the clock's milliseconds. */
  get deadlineMs(): number {
    return this.#deadlineMs;
  }

  throw(cause: StopCause, deadlineMs: number): void {
    this.#cause ??= cause;
    this.#deadlineMs = Math.min(this.#deadlineMs, deadlineMs);
    this.#switch.throw();
  }
}
