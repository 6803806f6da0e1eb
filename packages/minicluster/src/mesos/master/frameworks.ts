/** The life of a framework: subscribed, failed over, away, removed. */
import { randomUUID } from 'node:crypto';
import { type ServerResponse } from 'node:http';
import { type FrameworkInfo } from '@mesos-torque/proto/gen/mesos/v1/mesos.ts';
import {
  type Call_Subscribe,
  Event,
  type Event as EventMessage,
  type OfferConstraints,
} from '@mesos-torque/proto/gen/mesos/v1/scheduler/scheduler.ts';
import { packedFramework } from '../link.ts';
import { schedulerEvents, type WireFormat } from '../wire/codec.ts';
import { openEventStream, type EventStream } from '../wire/event-stream.ts';
import { order } from './agents.ts';
import { requestAllocation } from './allocator.ts';
import { errorEvent, heartbeatEvent, sendEvent } from './events.ts';
import { frameworkProblem, merged, updateProblem } from './framework-info.ts';
import { type Framework, type Master, masterInfo, rolesOf } from './master.ts';
import { constraintsProblem } from './offer-constraints.ts';
import { offersWhere, rescind } from './offers.ts';
import { completeTask } from './tasks.ts';

/** Answers SUBSCRIBE: a stream, which for a framework that is not taken holds one ERROR and ends. */
export function subscribe(
  master: Master,
  call: Call_Subscribe,
  format: WireFormat,
  response: ServerResponse,
): void {
  const info = call.frameworkInfo;
  if (info === undefined) throw new Error('SUBSCRIBE without framework_info passed validation');
  const streamId = randomUUID();
  let framework: Framework | null = null;
  const stream = openStream(master, response, format, streamId, () => {
    if (framework !== null) disconnect(master, framework, streamId);
  });
  const problem = subscribeProblem(master, info, call);
  if (problem !== null) {
    stream.send(errorEvent(problem));
    stream.end();
    return;
  }
  framework = takeIn(master, info, call);
  connect(master, framework, stream, streamId);
}

function openStream(
  master: Master,
  response: ServerResponse,
  format: WireFormat,
  streamId: string,
  onLost: () => void,
): EventStream<EventMessage> {
  return openEventStream({
    response,
    codec: schedulerEvents,
    format,
    clock: master.clock,
    headers: { 'Mesos-Stream-Id': streamId },
    heartbeat: heartbeatEvent,
    heartbeatIntervalMs: master.options.heartbeatIntervalMs,
    queueBytesMax: master.options.streamQueueBytesMax,
    onOverflow: (waitingBytes) => {
      master.log.warn('scheduler stream broken off: its client does not read', { streamId, waitingBytes });
    },
    onLost,
  });
}

function subscribeProblem(master: Master, info: FrameworkInfo, call: Call_Subscribe): string | null {
  const problem = frameworkProblem(info, call.suppressedRoles);
  if (problem !== null) return problem;
  const constraints = constraintsProblem(call.offerConstraints ?? null);
  if (constraints !== null) return `Offer constraints are not valid: ${constraints}`;
  const id = info.id?.value;
  if (id !== undefined && master.completedFrameworks.has(id)) return 'Framework has been removed';
  const known = id === undefined ? undefined : master.frameworks.get(id);
  if (known !== undefined && (known.info.principal ?? '') !== (info.principal ?? '')) {
    return "Changing framework's principal is not allowed.";
  }
  const { frameworksMax } = master.options;
  const isFull = known === undefined && master.frameworks.size >= frameworksMax;
  return isFull ? `The stand-in takes no more than ${frameworksMax} frameworks` : null;
}

/** An id that this master has never seen is taken as it is: that is how schedulers outlive a master. */
function takeIn(master: Master, info: FrameworkInfo, call: Call_Subscribe): Framework {
  const nowMs = master.clock.nowMs();
  const id = info.id?.value ?? nextFrameworkId(master);
  const known = master.frameworks.get(id);
  const framework: Framework = known ?? {
    id,
    info: { ...info, id: { value: id } },
    connection: { kind: 'recovered' },
    suppressedRoles: new Set(),
    offerConstraints: null,
    filters: [],
    registeredMs: nowMs,
    reregisteredMs: nowMs,
    unregisteredMs: 0,
    tasks: new Map(),
    unreachableTasks: new Map(),
    completedTasks: [],
    executors: new Map(),
  };
  if (known !== undefined) {
    known.info = merged(known.info, info);
    known.reregisteredMs = nowMs;
  }
  setPreferences(framework, call.suppressedRoles, call.offerConstraints);
  master.frameworks.set(id, framework);
  return framework;
}

function nextFrameworkId(master: Master): string {
  const id = `${master.id}-${String(master.next.framework).padStart(4, '0')}`;
  master.next.framework += 1;
  return id;
}

function setPreferences(
  framework: Framework,
  suppressedRoles: readonly string[],
  constraints: OfferConstraints | undefined,
): void {
  framework.suppressedRoles.clear();
  for (const role of suppressedRoles) framework.suppressedRoles.add(role);
  framework.offerConstraints = constraints ?? null;
}

/** The last scheduler wins: one that is still there is told so, and its offers are void without a word. */
function connect(
  master: Master,
  framework: Framework,
  stream: EventStream<EventMessage>,
  streamId: string,
): void {
  const before = framework.connection;
  if (before.kind === 'connected') {
    before.stream.send(errorEvent('Framework failed over'));
    before.stream.end();
  }
  if (before.kind === 'disconnected') before.cancelFailover();
  forgetOffers(master, framework);
  framework.connection = { kind: 'connected', stream, streamId };
  sendEvent(framework, subscribedEvent(master, framework));
  sendEvent(framework, heartbeatEvent);
  const packed = packedFramework.pack(framework.info);
  for (const agent of master.agents.values()) order(agent, { type: 'framework-is-back', framework: packed });
  requestAllocation(master);
  master.log.info('framework subscribed', { framework: framework.id, streamId });
}

function subscribedEvent(master: Master, framework: Framework): Event {
  return Event.fromPartial({
    type: 'SUBSCRIBED',
    subscribed: {
      frameworkId: { value: framework.id },
      heartbeatIntervalSeconds: master.options.heartbeatIntervalMs / 1000,
      masterInfo: masterInfo(master),
    },
  });
}

function forgetOffers(master: Master, framework: Framework): void {
  for (const offer of offersWhere(master, ({ frameworkId }) => frameworkId === framework.id)) {
    master.offers.delete(offer.id);
  }
  framework.filters = [];
}

/** The scheduler went away without a word. Its tasks live on for failover_timeout. */
function disconnect(master: Master, framework: Framework, streamId: string): void {
  const { connection } = framework;
  if (connection.kind !== 'connected' || connection.streamId !== streamId) return;
  forgetOffers(master, framework);
  framework.unregisteredMs = master.clock.nowMs();
  const failoverMs = Math.max(0, framework.info.failoverTimeout ?? 0) * 1000;
  framework.connection = {
    kind: 'disconnected',
    cancelFailover: afterLong(master, failoverMs, () => {
      master.log.info('framework failover timed out', { framework: framework.id, failoverMs });
      removeFramework(master, framework);
    }),
  };
  master.log.info('framework disconnected', { framework: framework.id, failoverMs });
  requestAllocation(master);
}

/** Timers hold 2^31 ms, about 24 days, and would fire at once beyond; failover time-outs of weeks are usual. */
const timerMsMax = 2_000_000_000;

function afterLong(master: Master, delayMs: number, then: () => void): () => void {
  if (delayMs <= timerMsMax) return master.clock.after(delayMs, then);
  let cancel = master.clock.after(timerMsMax, () => {
    cancel = afterLong(master, delayMs - timerMsMax, then);
  });
  return () => {
    cancel();
  };
}

/** Ends a framework for good: its stream, its tasks and its executors. No terminal updates come. */
export function removeFramework(master: Master, framework: Framework): void {
  const { connection } = framework;
  if (connection.kind === 'connected') connection.stream.end();
  if (connection.kind === 'disconnected') connection.cancelFailover();
  forgetOffers(master, framework);
  framework.connection = { kind: 'disconnected', cancelFailover: () => undefined };
  framework.unregisteredMs = master.clock.nowMs();
  for (const agent of master.agents.values()) {
    order(agent, { type: 'shut-down-framework', frameworkId: framework.id });
  }
  for (const task of [...framework.tasks.values()]) {
    task.state = 'TASK_KILLED';
    completeTask(master, framework, task);
  }
  framework.executors.clear();
  master.frameworks.delete(framework.id);
  remember(master, framework);
  requestAllocation(master);
  master.log.info('framework removed', { framework: framework.id });
}

function remember(master: Master, framework: Framework): void {
  master.completedFrameworks.set(framework.id, framework);
  const [oldest] = master.completedFrameworks.keys();
  const isFull = master.completedFrameworks.size > master.options.completedFrameworksMax;
  if (isFull && oldest !== undefined) master.completedFrameworks.delete(oldest);
}

/** UPDATE_FRAMEWORK. What is wrong, in Mesos' words; null when it was done. */
export function updateFramework(
  master: Master,
  framework: Framework,
  info: FrameworkInfo,
  suppressedRoles: readonly string[],
  constraints: OfferConstraints | undefined,
): string | null {
  const invalid = frameworkProblem(info, suppressedRoles);
  if (invalid !== null) return `'UpdateFramework' call is not valid: ${invalid}`;
  const badConstraints = constraintsProblem(constraints ?? null);
  if (badConstraints !== null)
    return `'UpdateFramework' call is not valid: Offer constraints are not valid: ${badConstraints}`;
  const change = updateProblem(framework.info, info);
  if (change !== null) return `FrameworkInfo update is not valid: ${change}`;

  framework.info = info;
  setPreferences(framework, suppressedRoles, constraints);
  const roles = rolesOf(info);
  rescind(
    master,
    offersWhere(master, (offer) => offer.frameworkId === framework.id && !roles.includes(offer.role)),
  );
  return null;
}

/** SUPPRESS: no new offers for these roles, or for all when none is named. Open offers stay open. */
export function suppress(framework: Framework, roles: readonly string[]): void {
  for (const role of ownRoles(framework, roles)) framework.suppressedRoles.add(role);
}

/** REVIVE: offers again, whatever was refused before. */
export function revive(master: Master, framework: Framework, roles: readonly string[]): void {
  const revived = ownRoles(framework, roles);
  for (const role of revived) framework.suppressedRoles.delete(role);
  framework.filters = framework.filters.filter((filter) => !revived.includes(filter.role));
  requestAllocation(master);
}

/** Roles that the framework does not have are passed over in silence. */
function ownRoles(framework: Framework, roles: readonly string[]): string[] {
  const own = rolesOf(framework.info);
  return roles.length === 0 ? own : own.filter((role) => roles.includes(role));
}
