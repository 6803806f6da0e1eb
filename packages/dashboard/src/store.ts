/** State that outlives a page: the live connection, the clock that ticks for ages, and answers already had. */
import { useEffect, useRef, useState } from 'preact/hooks';
import { ApiError, ask, openEvents, schedulerNow } from './api.ts';
import type { Json } from './decode.ts';
import { connectLive, type Live, type LiveState } from './live.ts';
import { createPoller, type Poller } from './poller.ts';

const listeners = new Set<() => void>();

export function later(ms: number, callback: () => void): () => void {
  const timer = setTimeout(callback, ms);
  return () => {
    clearTimeout(timer);
  };
}

export const live: Live = connectLive({
  open: openEvents,
  now: schedulerNow,
  later,
  changed() {
    for (const listener of listeners) listener();
  },
});

export function useLive(): LiveState {
  const [state, setState] = useState(live.state());
  useEffect(() => {
    const listener = (): void => {
      setState(live.state());
    };
    listeners.add(listener);
    listener();
    return () => listeners.delete(listener);
  }, []);
  return state;
}

/** Now, anew every so often: for ages. Hidden pages do not tick. */
export function useNow(everyMs = 1_000): number {
  const [now, setNow] = useState(schedulerNow());
  useEffect(() => {
    const timer = setInterval(() => {
      if (document.visibilityState === 'visible') setNow(schedulerNow());
    }, everyMs);
    return () => {
      clearInterval(timer);
    };
  }, [everyMs]);
  return now;
}

export type Answer<T> =
  | { readonly state: 'loading' }
  | { readonly state: 'ready'; readonly value: T; readonly atMs: number }
  /** `last` is what was known before, null if nothing was. */
  | { readonly state: 'failed'; readonly error: ApiError; readonly last: T | null; readonly atMs: number };

/** What is known, however old; null if nothing is. */
export function valueOf<T>(answer: Answer<T>): T | null {
  switch (answer.state) {
    case 'loading':
      return null;
    case 'ready':
      return answer.value;
    case 'failed':
      return answer.last;
  }
}

/** However fast the cluster changes, no list is asked for more often than this. */
const askAgainMsMin = 2_000;

/**
 * The answer to a path, asked anew whenever the scheduler has planned anew (not with `follow: false`) or was gone. An empty path
 * asks nothing. `decode` belongs to the path.
 */
export function useAnswer<T>(path: string, decode: (json: Json) => T, follow = true): Answer<T> {
  const { status, connections } = useLive();
  const [kept, setKept] = useState<{ path: string; answer: Answer<T> }>(() => ({
    path,
    answer: knownAnswer(path, decode),
  }));
  const poller = useRef<Poller | null>(null);

  useEffect(() => {
    if (path === '') return;
    const first = knownAnswer(path, decode);
    poller.current = createPoller({
      ask: (signal) => ask(path, signal),
      answered(json) {
        remember(path, json);
        setKept({ path, answer: { state: 'ready', value: decode(json), atMs: schedulerNow() } });
      },
      failed(error) {
        setKept((before) => ({ path, answer: failed(before.path === path ? before.answer : first, error) }));
      },
      intervalMs: askAgainMsMin,
      now: Date.now,
      later,
    });
    return () => poller.current?.close();
  }, [path]);
  const changes = follow ? (status?.plannedAtMs ?? 0) : 0;
  useEffect(() => {
    poller.current?.want();
  }, [path, changes, connections]);
  return kept.path === path ? kept.answer : knownAnswer(path, decode);
}

function failed<T>(before: Answer<T>, error: unknown): Answer<T> {
  const known = error instanceof ApiError ? error : new ApiError(0, '', String(error));
  const atMs = before.state === 'loading' ? 0 : before.atMs;
  return { state: 'failed', error: known, last: valueOf(before), atMs };
}

/** Answers of pages visited before, shown until the new answer comes. */
const remembered = new Map<string, { readonly json: Json; readonly atMs: number }>();
const rememberedMax = 30;

function knownAnswer<T>(path: string, decode: (json: Json) => T): Answer<T> {
  const known = remembered.get(path);
  if (known === undefined) return { state: 'loading' };
  return { state: 'ready', value: decode(known.json), atMs: known.atMs };
}

function remember(path: string, json: Json): void {
  remembered.delete(path);
  remembered.set(path, { json, atMs: schedulerNow() });
  const oldest = remembered.keys().next().value;
  if (remembered.size > rememberedMax && oldest !== undefined) remembered.delete(oldest);
}
