/** The scheduler's side of Mesos' v1 API: the port of the loop, on a real master. */
import { Call } from '@mesos-torque/proto/gen/mesos/v1/scheduler/scheduler.ts';
import { contentTypeOf, encodeMessage } from '@mesos-torque/common/encoding.ts';
import { endpointText } from '@mesos-torque/common/endpoint.ts';
import type { Endpoint } from '@mesos-torque/common/endpoint.ts';
import { EventStream } from '@mesos-torque/common/event-stream.ts';
import type { Connection, StreamItem } from '@mesos-torque/common/event-stream.ts';
import { HttpPoster } from '@mesos-torque/common/http-post.ts';
import { callMesos } from '@mesos-torque/common/mesos-call.ts';
import type { StreamRecord } from '@mesos-torque/common/subscription.ts';
import type { FairShare, QuotaLimits } from '../core/role-limits.ts';
import type { LaunchDecision } from '../core/decisions.ts';
import type { AckToken, MesosEvent, MesosPort, Outcome, SubscribeWith } from '../loop/ports.ts';
import { announceWishes } from './announce-wishes.ts';
import { authorization } from './authorization.ts';
import type { SchedulerClientOptions } from './client-options.ts';
import {
  acknowledgeCall,
  declineCall,
  inverseCall,
  killCall,
  reconcileCall,
  reviveCall,
  startMomCall,
  subscribeCall,
  suppressCall,
  teardownCall,
} from './calls.ts';
import { launchCall } from './launch-call.ts';
import { OperatorReads } from './operator-reads.ts';
import { notSubscribed, outcomeOf, problem } from './outcomes.ts';
import { readFairShare } from './read-fair-share.ts';
import { readQuota } from './read-quota.ts';
import { RawOffers } from './raw-offers.ts';
import { SandboxLogs } from './sandbox-logs.ts';
import { fatalOfDottedId, fatalOfError, fatalOfRefusal } from './remedies.ts';
import { readEvent } from './translate.ts';
import type { SchedulerEvent } from './translate.ts';

const path = '/api/v1/scheduler';
/** More offers than we are ever shown at once; what comes beyond is declined. */
const offersHeldMax = 10_000;
/** Offers that cannot be read are declined for so long: they will read no better soon. */
const unreadableRefuseS = 300;

type Handler = (event: MesosEvent) => Promise<void>;

export class SchedulerClient implements MesosPort {
  /** What executors wrote on their agents. */
  readonly sandboxes: SandboxLogs;
  readonly #options: SchedulerClientOptions;
  readonly #poster: HttpPoster;
  readonly #headers: Readonly<Record<string, string>>;
  readonly #reads: OperatorReads;
  readonly #offers = new RawOffers(offersHeldMax);
  #stream: EventStream<SchedulerEvent> | null = null;
  #frameworkId: string | null = null;

  constructor(options: SchedulerClientOptions) {
    this.#options = options;
    this.#poster = new HttpPoster(options.clock);
    this.#headers = authorization(options.credential);
    const { tls, callTimeMsMax } = options;
    this.#reads = new OperatorReads({ poster: this.#poster, headers: this.#headers, tls, callTimeMsMax });
    this.sandboxes = new SandboxLogs({
      connection: () => this.#connection(),
      headers: this.#headers,
      agentCredential: options.agentCredential,
      tls,
      clock: options.clock,
    });
  }

  open(subscription: SubscribeWith, onEvent: Handler): void {
    const { frameworkId } = subscription;
    if (frameworkId?.includes('.') === true) {
      void onEvent(fatalOfDottedId(frameworkId));
      return;
    }
    this.#frameworkId = frameworkId;
    const { masters, tls, encoding, limits, clock, random, log } = this.#options;
    this.#stream = new EventStream<SchedulerEvent>(
      {
        servers: masters,
        path,
        contentType: contentTypeOf(encoding),
        headers: this.#headers,
        tls,
        subscribeCall: () => encodeMessage(Call, subscribeCall(this.#options, this.#frameworkId), encoding),
        read: (record) => asStreamRecord(readEvent(record, encoding, clock.nowMs())),
        limits,
        clock,
        random,
        log,
      },
      (item) => this.#deliver(item, onEvent),
    );
    this.#stream.open();
  }

  /** Another master leads: a subscription elsewhere is with one that will answer no more, or wrongly. */
  leaderChanged(leader: Endpoint): void {
    const connection = this.#connection();
    if (connection === null || endpointText(connection.endpoint) === endpointText(leader)) return;
    this.#stream?.restart(`${endpointText(leader)} leads now`);
  }

  accept(launch: LaunchDecision): Promise<Outcome<null>> {
    const doing = `accepting offers on ${launch.host} for ${launch.intent.taskId}`;
    return this.#withFramework(doing, (frameworkId) => {
      const held = this.#offers.find(launch.offerIds);
      if ('missing' in held) {
        return problem(
          'not-found',
          `${doing}: offer ${held.missing} is not held: used, declined or rescinded`,
        );
      }
      const { frameworkName, executor, orders } = this.#options;
      const call = launchCall(launch, held.offers, { frameworkId, frameworkName, executor, orders });
      if (!call.ok) return problem('refused', `${doing}: ${call.why}`);
      return this.#sendOnOffers(doing, call.value, launch.offerIds);
    });
  }

  decline(offerIds: readonly string[], refuseS: number): Promise<Outcome<null>> {
    const doing = `declining ${offerIds.length} offers`;
    return this.#withFramework(doing, (id) =>
      this.#sendOnOffers(doing, declineCall(id, offerIds, refuseS), offerIds),
    );
  }

  suppress(): Promise<Outcome<null>> {
    const doing = 'suppressing offers';
    return this.#withFramework(doing, (id) => this.#send(doing, suppressCall(id, this.#options.role)));
  }

  revive(): Promise<Outcome<null>> {
    const doing = 'reviving offers';
    return this.#withFramework(doing, (id) => this.#send(doing, reviveCall(id, this.#options.role)));
  }

  kill(taskId: string, agentId: string, graceMs: number): Promise<Outcome<null>> {
    const doing = `killing ${taskId}`;
    return this.#withFramework(doing, (id) => this.#send(doing, killCall(id, taskId, agentId, graceMs)));
  }

  acknowledge(token: AckToken): Promise<Outcome<null>> {
    const doing = `acknowledging an update of ${token.taskId}`;
    return this.#withFramework(doing, (id) => this.#send(doing, acknowledgeCall(id, token)));
  }

  reconcile(
    tasks: readonly { readonly taskId: string; readonly agentId: string | null }[],
  ): Promise<Outcome<null>> {
    const doing = tasks.length === 0 ? 'reconciling all tasks' : `reconciling ${tasks.length} tasks`;
    return this.#withFramework(doing, (id) => this.#send(doing, reconcileCall(id, tasks)));
  }

  /** From the operator API of the same master; its ACL get_quotas has to allow our principal. */
  readQuota(): Promise<Outcome<QuotaLimits>> {
    const { role } = this.#options;
    return this.#reads.ask(this.#connection(), 'GET_QUOTA', 'reading the quota', (text) =>
      readQuota(text, role),
    );
  }

  async readFairShare(): Promise<Outcome<FairShare | null>> {
    const { role, keepsToFairShare } = this.#options;
    if (!keepsToFairShare) return { ok: true, value: null };
    const doing = 'reading the fair share';
    const asIs = (text: string): { readonly ok: true; readonly value: string } => ({ ok: true, value: text });
    const roles = await this.#reads.ask(this.#connection(), 'GET_ROLES', doing, asIs);
    if (!roles.ok) return roles;
    return this.#reads.ask(this.#connection(), 'GET_AGENTS', doing, (agents) =>
      readFairShare(roles.value, agents, role),
    );
  }

  answerInverse(inverseOfferId: string, isAccepted: boolean, refuseS: number): Promise<Outcome<null>> {
    const doing = `answering inverse offer ${inverseOfferId}`;
    return this.#withFramework(doing, (id) =>
      this.#send(doing, inverseCall(id, inverseOfferId, isAccepted, refuseS)),
    );
  }

  startMom(taskId: string, agentId: string): Promise<Outcome<null>> {
    const doing = `ordering ${taskId} to start its mom`;
    return this.#withFramework(doing, (id) => this.#send(doing, startMomCall(id, taskId, agentId)));
  }

  async teardown(): Promise<Outcome<null>> {
    const doing = 'tearing the framework down';
    const outcome = await this.#withFramework(doing, (id) => this.#send(doing, teardownCall(id)));
    // The stream ends before the answer comes; subscribing again would be refused with an ERROR.
    if (outcome.ok) await this.close();
    return outcome;
  }

  close(): Promise<void> {
    this.#stream?.close();
    this.#poster.close();
    this.sandboxes.close();
    this.#offers.clear();
    return Promise.resolve();
  }

  async #deliver(item: StreamItem<SchedulerEvent>, onEvent: Handler): Promise<void> {
    switch (item.kind) {
      case 'event':
        return this.#deliverEvent(item.event, onEvent);
      case 'disconnected':
        // Offers of a lost subscription vanish without RESCIND.
        this.#offers.clear();
        return onEvent({ kind: 'disconnected', why: item.why });
      case 'refused':
        return onEvent(fatalOfRefusal(item.server, item.status, item.said));
    }
  }

  async #deliverEvent(event: SchedulerEvent, onEvent: Handler): Promise<void> {
    switch (event.kind) {
      case 'subscribed':
        return this.#deliverSubscribed(event, onEvent);
      case 'offers':
        return this.#deliverOffers(event, onEvent);
      case 'rescinded':
        this.#offers.remove([event.offerId]);
        return onEvent(event);
      case 'status':
        this.#lookAtExecutor(event);
        return onEvent({ kind: 'status', status: event.status });
      case 'agent-lost':
      case 'executor-lost':
      case 'inverse-offers':
      case 'inverse-rescinded':
        return onEvent(event);
      case 'error':
        this.#stream?.close();
        return onEvent(fatalOfError(event.message));
      // Whoever takes it says so in the log.
      case 'garbled':
        return onEvent(event);
      case 'not-used':
        this.#options.log.debug('event not used', { type: event.type });
        return;
      case 'heartbeat':
        return;
    }
  }

  async #deliverSubscribed(
    { frameworkId, master, masterVersion }: Extract<SchedulerEvent, { kind: 'subscribed' }>,
    onEvent: Handler,
  ): Promise<void> {
    if (frameworkId.includes('.')) {
      this.#stream?.close();
      return onEvent(fatalOfDottedId(frameworkId));
    }
    this.#frameworkId = frameworkId;
    await announceWishes({
      options: this.#options,
      frameworkId,
      masterVersion,
      send: (doing, call) => this.#send(doing, call),
      log: this.#options.log,
    });
    return onEvent({ kind: 'subscribed', frameworkId, master });
  }

  /**
   * A new executor that is not one of those we serve: a stale copy in a fetcher's cache, or in the place of the
   * site's choice. It is told with its first status only.
   */
  #lookAtExecutor({ status, executorBuild }: Extract<SchedulerEvent, { kind: 'status' }>): void {
    const { executor, log } = this.#options;
    if (status.state !== 'TASK_STARTING' || executorBuild === undefined || executor.builds.size === 0) return;
    if (executor.builds.has(executorBuild)) return;
    const { taskId, agentId } = status;
    log.warn('executor is of another build', {
      taskId,
      agentId,
      build: executorBuild,
      served: [...executor.builds],
    });
  }

  async #deliverOffers(event: Extract<SchedulerEvent, { kind: 'offers' }>, onEvent: Handler): Promise<void> {
    for (const { offered } of event.offers) this.sandboxes.addresses.note(offered);
    const kept = event.offers.filter(({ facts, offered }) => this.#offers.add(facts.id, offered));
    const noRoom = event.offers.filter((offer) => !kept.includes(offer)).map(({ facts }) => facts.id);
    if (kept.length > 0) await onEvent({ kind: 'offers', offers: kept.map(({ facts }) => facts) });
    for (const { why } of event.unreadable) await onEvent({ kind: 'garbled', why });
    const unreadable = event.unreadable.flatMap(({ offerId }) => (offerId === null ? [] : [offerId]));
    if (unreadable.length > 0) await this.decline(unreadable, unreadableRefuseS);
    if (noRoom.length > 0) {
      this.#options.log.warn('offers declined for want of room', { offers: noRoom.length, offersHeldMax });
      await this.decline(noRoom, unreadableRefuseS);
    }
  }

  #connection(): Connection | null {
    return this.#stream?.connection ?? null;
  }

  async #withFramework(
    doing: string,
    send: (frameworkId: string) => Outcome<null> | Promise<Outcome<null>>,
  ): Promise<Outcome<null>> {
    return this.#frameworkId === null ? notSubscribed(doing) : send(this.#frameworkId);
  }

  /** Calls on offers use them up, unless it is certain that they had no effect. */
  async #sendOnOffers(doing: string, call: Call, offerIds: readonly string[]): Promise<Outcome<null>> {
    const outcome = await this.#send(doing, call);
    if (outcome.ok || outcome.problem.kind === 'timed-out') this.#offers.remove(offerIds);
    return outcome;
  }

  async #send(doing: string, call: Call): Promise<Outcome<null>> {
    const { encoding, tls, callTimeMsMax, log } = this.#options;
    const stream = this.#stream;
    const connection = this.#connection();
    if (stream === null || connection === null) return notSubscribed(doing);
    const result = await callMesos(this.#poster, connection, {
      path,
      contentType: contentTypeOf(encoding),
      headers: this.#headers,
      tls,
      body: encodeMessage(Call, call, encoding),
      timeoutMs: callTimeMsMax,
    });
    if (result.kind === 'not-subscribed') stream.restart(result.why);
    const outcome = outcomeOf(doing, result);
    if (!outcome.ok) log.warn('call failed', { call: call.type, why: outcome.problem.detail });
    return outcome;
  }
}

function asStreamRecord(event: SchedulerEvent): StreamRecord<SchedulerEvent> {
  switch (event.kind) {
    case 'heartbeat':
      return { kind: 'heartbeat' };
    case 'subscribed':
      return { kind: 'subscribed', heartbeatMs: event.heartbeatMs, event };
    case 'offers':
    case 'rescinded':
    case 'inverse-offers':
    case 'inverse-rescinded':
    case 'status':
    case 'agent-lost':
    case 'executor-lost':
    case 'error':
    case 'not-used':
    case 'garbled':
      return { kind: 'event', event };
  }
}
