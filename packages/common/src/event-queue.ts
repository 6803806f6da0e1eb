/**
 * Events between the socket, which is always drained (Mesos keeps in its memory what a slow reader
 * leaves, MESOS-7748), and a handler that takes its time with each.
 */
export interface QueueLimits {
  readonly itemsMax: number;
  /** Size of the waiting items as they came over the wire, together. */
  readonly bytesMax: number;
}

export class EventQueue<T> {
  readonly #deliver: (item: T) => Promise<void>;
  readonly #limits: QueueLimits;
  #waiting: { readonly item: T; readonly bytes: number }[] = [];
  #bytes = 0;
  #delivering = false;
  #stopped = false;
  #whenEmpty: (() => void)[] = [];

  /** `deliver` gets one item at a time, in order; it must not reject: that is a bug and ends the program. */
  constructor(limits: QueueLimits, deliver: (item: T) => Promise<void>) {
    this.#limits = limits;
    this.#deliver = deliver;
  }

  /** Adds an item if there is room for it; says whether there was. */
  offer(item: T, bytes: number): boolean {
    const full = this.#waiting.length >= this.#limits.itemsMax;
    // One item alone always has room: its size is limited where it is read.
    const large = this.#waiting.length > 0 && this.#bytes + bytes > this.#limits.bytesMax;
    if (full || large) return false;
    this.#add(item, bytes);
    return true;
  }

  /** Adds an item beyond the limits: for what is said at most once per connection. */
  addAnyway(item: T): void {
    this.#add(item, 0);
  }

  /** Resolves when nothing waits and nothing is being delivered. */
  empty(): Promise<void> {
    if (!this.#delivering) return Promise.resolve();
    return new Promise((resolve) => this.#whenEmpty.push(resolve));
  }

  /** Nothing is delivered any more; what waits is dropped. */
  stop(): void {
    this.#stopped = true;
    this.#waiting = [];
    this.#bytes = 0;
  }

  #add(item: T, bytes: number): void {
    if (this.#stopped) return;
    this.#waiting.push({ item, bytes });
    this.#bytes += bytes;
    if (!this.#delivering) void this.#deliverAll();
  }

  async #deliverAll(): Promise<void> {
    this.#delivering = true;
    for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) {
      this.#bytes -= next.bytes;
      await this.#deliver(next.item);
    }
    this.#delivering = false;
    const waiters = this.#whenEmpty;
    this.#whenEmpty = [];
    for (const resolve of waiters) resolve();
  }
}
