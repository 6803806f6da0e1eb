/**
 * Server-sent events for the dashboard: each entry of the journal with its place, so that a browser that was away
 * resumes, and the status when it has changed, at most once a second.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Clock } from '@mesos-torque/common/clock.ts';
import { Entry } from '@mesos-torque/proto/gen/control/v1/facts.ts';
import { entryMessage } from './decisions.ts';
import { ControlError } from './control-error.ts';
import { madeOnce } from './made-once.ts';
import type { NumberedEntry } from '../loop/ports.ts';
import type { JournalView } from './control-service.ts';

const statusIntervalMs = 1_000;
const aliveIntervalMs = 15_000;
const watchersMax = 200;
const watcherBytesMax = 4 * 1024 * 1024;

export interface EventFeed {
  readonly journal: JournalView;
  /** The status' text as JSON, made once for all watchers. */
  join(send: (event: string) => boolean, end: () => void): () => void;
  /** Sends everybody away. */
  end(): void;
}

/** `statusJson` is asked at most once a second, and only while somebody watches. */
export function createEventFeed(
  journal: JournalView,
  statusJson: () => Promise<string>,
  onChange: (listener: () => void) => () => void,
  clock: Clock,
): EventFeed {
  const watchers = new Map<(event: string) => boolean, () => void>();
  let last = '';
  let isDue = false;
  let cancel: (() => void) | null = null;

  async function tick(): Promise<void> {
    cancel = null;
    if (watchers.size === 0) return;
    if (isDue) {
      isDue = false;
      const text = await statusJson().catch(() => '');
      if (text !== '' && text !== last) {
        last = text;
        const event = statusEvent(text);
        for (const send of watchers.keys()) send(event);
      }
    }
    arm();
  }

  function arm(): void {
    cancel ??= clock.after(statusIntervalMs, () => void tick());
  }

  onChange(() => {
    isDue = true;
  });

  return {
    journal,
    end() {
      for (const end of [...watchers.values()]) end();
    },
    join(send, end) {
      if (watchers.size >= watchersMax) {
        throw new ControlError(
          'RESOURCE_EXHAUSTED',
          'TOO_MANY_WATCHERS',
          `${String(watchersMax)} watch already`,
        );
      }
      watchers.set(send, end);
      statusJson().then(
        (text) => {
          if (watchers.has(send)) send(statusEvent(text));
        },
        () => undefined,
      );
      arm();
      return () => {
        watchers.delete(send);
        if (watchers.size > 0 || cancel === null) return;
        cancel();
        cancel = null;
      };
    },
  };
}

function statusEvent(json: string): string {
  return `event: status\ndata: ${json}\n\n`;
}

/** `after`: the last place seen, or "now" for new entries alone; the browser's Last-Event-ID goes before it. */
export function serveEvents(
  feed: EventFeed,
  request: IncomingMessage,
  response: ServerResponse,
  after: string | null,
): void {
  const place = request.headers['last-event-id'] ?? after ?? '0';
  if (typeof place !== 'string' || !/^(?:\d{1,15}|now)$/.test(place)) {
    throw new ControlError('INVALID_ARGUMENT', 'PLACE_UNREADABLE', 'after: a number, or "now"');
  }
  const end = (): void => {
    clearInterval(alive);
    unsubscribe();
    leave();
  };
  const send = (event: string): boolean => {
    if (response.destroyed || response.writableLength > watcherBytesMax) {
      // Too slow: the browser comes back with the last place that it has seen.
      response.destroy();
      return false;
    }
    return response.write(event);
  };
  const leave = feed.join(send, () => {
    response.end();
  });
  response.writeHead(200, {
    'Content-Type': 'text/event-stream; charset=utf-8',
    'Cache-Control': 'no-store',
    'X-Accel-Buffering': 'no',
  });
  response.write('retry: 2000\n\n');
  const unsubscribe = feed.journal.subscribe((entry) => send(entryEvent(entry)));
  const alive = setInterval(() => send(': alive\n\n'), aliveIntervalMs);
  response.on('close', end);
  if (place !== 'now') for (const entry of feed.journal.since(Number(place))) send(entryEvent(entry));
}

/** Made once for all watchers. */
const entryEvent = madeOnce((entry: NumberedEntry): string => {
  const json = JSON.stringify(Entry.toJSON(entryMessage(entry)));
  return `event: entry\nid: ${String(entry.sequence)}\ndata: ${json}\n\n`;
});
