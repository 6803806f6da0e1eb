/**
 * One subscription to an event stream of Mesos, from the SUBSCRIBE to the end of its stream. What
 * comes after the end (waiting, another master) is the event stream's business.
 */
import type { IncomingHttpHeaders } from 'node:http';
import type { Clock } from './clock.ts';
import { postForStream } from './http-post.ts';
import type { Answer, PostRequest, StreamEnd } from './http-post.ts';
import { RecordDecoder, RecordIoError } from './recordio.ts';
import type { RecordLimits } from './recordio.ts';
import { quote } from './text.ts';

/** What a record says, as far as the stream itself is concerned. */
export type StreamRecord<E> =
  /** `heartbeatMs`: a HEARTBEAT comes at least that often; null where none are promised. */
  | { readonly kind: 'subscribed'; readonly heartbeatMs: number | null; readonly event: E }
  | { readonly kind: 'heartbeat' }
  | { readonly kind: 'event'; readonly event: E };

export interface SubscriptionLimits {
  /** From the SUBSCRIBE to SUBSCRIBED, connecting included. Milliseconds. */
  readonly subscribedTimeMsMax: number;
  /** Heartbeats missed until the stream is given up for dead. */
  readonly heartbeatsMissedMax: number;
  readonly records: RecordLimits;
}

export interface SubscriptionHandlers<E> {
  /** Never throws: a record that cannot be read is an event that says so. */
  readonly read: (record: Uint8Array) => StreamRecord<E>;
  /** SUBSCRIBED came. `streamId` is the `Mesos-Stream-Id`, null where the server gave none. */
  readonly onSubscribed: (streamId: string | null) => void;
  /** Takes an event; false when there is no room for it, which ends the subscription. */
  readonly onEvent: (event: E, bytes: number) => boolean;
  /** Called once, last. */
  readonly onEnd: (end: SubscriptionEnd) => void;
}

export type SubscriptionEnd =
  /** Another server leads. */
  | { readonly kind: 'redirected'; readonly location: string | undefined }
  /** The server will not have us, and asking again would not help. */
  | { readonly kind: 'refused'; readonly status: number; readonly said: string }
  /** There was no subscription, for now. */
  | { readonly kind: 'unavailable'; readonly why: string }
  /** There was a subscription, and it is over. */
  | { readonly kind: 'lost'; readonly why: string };

/** `Mesos-Stream-Id` is at most this long, in bytes. */
const streamIdBytesMax = 128;
/** Answers that say that the call itself is wrong or not allowed. */
const refusals = new Set([400, 401, 403, 405, 406, 415]);
const redirects = new Set([301, 302, 303, 307, 308]);

export class Subscription<E> {
  readonly #clock: Clock;
  readonly #limits: SubscriptionLimits;
  readonly #handlers: SubscriptionHandlers<E>;
  readonly #contentType: string;
  readonly #decoder: RecordDecoder;
  #streamId: string | null = null;
  #subscribed = false;
  #over = false;
  #heartbeatMs: number | null = null;
  #cancelWatch: () => void = () => undefined;
  readonly #closeStream: () => void;

  constructor(
    clock: Clock,
    request: PostRequest,
    contentType: string,
    limits: SubscriptionLimits,
    handlers: SubscriptionHandlers<E>,
  ) {
    this.#clock = clock;
    this.#limits = limits;
    this.#handlers = handlers;
    this.#contentType = contentType;
    this.#decoder = new RecordDecoder(limits.records);
    this.#watch(limits.subscribedTimeMsMax, `no SUBSCRIBED within ${limits.subscribedTimeMsMax} ms`);
    this.#closeStream = postForStream(request, {
      onHead: (headers) => {
        this.#readHead(headers);
      },
      onChunk: (chunk) => {
        this.#readChunk(chunk);
      },
      onEnd: (end) => {
        this.#streamEnded(end);
      },
    });
  }

  /** Ends the subscription from our side; `onEnd` gets `why`. */
  end(why: string): void {
    this.#finish(this.#subscribed ? { kind: 'lost', why } : { kind: 'unavailable', why });
  }

  #readHead(headers: IncomingHttpHeaders): void {
    const contentType = headers['content-type'] ?? '';
    if (contentType !== this.#contentType) {
      this.end(
        `answered with Content-Type ${quote(contentType)} instead of ${this.#contentType}; is this Mesos?`,
      );
      return;
    }
    const streamId = headers['mesos-stream-id'];
    if (typeof streamId !== 'string') return;
    if (Buffer.byteLength(streamId) > streamIdBytesMax) {
      this.end(`Mesos-Stream-Id ${quote(streamId)} is longer than ${streamIdBytesMax} bytes`);
      return;
    }
    this.#streamId = streamId;
  }

  #readChunk(chunk: Uint8Array): void {
    try {
      for (const record of this.#decoder.push(chunk)) {
        if (this.#over) return;
        this.#readRecord(record);
      }
    } catch (error) {
      if (!(error instanceof RecordIoError)) throw error;
      this.end(error.message);
      return;
    }
    // Any bytes are a sign of life: a large record may take longer than a heartbeat.
    this.#watchHeartbeats();
  }

  #readRecord(record: Uint8Array): void {
    const read = this.#handlers.read(record);
    switch (read.kind) {
      case 'heartbeat':
        return;
      case 'subscribed':
        this.#subscribed = true;
        this.#heartbeatMs = read.heartbeatMs;
        this.#cancelWatch();
        this.#handlers.onSubscribed(this.#streamId);
        this.#hand(read.event, record.length);
        return;
      case 'event':
        this.#hand(read.event, record.length);
        return;
    }
  }

  #hand(event: E, bytes: number): void {
    if (this.#handlers.onEvent(event, bytes)) return;
    this.end('events came faster than they were handled, and the queue is full');
  }

  #watchHeartbeats(): void {
    if (this.#heartbeatMs === null || this.#over) return;
    const silenceMsMax = this.#heartbeatMs * this.#limits.heartbeatsMissedMax;
    this.#watch(
      silenceMsMax,
      `nothing came for ${silenceMsMax} ms: ${this.#limits.heartbeatsMissedMax} heartbeats missed`,
    );
  }

  #watch(delayMs: number, why: string): void {
    this.#cancelWatch();
    this.#cancelWatch = this.#clock.after(delayMs, () => {
      this.end(why);
    });
  }

  #streamEnded(end: StreamEnd): void {
    switch (end.kind) {
      case 'ended':
        this.#streamEndedInOrder();
        return;
      case 'broken':
        this.end(`stream broke off: ${end.why}`);
        return;
      case 'unreachable':
        this.end(end.why);
        return;
      case 'not-200':
        this.#finish(meaningOf(end.answer));
        return;
    }
  }

  #streamEndedInOrder(): void {
    try {
      this.#decoder.end();
      this.end('the server ended the stream');
    } catch (error) {
      if (!(error instanceof RecordIoError)) throw error;
      this.end(error.message);
    }
  }

  #finish(end: SubscriptionEnd): void {
    if (this.#over) return;
    this.#over = true;
    this.#cancelWatch();
    this.#closeStream();
    this.#handlers.onEnd(end);
  }
}

function meaningOf(answer: Answer): SubscriptionEnd {
  const { status, said } = answer;
  if (redirects.has(status)) return { kind: 'redirected', location: answer.headers.location };
  if (refusals.has(status)) return { kind: 'refused', status, said };
  return { kind: 'unavailable', why: `answered ${status}${said === '' ? '' : ` ${said}`}` };
}
