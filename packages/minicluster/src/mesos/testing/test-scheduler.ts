/** A scheduler for tests: subscribes, waits for what it is told to wait for, and calls. */
import { openStream, send, until, type JsonEvent, type RawAnswer, type RawStream } from './raw-client.ts';

export interface OfferView {
  readonly id: { readonly value: string };
  readonly agent_id: { readonly value: string };
  readonly hostname: string;
  readonly resources: readonly Readonly<Record<string, unknown>>[];
}

export interface StatusView {
  readonly task_id: { readonly value: string };
  readonly state: string;
  readonly reason?: string;
  readonly message?: string;
  readonly uuid?: string;
  readonly agent_id: { readonly value: string };
}

export interface FrameworkSketch {
  readonly name?: string;
  readonly role?: string;
  readonly failover_timeout?: number;
  readonly id?: string;
}

const headers = { 'Content-Type': 'application/json', Accept: 'application/json' };

export class TestScheduler {
  readonly #masterUrl: string;
  readonly #stream: RawStream;
  readonly #used = new Set<string>();

  static async subscribe(masterUrl: string, sketch: FrameworkSketch = {}): Promise<TestScheduler> {
    const { name = 'test', role = 'torque', failover_timeout = 3600, id } = sketch;
    const capabilities = ['MULTI_ROLE', 'PARTITION_AWARE', 'RESERVATION_REFINEMENT'].map((type) => ({
      type,
    }));
    const framework_info = {
      user: process.env['USER'] ?? 'root',
      name,
      roles: [role],
      capabilities,
      failover_timeout,
      checkpoint: true,
    };
    const known = id === undefined ? {} : { id: { value: id } };
    const call = {
      type: 'SUBSCRIBE',
      subscribe: { framework_info: { ...framework_info, ...known } },
      ...(id === undefined ? {} : { framework_id: { value: id } }),
    };
    const stream = await openStream({
      url: `${masterUrl}/api/v1/scheduler`,
      method: 'POST',
      headers,
      body: JSON.stringify(call),
    });
    await until(
      () => 'the first event',
      () => stream.events.length > 0,
    );
    return new TestScheduler(masterUrl, stream);
  }

  private constructor(masterUrl: string, stream: RawStream) {
    this.#masterUrl = masterUrl;
    this.#stream = stream;
  }

  get id(): string {
    const [first] = this.#stream.events;
    return (first?.['subscribed'] as { framework_id: { value: string } }).framework_id.value;
  }

  get events(): readonly JsonEvent[] {
    return this.#stream.events;
  }

  get over(): RawStream['over'] {
    return this.#stream.over;
  }

  close(): void {
    this.#stream.close();
  }

  async call(type: string, content: object = {}): Promise<RawAnswer> {
    const body = { framework_id: { value: this.id }, type, [type.toLowerCase()]: content };
    const url = `${this.#masterUrl}/api/v1/scheduler`;
    const all = { ...headers, 'Mesos-Stream-Id': this.#stream.streamId ?? '' };
    return send({ url, method: 'POST', headers: all, body: JSON.stringify(body) });
  }

  /** Offers that are open: neither answered nor taken back. */
  offers(): OfferView[] {
    const rescinded = this.#stream.events
      .filter(({ type }) => type === 'RESCIND')
      .map((event) => (event['rescind'] as { offer_id: { value: string } }).offer_id.value);
    return this.#stream.events
      .filter(({ type }) => type === 'OFFERS')
      .flatMap((event) => (event['offers'] as { offers: OfferView[] }).offers)
      .filter(({ id }) => !this.#used.has(id.value) && !rescinded.includes(id.value));
  }

  statuses(): StatusView[] {
    return this.#stream.events
      .filter(({ type }) => type === 'UPDATE')
      .map((event) => (event['update'] as { status: StatusView }).status);
  }

  async offer(): Promise<OfferView> {
    await until(
      () => 'an offer',
      () => this.offers().length > 0,
    );
    return this.offers()[0] ?? this.#never();
  }

  /** Launches one task on the next offer. */
  async launch(task: string, more: object): Promise<OfferView> {
    return this.launchOn(await this.offer(), task, more);
  }

  async launchOn(offer: OfferView, task: string, more: object): Promise<OfferView> {
    this.#used.add(offer.id.value);
    const resources = [scalar('cpus', 0.1), scalar('mem', 32)];
    const info = { name: task, task_id: { value: task }, agent_id: offer.agent_id, resources, ...more };
    const operations = [{ type: 'LAUNCH', launch: { task_infos: [info] } }];
    await this.call('ACCEPT', { offer_ids: [offer.id], operations, filters: { refuse_seconds: 0 } });
    return offer;
  }

  /** Waits for a state of a task, acknowledging all that comes before it and itself. */
  async reaches(task: string, state: string): Promise<StatusView> {
    const find = (): StatusView | undefined =>
      this.statuses().find((status) => status.task_id.value === task && status.state === state);
    let acknowledged = 0;
    await until(
      () =>
        `${task} ${state}, came ${JSON.stringify(this.statuses().map((s) => [s.task_id.value, s.state, s.message]))}`,
      () => {
        const all = this.statuses();
        for (const status of all.slice(acknowledged)) void this.#acknowledge(status);
        acknowledged = all.length;
        return find() !== undefined;
      },
      20_000,
    );
    return find() ?? this.#never();
  }

  async #acknowledge({ task_id, agent_id, uuid }: StatusView): Promise<void> {
    if (uuid !== undefined)
      await this.call('ACKNOWLEDGE', { task_id, agent_id, uuid }).catch(() => undefined);
  }

  #never(): never {
    throw new Error('what was waited for has gone');
  }
}

export function scalar(name: string, value: number): object {
  return { name, type: 'SCALAR', scalar: { value } };
}

/** An executor that runs a script of Node's. */
export function scriptExecutor(id: string, script: string, more: object = {}): object {
  return {
    executor: {
      type: 'CUSTOM',
      executor_id: { value: id },
      command: { shell: false, value: process.execPath, arguments: ['node', '-e', script], ...more },
      shutdown_grace_period: { nanoseconds: 1_000_000_000 },
    },
  };
}
