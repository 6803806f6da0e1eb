/** History over a span that moves with time: read whole once, then only what is new. */
import { useEffect, useState } from 'preact/hooks';
import { ask, schedulerNow } from './api.ts';
import { joined, noHistory, since } from './history.ts';
import type { History } from './messages.ts';
import { historyIn } from './read-messages.ts';
import { createPoller } from './poller.ts';
import { later, useLive } from './store.ts';

const readEveryMs = 5_000;
const pointsMax = 720;

export interface HistoryRead {
  readonly history: History;
  readonly state: 'loading' | 'ready' | 'failed';
  readonly why: string;
}

export function useHistory(spanMs: number): HistoryRead {
  const { status, connections } = useLive();
  const [read, setRead] = useState<HistoryRead>({ history: noHistory, state: 'loading', why: '' });
  const [want, setWant] = useState<() => void>(() => () => undefined);

  useEffect(() => {
    let history = noHistory;
    const poller = createPoller({
      ask: (signal) => ask(historyPath(history, spanMs), signal),
      answered(json) {
        history = since(joined(history, historyIn(json)), schedulerNow() - spanMs);
        setRead({ history, state: 'ready', why: '' });
      },
      failed(error) {
        const why = error instanceof Error ? error.message : String(error);
        setRead((before) => ({ ...before, state: 'failed', why }));
      },
      intervalMs: readEveryMs,
      now: Date.now,
      later,
    });
    setWant(() => poller.want);
    return poller.close;
  }, [spanMs]);
  useEffect(want, [want, status?.plannedAtMs, connections]);
  return read;
}

function historyPath(known: History, spanMs: number): string {
  const last = known.atMs.at(-1);
  const fromMs = last === undefined ? Math.floor(schedulerNow() - spanMs) : last + 1;
  return `history?from_ms=${fromMs}&points_max=${pointsMax}`;
}
