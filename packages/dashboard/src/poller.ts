/** Asks for the same thing again and again: one question at a time, not too often, and never one too few. */

export interface PollerParts<T> {
  readonly ask: (signal: AbortSignal) => Promise<T>;
  readonly answered: (value: T) => void;
  readonly failed: (error: unknown) => void;
  /** Between two questions, at the least. */
  readonly intervalMs: number;
  readonly now: () => number;
  readonly later: (ms: number, callback: () => void) => () => void;
}

export interface Poller {
  /** What was asked last may have changed: ask again, once the question under way is answered. */
  readonly want: () => void;
  /** Nothing is called back any more. */
  readonly close: () => void;
}

export function createPoller<T>(parts: PollerParts<T>): Poller {
  const abort = new AbortController();
  let stage: 'idle' | 'due' | 'asking' | 'asking, and wanted again' = 'idle';
  let askedAtMs = -Infinity;
  let callOff = (): void => undefined;

  async function askNow(): Promise<void> {
    stage = 'asking';
    askedAtMs = parts.now();
    try {
      const value = await parts.ask(abort.signal);
      if (!abort.signal.aborted) parts.answered(value);
    } catch (error) {
      if (!abort.signal.aborted) parts.failed(error);
    }
    const again = wantedAgain();
    stage = 'idle';
    if (again) want();
  }

  /** A function, for the compiler takes `stage` to be what it was before the question. */
  function wantedAgain(): boolean {
    return stage === 'asking, and wanted again';
  }

  function want(): void {
    if (abort.signal.aborted || stage === 'due') return;
    if (stage !== 'idle') {
      stage = 'asking, and wanted again';
      return;
    }
    stage = 'due';
    callOff = parts.later(Math.max(0, askedAtMs + parts.intervalMs - parts.now()), () => void askNow());
  }

  return {
    want,
    close() {
      callOff();
      abort.abort();
    },
  };
}
