/**
 * A subscription that is kept: lost connections are made again with back-off, redirects to the
 * leader are followed, events are handed over one at a time. Scheduler and executor both stand on it.
 */
import type { BackoffLimits, Random } from './backoff.ts';
import { backoffMs } from './backoff.ts';
import { sleep } from './clock.ts';
import type { Clock } from './clock.ts';
import { endpointText, redirectTarget } from './endpoint.ts';
import type { Endpoint } from './endpoint.ts';
import { EventQueue } from './event-queue.ts';
import type { QueueLimits } from './event-queue.ts';
import type { Log } from './logger.ts';
import { defaultRecordLimits } from './recordio.ts';
import { Subscription } from './subscription.ts';
import type { StreamRecord, SubscriptionEnd, SubscriptionLimits } from './subscription.ts';
import type { TlsTrust } from './tls-trust.ts';

export interface EventStreamLimits extends SubscriptionLimits {
  /** Waits between attempts. */
  readonly backoff: BackoffLimits;
  /** Redirects followed in a row without reaching a leader. */
  readonly redirectsMax: number;
  readonly queue: QueueLimits;
}

export const defaultStreamLimits: EventStreamLimits = {
  subscribedTimeMsMax: 15_000,
  heartbeatsMissedMax: 5,
  records: defaultRecordLimits,
  backoff: { firstMs: 250, mostMs: 15_000 },
  redirectsMax: 5,
  queue: { itemsMax: 10_000, bytesMax: 64 * 1024 * 1024 },
};

/** A server to subscribe at, or why none is known at the moment. */
export type Server =
  { readonly ok: true; readonly endpoint: Endpoint } | { readonly ok: false; readonly why: string };

/** Where to subscribe: a list that is gone through, or whoever is found to lead. */
export interface Servers {
  /** The one to try next. Asked before each attempt that no redirect names a server for. */
  next(): Server;
}

/** The endpoints one after the other, round and round. */
export function inTurn(endpoints: readonly [Endpoint, ...Endpoint[]]): Servers {
  let turn = 0;
  return {
    next() {
      const endpoint = endpoints[turn % endpoints.length] ?? endpoints[0];
      turn += 1;
      return { ok: true, endpoint };
    },
  };
}

export interface EventStreamOptions<E> {
  readonly servers: Servers;
  readonly path: string;
  readonly contentType: 'application/x-protobuf' | 'application/json';
  /** Further headers of SUBSCRIBE, such as Authorization. */
  readonly headers: Readonly<Record<string, string>>;
  /** Counts for servers that are spoken to over TLS. */
  readonly tls: TlsTrust;
  /** The SUBSCRIBE call, made anew for each attempt. */
  readonly subscribeCall: () => Uint8Array;
  /** Never throws: a record that cannot be read is an event that says so. */
  readonly read: (record: Uint8Array) => StreamRecord<E>;
  readonly limits: EventStreamLimits;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
}

export type StreamItem<E> =
  | { readonly kind: 'event'; readonly event: E }
  /** No subscription any more (or none yet); it is being made again. Said once until it stands. */
  | { readonly kind: 'disconnected'; readonly why: string }
  /** The server refuses the SUBSCRIBE for good; the stream has closed itself. */
  | { readonly kind: 'refused'; readonly status: number; readonly said: string; readonly server: string };

/** A subscription that stands: where calls go, and the id that they carry. */
export interface Connection {
  readonly endpoint: Endpoint;
  readonly streamId: string | null;
}

export class EventStream<E> {
  readonly #options: EventStreamOptions<E>;
  readonly #queue: EventQueue<StreamItem<E>>;
  readonly #closed = new AbortController();
  #connection: Connection | null = null;
  #subscription: Subscription<E> | null = null;
  #failures = 0;
  #redirects = 0;
  #disconnectionSaid = false;

  /** `deliver` gets one item at a time, in order, the next when the promise of the last has settled. */
  constructor(options: EventStreamOptions<E>, deliver: (item: StreamItem<E>) => Promise<void>) {
    this.#options = options;
    this.#queue = new EventQueue(options.limits.queue, deliver);
  }

  /** To be called once. */
  open(): void {
    void this.#keepSubscribed();
  }

  /** Null while there is no subscription. */
  get connection(): Connection | null {
    return this.#connection;
  }

  /** Gives up the present subscription, which is known to be dead, for a new one. */
  restart(why: string): void {
    this.#subscription?.end(why);
  }

  /** Ends the stream; nothing is delivered any more. */
  close(): void {
    this.#closed.abort();
    this.#queue.stop();
    this.#subscription?.end('closed by us');
  }

  async #keepSubscribed(): Promise<void> {
    let target = this.#options.servers.next();
    while (!this.#isClosed()) {
      if (!target.ok) {
        target = await this.#failed(target.why);
        continue;
      }
      const { endpoint } = target;
      const beganMs = this.#options.clock.nowMs();
      const end = await this.#subscribe(endpoint);
      if (this.#isClosed()) return;
      switch (end.kind) {
        case 'refused':
          this.#refused(endpoint, end.status, end.said);
          return;
        case 'redirected':
          target = await this.#follow(endpoint, end.location);
          break;
        case 'unavailable':
          target = await this.#failedAt(endpoint, end.why);
          break;
        case 'lost':
          // A server that takes us and drops us at once is met with growing patience all the same.
          if (this.#lastedMs(beganMs) >= this.#options.limits.backoff.mostMs) this.#failures = 0;
          target = await this.#failedAt(endpoint, end.why);
          break;
      }
    }
  }

  #subscribe(endpoint: Endpoint): Promise<SubscriptionEnd> {
    const { clock, path, contentType, headers, tls, limits, read, log, subscribeCall } = this.#options;
    const request = {
      endpoint,
      path,
      headers: { ...headers, 'Content-Type': contentType, Accept: contentType },
      body: subscribeCall(),
      tls,
    };
    return new Promise((resolve) => {
      this.#subscription = new Subscription(clock, request, contentType, limits, {
        read,
        onSubscribed: (streamId) => {
          this.#connection = { endpoint, streamId };
          this.#redirects = 0;
          this.#disconnectionSaid = false;
          log.info('subscribed', { server: endpointText(endpoint) });
        },
        onEvent: (event, bytes) => this.#queue.offer({ kind: 'event', event }, bytes),
        onEnd: (end) => {
          this.#connection = null;
          this.#subscription = null;
          resolve(end);
        },
      });
    });
  }

  async #follow(from: Endpoint, location: string | undefined): Promise<Server> {
    const { limits, log } = this.#options;
    const reading = redirectTarget(from, location);
    if (!reading.ok) return this.#failedAt(from, reading.why);
    this.#redirects += 1;
    if (this.#redirects > limits.redirectsMax) {
      this.#redirects = 0;
      return this.#failedAt(from, `redirected more than ${limits.redirectsMax} times in a row`);
    }
    log.info('redirect followed', { from: endpointText(from), to: endpointText(reading.endpoint) });
    return reading;
  }

  #failedAt(endpoint: Endpoint, problem: string): Promise<Server> {
    return this.#failed(`${endpointText(endpoint)}: ${problem}`);
  }

  /** Says so, waits, and gives the server to try next. */
  async #failed(why: string): Promise<Server> {
    const { clock, random, limits, log } = this.#options;
    if (!this.#disconnectionSaid) {
      this.#disconnectionSaid = true;
      this.#queue.addAnyway({ kind: 'disconnected', why });
    }
    this.#failures += 1;
    const waitMs = backoffMs(this.#failures, limits.backoff, random);
    log.warn('subscription failed', { why, failures: this.#failures, waitMs });
    await sleep(clock, waitMs, this.#closed.signal);
    // Subscribing before the last stream's events are handled would fill the queue for good.
    await this.#queue.empty();
    return this.#options.servers.next();
  }

  #refused(endpoint: Endpoint, status: number, said: string): void {
    const server = endpointText(endpoint);
    this.#options.log.error('subscription refused', { server, status, said });
    this.#queue.addAnyway({ kind: 'refused', status, said, server });
  }

  #isClosed(): boolean {
    return this.#closed.signal.aborted;
  }

  #lastedMs(beganMs: number): number {
    return this.#options.clock.nowMs() - beganMs;
  }
}
