/**
 * The connection to the scheduler: events as they come, what was heard last and when, and whether it still
 * answers. It connects again by itself, for as long as the page is open.
 */
import { object } from './decode.ts';
import { createEventReader, type ServerEvent } from './event-stream.ts';
import type { Entry, Status } from './messages.ts';
import { entryIn, statusIn } from './read-messages.ts';

export type Link =
  /** Nothing was heard yet. */
  | { readonly state: 'connecting' }
  | { readonly state: 'live' }
  /** It was lost a moment ago; no need to worry anybody. */
  | { readonly state: 'lost'; readonly sinceMs: number }
  | { readonly state: 'gone'; readonly sinceMs: number; readonly why: string; readonly retryAtMs: number };

export interface LiveState {
  readonly link: Link;
  /** When anything was last heard; null before. */
  readonly heardAtMs: number | null;
  /** The latest one, however old. */
  readonly status: Status | null;
  /** The latest entries of the journal that came while the page was open, newest first. */
  readonly entries: readonly Entry[];
  /** Connections so far: what was read before the latest one may have missed something. */
  readonly connections: number;
}

export interface LiveParts {
  /** Opens the event stream, from after this journal entry on. */
  readonly open: (after: string, signal: AbortSignal) => Promise<ReadableStream<Uint8Array>>;
  readonly now: () => number;
  /** Calls back once, later; the returned function calls it off. */
  readonly later: (ms: number, callback: () => void) => () => void;
  readonly changed: (state: LiveState) => void;
}

export interface Live {
  state(): LiveState;
  /** Connects at once if it was waiting to. */
  retry(): void;
  close(): void;
}

/** The scheduler says something every 15 s; two of these missed, and one in delay. */
const silenceMsMax = 40_000;
const answerMsMax = 10_000;
/** A scheduler that is started anew is back within about this time, and no banner flickers. */
const lostMsMax = 3_000;
const retryMs = [500, 1_000, 2_000, 5_000, 10_000];
const entriesMax = 200;

export function connectLive(parts: LiveParts): Live {
  let state: LiveState = {
    link: { state: 'connecting' },
    heardAtMs: null,
    status: null,
    entries: [],
    connections: 0,
  };
  let after = 'now';
  let failures = 0;
  let closed = false;
  let abort = new AbortController();
  let callOff = (): void => undefined;

  function set(change: Partial<LiveState>): void {
    state = { ...state, ...change };
    parts.changed(state);
  }

  async function run(): Promise<void> {
    abort = new AbortController();
    try {
      giveUpAfter(answerMsMax);
      const stream = await parts.open(after, abort.signal);
      set({ connections: state.connections + 1 });
      await follow(stream, abort.signal);
      lose('it ended the connection');
    } catch (error) {
      lose(error instanceof Error ? error.message : String(error));
    }
  }

  function giveUpAfter(ms: number): void {
    callOff();
    callOff = parts.later(ms, () => {
      abort.abort(new Error(`it said nothing for ${ms / 1000} s`));
    });
  }

  async function follow(stream: ReadableStream<Uint8Array>, signal: AbortSignal): Promise<void> {
    const reader = stream
      .pipeThrough(new TextDecoderStream() as unknown as ReadableWritablePair<string, Uint8Array>)
      .getReader();
    signal.addEventListener('abort', () => {
      reader.cancel(signal.reason).catch(() => undefined);
    });
    const events = createEventReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (signal.aborted) throw signal.reason;
      if (done) return;
      hear(events.read(value));
    }
  }

  function hear(events: readonly ServerEvent[]): void {
    failures = 0;
    giveUpAfter(silenceMsMax);
    let { status, entries } = state;
    for (const event of events) {
      if (event.id !== '') after = event.id;
      if (event.event === 'status') status = statusIn(object(JSON.parse(event.data), 'status'));
      if (event.event === 'entry') {
        entries = [entryIn(object(JSON.parse(event.data), 'entry')), ...entries].slice(0, entriesMax);
      }
    }
    set({ link: { state: 'live' }, heardAtMs: parts.now(), status, entries });
  }

  function lose(why: string): void {
    callOff();
    if (closed) return;
    const sinceMs = lostSince();
    const waitMs = retryMs[Math.min(failures, retryMs.length - 1)] ?? 10_000;
    failures += 1;
    const nowMs = parts.now();
    const isGone = state.heardAtMs === null || nowMs - sinceMs >= lostMsMax;
    const link: Link = isGone
      ? { state: 'gone', sinceMs, why, retryAtMs: nowMs + waitMs }
      : { state: 'lost', sinceMs };
    callOff = parts.later(waitMs, () => void run());
    set({ link });
  }

  function lostSince(): number {
    const { link } = state;
    return link.state === 'lost' || link.state === 'gone' ? link.sinceMs : parts.now();
  }

  void run();
  return {
    state: () => state,
    retry() {
      if (state.link.state !== 'gone' && state.link.state !== 'lost') return;
      callOff();
      void run();
    },
    close() {
      closed = true;
      callOff();
      abort.abort();
    },
  };
}
