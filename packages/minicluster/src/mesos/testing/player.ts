/** Plays the steps of a recording one after the other and collects what differs. */
import { openStream, send, until, type JsonEvent, type RawRequest, type RawStream } from './raw-client.ts';
import { type RecordedCall, type RecordedStep } from './recording.ts';
import { type Difference, type ReplaySetting } from './replay-setting.ts';
import { Translation } from './translation.ts';

interface Session {
  readonly streams: RawStream[];
  /** Events that have come and have not been matched with a recorded one. */
  readonly unmatched: () => JsonEvent[];
  readonly matched: Set<JsonEvent>;
}

export class Player {
  readonly #setting: ReplaySetting;
  readonly #translation = new Translation();
  readonly #sessions = new Map<string, Session>();
  readonly #differences: Difference[] = [];
  #lastExecutorPid = 0;

  constructor(setting: ReplaySetting) {
    this.#setting = setting;
  }

  async play(step: RecordedStep): Promise<void> {
    switch (step.kind) {
      case 'note': {
        const close = /^(\S+): client closes the stream$/.exec(step.text)?.[1];
        if (close !== undefined) this.#session(close).streams.at(-1)?.close();
        await this.#setting.onNote?.[step.text]?.(this.#translation, this.#lastExecutorPid);
        return;
      }
      case 'event':
        await this.#expectEvent(step.who, step.event, step.ms);
        return;
      case 'call':
        await this.#call(step);
        await this.#setting.onCall?.[step.n]?.(this.#translation, this.#lastExecutorPid);
        return;
    }
  }

  /** Also what came here and not there; offers and heartbeats come as time goes by. */
  differences(): Difference[] {
    for (const [who, session] of this.#sessions) {
      for (const event of session.unmatched()) {
        if (event.type === 'OFFERS' || event.type === 'HEARTBEAT' || this.#isChance(event)) continue;
        this.#differences.push({
          where: `events of ${who}`,
          recorded: 'nothing',
          ours: JSON.stringify(event),
        });
      }
    }
    return this.#differences;
  }

  close(): void {
    for (const session of this.#sessions.values()) for (const stream of session.streams) stream.close();
  }

  #session(who: string): Session {
    const known = this.#sessions.get(who);
    if (known !== undefined) return known;
    const streams: RawStream[] = [];
    const matched = new Set<JsonEvent>();
    const unmatched = (): JsonEvent[] =>
      streams.flatMap((stream) => stream.events).filter((event) => !matched.has(event));
    const session = { streams, matched, unmatched };
    this.#sessions.set(who, session);
    return session;
  }

  async #call(call: RecordedCall): Promise<void> {
    const request = this.#request(call);
    const where = `call ${call.n} (${call.label})`;
    if (call.status === 200 && call.answer.includes('\n{"type"'))
      return this.#probeStream(call, request, where);
    if (call.isStream) return this.#subscribe(call, request, where);
    const ours = await send(request);
    const recorded = { status: call.status, body: this.#translation.toOurs(call.answer) };
    this.#compare(where, `${recorded.status} ${recorded.body}`, `${ours.status} ${ours.body}`);
  }

  #request(call: RecordedCall): RawRequest {
    const usual = {
      'Content-Type': 'application/json',
      Accept: 'application/json',
      'Mesos-Stream-Id': this.#session(call.who).streams.at(-1)?.streamId ?? '',
    };
    const given = call.headers ?? usual;
    const headers = Object.fromEntries(
      Object.entries(given)
        .filter(([name]) => name !== 'Connection')
        .map(([name, value]) => [name, this.#translation.toOurs(value)]),
    );
    const body = this.#setting.rewrite(this.#translation.toOurs(call.body));
    return { url: this.#setting.masterUrl + call.path, method: call.method, headers, body };
  }

  async #subscribe(call: RecordedCall, request: RawRequest, where: string): Promise<void> {
    const stream = await openStream(request);
    this.#compare(where, String(call.status), String(stream.status));
    if (call.streamId !== null && stream.streamId !== null)
      this.#translation.learn(call.streamId, stream.streamId);
    this.#session(call.who).streams.push(stream);
  }

  /** A probe that was let run for a while: its first record is compared. */
  async #probeStream(call: RecordedCall, request: RawRequest, where: string): Promise<void> {
    const stream = await openStream(request);
    await until(
      () => `first record of ${where}`,
      () => stream.events.length > 0 || stream.over !== null,
    );
    const first = JSON.parse(/\n(\{.*?\})(?=\d+\n|$)/s.exec(call.answer)?.[1] ?? '{}') as JsonEvent;
    const [ours = { type: `status ${stream.status}` }] = stream.events;
    this.#translation.learnFrom(first, ours);
    this.#compare(where, this.#translation.recordedText(first), this.#translation.ourText(ours));
    stream.close();
    await until(
      () => `end of ${where}`,
      () => stream.over !== null,
    );
  }

  async #expectEvent(who: string, recorded: JsonEvent, ms: number): Promise<void> {
    if (recorded.type === 'HEARTBEAT') return;
    if (recorded.type === 'OFFERS') return this.#expectOffers(who, recorded, ms);
    if (this.#isChance(recorded)) return;
    const session = this.#session(who);
    const subject = this.#translation.toOurs(subjectOf(recorded));
    const candidate = (): JsonEvent | undefined =>
      session.unmatched().find((event) => subjectOf(event) === subject && !this.#isChance(event));
    const where = `event of ${who} at ${ms} ms`;
    await this.#patiently(where, () => candidate() !== undefined);
    const ours = candidate();
    if (ours === undefined) {
      this.#differences.push({ where, recorded: this.#translation.recordedText(recorded), ours: 'nothing' });
      return;
    }
    session.matched.add(ours);
    for (const uuid of [uuidOf(recorded), uuidOf(ours)]) if (uuid !== '') this.#seenUuids.add(uuid);
    this.#lastExecutorPid = Number(
      /"executor_pid":(\d+)/.exec(JSON.stringify(ours))?.[1] ?? this.#lastExecutorPid,
    );
    this.#translation.learnFrom(recorded, ours);
    this.#compare(where, this.#translation.recordedText(recorded), this.#translation.ourText(ours));
    if (this.#setting.acknowledges && ours.type === 'UPDATE') await this.#acknowledge(session, ours);
  }

  readonly #seenUuids = new Set<string>();

  #isChance(event: JsonEvent): boolean {
    return this.#setting.resendsAreChance && this.#seenUuids.has(uuidOf(event));
  }

  async #acknowledge(session: Session, update: JsonEvent): Promise<void> {
    const { status } = update['update'] as { readonly status: Readonly<Record<string, unknown>> };
    const { task_id, agent_id, uuid } = status;
    if (uuid !== undefined)
      await this.#ownCall(session, { type: 'ACKNOWLEDGE', acknowledge: { task_id, agent_id, uuid } });
  }

  /** A call that is not in the recording. */
  async #ownCall(session: Session, call: object): Promise<void> {
    const stream = session.streams.at(-1);
    const [subscribed] = stream?.events ?? [];
    const { framework_id } = subscribed?.['subscribed'] as { readonly framework_id: unknown };
    const headers = { 'Content-Type': 'application/json', 'Mesos-Stream-Id': stream?.streamId ?? '' };
    const url = `${this.#setting.masterUrl}/api/v1/scheduler`;
    await send({ url, method: 'POST', headers, body: JSON.stringify({ ...call, framework_id }) });
  }

  /** Offers may come together or one by one; each must be found. */
  async #expectOffers(who: string, recorded: JsonEvent, ms: number): Promise<void> {
    for (const offer of offersOf(recorded)) {
      const where = `offer of ${who} on ${offer.hostname} at ${ms} ms`;
      const found = await this.#findOffer(who, offer, where);
      if (found === undefined) {
        this.#differences.push({ where, recorded: this.#translation.recordedText(offer), ours: 'nothing' });
        continue;
      }
      this.#takenOffers.add(found.id.value);
      this.#translation.learn(offer.id.value, found.id.value);
      const texts = [this.#translation.recordedText(offer), this.#translation.ourText(found)].map(
        apartFromRole,
      );
      this.#compare(where, texts[0] ?? '', texts[1] ?? '');
    }
  }

  /**
   * The offer of the same agent with the same content. What an agent has free may have been offered in
   * pieces here and whole there; pieces are declined, so that they come back as one.
   */
  async #findOffer(who: string, recorded: OfferJson, where: string): Promise<OfferJson | undefined> {
    const endMs = Date.now() + offerPatienceMs;
    const open = (): OfferJson[] =>
      this.#openOffers(who).filter(({ hostname }) => hostname === recorded.hostname);
    for (;;) {
      await this.#patiently(where, () => open().length > 0);
      for (const { agent_id } of open()) this.#translation.learn(recorded.agent_id.value, agent_id.value);
      const wanted = apartFromRole(this.#translation.recordedText({ ...recorded, id: '' }));
      const same = open().find(
        (offer) => apartFromRole(this.#translation.ourText({ ...offer, id: '' })) === wanted,
      );
      if (same !== undefined || open().length === 0 || Date.now() > endMs) return same ?? open().at(-1);
      await this.#decline(who, open());
    }
  }

  async #decline(who: string, offers: readonly OfferJson[]): Promise<void> {
    for (const { id } of offers) this.#takenOffers.add(id.value);
    const decline = { offer_ids: offers.map(({ id }) => id), filters: { refuse_seconds: 0 } };
    await this.#ownCall(this.#session(who), { type: 'DECLINE', decline });
  }

  readonly #takenOffers = new Set<string>();

  #openOffers(who: string): OfferJson[] {
    return this.#session(who)
      .unmatched()
      .filter((event) => event.type === 'OFFERS')
      .flatMap(offersOf)
      .filter((offer) => !this.#takenOffers.has(offer.id.value));
  }

  async #patiently(where: string, holds: () => boolean): Promise<void> {
    await until(() => where, holds, this.#setting.patienceMs).catch(() => undefined);
  }

  #compare(where: string, recorded: string, ours: string): void {
    if (recorded !== ours) this.#differences.push({ where, ...aroundFirstDifference(recorded, ours) });
  }
}

/** Which of a framework's roles is offered an agent is chance where it has several. */
function apartFromRole(offer: string): string {
  return offer.replace(/("allocation_info":\{"role":)"[^"]*"/g, '$1"ROLE"');
}

/** How long offers are declined in the hope of the recorded one. */
const offerPatienceMs = 1_000;

/** Enough of both to see what it is about. */
function aroundFirstDifference(recorded: string, ours: string): Omit<Difference, 'where'> {
  let at = 0;
  while (at < recorded.length && recorded[at] === ours[at]) at += 1;
  const around = (text: string): string => text.slice(Math.max(0, at - 60), at + 120);
  return { recorded: around(recorded), ours: around(ours) };
}

interface OfferJson {
  readonly id: { readonly value: string };
  readonly agent_id: { readonly value: string };
  readonly hostname: string;
}

function offersOf(event: JsonEvent): OfferJson[] {
  return (event['offers'] as { readonly offers: OfferJson[] }).offers;
}

function uuidOf(event: JsonEvent): string {
  return /"uuid":"([^"]+)"/.exec(JSON.stringify(event))?.[1] ?? '';
}

interface Subject {
  readonly task_id?: { readonly value: string };
  readonly executor_id?: { readonly value: string };
  readonly agent_id?: { readonly value: string };
  readonly offer_id?: { readonly value: string };
  readonly status?: Subject;
}

/** Events with the same subject come in the recorded order; between others the order is chance. */
function subjectOf(event: JsonEvent): string {
  const content = event[event.type.toLowerCase()] as Subject | undefined;
  const subject = content?.status ?? content;
  const name = subject?.task_id ?? subject?.executor_id ?? subject?.offer_id ?? subject?.agent_id;
  return `${event.type} ${name?.value ?? ''}`;
}
