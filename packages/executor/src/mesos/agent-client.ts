/** The executor's side of Mesos' v1 API: the executor's port, on a real agent. */
import { Call } from '@mesos-torque/proto/gen/mesos/v1/executor/executor.ts';
import { TaskStatus } from '@mesos-torque/proto/gen/mesos/v1/mesos.ts';
import { MomReport } from '@mesos-torque/proto/gen/torque/v1/orders.ts';
import { backoffMs } from '@mesos-torque/common/backoff.ts';
import type { BackoffLimits, Random } from '@mesos-torque/common/backoff.ts';
import { sleep } from '@mesos-torque/common/clock.ts';
import type { Clock } from '@mesos-torque/common/clock.ts';
import { contentTypeOf, encodeMessage } from '@mesos-torque/common/encoding.ts';
import type { Encoding } from '@mesos-torque/common/encoding.ts';
import { defaultStreamLimits, EventStream, inTurn } from '@mesos-torque/common/event-stream.ts';
import type { StreamItem } from '@mesos-torque/common/event-stream.ts';
import { HttpPoster } from '@mesos-torque/common/http-post.ts';
import type { Log } from '@mesos-torque/common/logger.ts';
import { callMesos } from '@mesos-torque/common/mesos-call.ts';
import type { CallResult } from '@mesos-torque/common/mesos-call.ts';
import type { StreamRecord } from '@mesos-torque/common/subscription.ts';
import type { TlsTrust } from '@mesos-torque/common/tls-trust.ts';
import type { AgentPort, ExecutorEvent, MessageOutcome, StatusReport, UpdateOutcome } from './agent-port.ts';
import type { ExecutorEnv } from './env.ts';
import { readEvent } from './translate.ts';
import type { AgentEvent } from './translate.ts';
import { Unacknowledged } from './unacknowledged.ts';
import type { PendingUpdate } from './unacknowledged.ts';

export interface AgentClientOptions {
  readonly env: ExecutorEnv;
  /** Counts where the agent speaks TLS. */
  readonly tls: TlsTrust;
  readonly encoding: Encoding;
  /** For one call, its answer included. Milliseconds. */
  readonly callTimeMsMax: number;
  readonly clock: Clock;
  readonly random: Random;
  /** Makes the uuid of an update: RFC 4122, version 4; Mesos refuses other 16 bytes. */
  readonly newUuid: () => string;
  readonly log: Log;
}

const path = '/api/v1/executor';
/** Updates that wait for the agent; an executor of one task makes a few in its life. */
const updatesMax = 1000;

type Handler = (event: ExecutorEvent) => Promise<void>;

export class AgentClient implements AgentPort {
  readonly #options: AgentClientOptions;
  readonly #poster: HttpPoster;
  readonly #headers: Readonly<Record<string, string>>;
  readonly #backoff: BackoffLimits;
  readonly #pending = new Unacknowledged();
  #stream: EventStream<AgentEvent> | null = null;
  #wasSubscribed = false;
  #sending = false;
  /** Null while the end has not come; then why there is no agent any more. */
  #over: string | null = null;
  #cancelRecovery: () => void = () => undefined;

  constructor(options: AgentClientOptions) {
    this.#options = options;
    this.#poster = new HttpPoster(options.clock);
    const { authenticationToken: token, subscriptionBackoffMsMax: mostMs } = options.env;
    this.#headers = token === null ? {} : { Authorization: `Bearer ${token}` };
    this.#backoff = { firstMs: Math.min(100, mostMs), mostMs };
  }

  open(onEvent: Handler): void {
    const { env, tls, encoding, clock, random, log } = this.#options;
    this.#stream = new EventStream<AgentEvent>(
      {
        servers: inTurn([env.agent]),
        path,
        contentType: contentTypeOf(encoding),
        headers: this.#headers,
        tls,
        subscribeCall: () => this.#subscribeCall(),
        read: (record) => this.#read(record),
        limits: { ...defaultStreamLimits, backoff: this.#backoff },
        clock,
        random,
        log,
      },
      (item) => this.#deliver(item, onEvent),
    );
    this.#stream.open();
  }

  update(report: StatusReport): Promise<UpdateOutcome> {
    if (this.#over !== null) return Promise.resolve({ kind: 'given-up', why: this.#over });
    if (this.#pending.updates.length >= updatesMax) {
      return Promise.resolve({ kind: 'given-up', why: `${updatesMax} updates wait for the agent already` });
    }
    return new Promise((settle) => {
      const uuid = this.#options.newUuid().replaceAll('-', '');
      const status = statusOf(report, uuid, this.#options.clock.nowMs());
      this.#pending.addUpdate({ status, uuid, sent: false, settle });
      void this.#sendUpdates();
    });
  }

  async message(data: Uint8Array): Promise<MessageOutcome> {
    const result = await this.#send(this.#call({ type: 'MESSAGE', message: { data: Buffer.from(data) } }));
    return result.kind === 'taken' ? { kind: 'taken' } : { kind: 'not-taken', why: result.why };
  }

  close(): Promise<void> {
    this.#end('the connection to the agent was closed');
    return Promise.resolve();
  }

  #subscribeCall(): Uint8Array {
    const call = this.#call({
      type: 'SUBSCRIBE',
      subscribe: {
        unacknowledgedTasks: [...this.#pending.tasks],
        unacknowledgedUpdates: this.#pending.updates.map(({ status }) => ({ status })),
      },
    });
    this.#pending.allSent();
    return encodeMessage(Call, call, this.#options.encoding);
  }

  /** What the client itself does about an event is done as it comes, however long handlers take. */
  #read(record: Uint8Array): StreamRecord<AgentEvent> {
    const event = readEvent(record, this.#options.encoding);
    switch (event.kind) {
      case 'heartbeat':
        return { kind: 'heartbeat' };
      case 'subscribed':
        this.#wasSubscribed = true;
        this.#cancelRecovery();
        void this.#sendUpdates();
        // Agents of 1.12 promise executors no heartbeats.
        return { kind: 'subscribed', heartbeatMs: null, event };
      case 'launch':
        this.#pending.addTask(event.taskId, event.task);
        return { kind: 'event', event };
      case 'acknowledged':
        this.#pending.acknowledge(event.uuid);
        return { kind: 'event', event };
      case 'error':
      case 'other':
        return { kind: 'event', event };
    }
  }

  async #deliver(item: StreamItem<AgentEvent>, onEvent: Handler): Promise<void> {
    switch (item.kind) {
      case 'event':
        return this.#deliverEvent(item.event, onEvent);
      case 'disconnected':
        return this.#disconnected(item.why, onEvent);
      case 'refused':
        return this.#lost(`${item.server} refused the subscription: ${item.status} ${item.said}`, onEvent);
    }
  }

  async #deliverEvent(event: AgentEvent, onEvent: Handler): Promise<void> {
    switch (event.kind) {
      case 'subscribed':
      case 'launch':
      case 'acknowledged':
      case 'other':
        return onEvent(event.event);
      case 'error':
        return this.#lost(`the agent ended the subscription: ${event.message}`, onEvent);
      case 'heartbeat':
        return;
    }
  }

  async #disconnected(why: string, onEvent: Handler): Promise<void> {
    const { checkpoint, recoveryTimeMsMax } = this.#options.env;
    if (this.#wasSubscribed && !checkpoint) {
      return this.#lost(`${why}; without checkpointing the agent does not come back to us`, onEvent);
    }
    // The connection may stand again by the time that its loss is handled.
    if (this.#stream?.connection === null) {
      this.#cancelRecovery = this.#options.clock.after(recoveryTimeMsMax, () => {
        void this.#lost(`${why}; and the agent did not come back within ${recoveryTimeMsMax} ms`, onEvent);
      });
    }
    return onEvent({ kind: 'disconnected', why });
  }

  async #lost(why: string, onEvent: Handler): Promise<void> {
    if (this.#over !== null) return;
    this.#end(why);
    return onEvent({ kind: 'lost', why });
  }

  #end(why: string): void {
    if (this.#over !== null) return;
    this.#over = why;
    this.#cancelRecovery();
    this.#stream?.close();
    this.#poster.close();
    this.#pending.giveUp(why);
  }

  /** Sends what the agent has not been given yet, one update after the other, so that they keep their order. */
  async #sendUpdates(): Promise<void> {
    if (this.#sending) return;
    this.#sending = true;
    // The connection that a SUBSCRIBED makes stands once that event has been read.
    await Promise.resolve();
    let failures = 0;
    for (let next = this.#nextToSend(); next !== null; next = this.#nextToSend()) {
      const result = await this.#send(this.#call({ type: 'UPDATE', update: { status: next.status } }));
      const isDone = this.#sent(next, result);
      failures = isDone ? 0 : failures + 1;
      if (!isDone) {
        await sleep(this.#options.clock, backoffMs(failures, this.#backoff, this.#options.random));
      }
    }
    this.#sending = false;
  }

  /** Null without a connection: the next SUBSCRIBE takes all updates with it. */
  #nextToSend(): PendingUpdate | null {
    const connection = this.#stream?.connection ?? null;
    return connection === null ? null : this.#pending.nextUnsent();
  }

  /** Whether this update is done with, for now; false when it is to be sent once more. */
  #sent(update: PendingUpdate, result: CallResult): boolean {
    switch (result.kind) {
      case 'taken':
        update.sent = true;
        return true;
      case 'refused':
        this.#options.log.error('update refused', { state: update.status.state, why: result.why });
        this.#pending.drop(update, { kind: 'refused', why: result.why });
        return true;
      case 'unavailable':
      case 'no-answer':
      case 'not-subscribed':
        this.#options.log.warn('update not taken', { state: update.status.state, why: result.why });
        return false;
    }
  }

  async #send(call: Call): Promise<CallResult> {
    const connection = this.#stream?.connection ?? null;
    if (connection === null) return { kind: 'unavailable', why: 'there is no subscription' };
    const { encoding, tls, callTimeMsMax } = this.#options;
    const result = await callMesos(this.#poster, connection, {
      path,
      contentType: contentTypeOf(encoding),
      headers: this.#headers,
      tls,
      body: encodeMessage(Call, call, encoding),
      timeoutMs: callTimeMsMax,
    });
    if (result.kind === 'not-subscribed') this.#stream?.restart(result.why);
    return result;
  }

  #call(call: Parameters<typeof Call.create>[0]): Call {
    const { executorId, frameworkId } = this.#options.env;
    return Call.create({ executorId: { value: executorId }, frameworkId: { value: frameworkId }, ...call });
  }
}

function statusOf(report: StatusReport, uuid: string, nowMs: number): TaskStatus {
  return TaskStatus.create({
    taskId: { value: report.taskId },
    state: report.state,
    source: 'SOURCE_EXECUTOR',
    message: report.message,
    ...(report.healthy === null ? {} : { healthy: report.healthy }),
    data: Buffer.from(MomReport.encode(report.report).finish()),
    uuid: Buffer.from(uuid, 'hex'),
    timestamp: nowMs / 1000,
  });
}
