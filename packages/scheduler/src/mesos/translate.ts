/**
 * Events of the scheduler API in the loop's words. Nothing is thrown away silently: an event becomes
 * facts, a problem that says what cannot be read, or a name of what we have no use for.
 */
import type { Offer } from '@mesos-torque/proto/gen/mesos/v1/mesos.ts';
import { Event } from '@mesos-torque/proto/gen/mesos/v1/scheduler/scheduler.ts';
import type {
  Event_Failure,
  Event_InverseOffers,
  Event_Offers,
  Event_Subscribed,
} from '@mesos-torque/proto/gen/mesos/v1/scheduler/scheduler.ts';
import { decodeMessage } from '@mesos-torque/common/encoding.ts';
import type { Encoding } from '@mesos-torque/common/encoding.ts';
import { quote } from '@mesos-torque/common/text.ts';
import type { OfferFacts } from '../core/facts.ts';
import type { MesosEvent, StatusFacts } from '../loop/ports.ts';
import { readId } from './read-id.ts';
import { readOffer, readWindow } from './translate-offer.ts';
import { executorBuildIn, readStatus } from './translate-status.ts';

/** Kinds that mean the same to the loop. */
type PlainKind =
  'rescinded' | 'inverse-offers' | 'inverse-rescinded' | 'agent-lost' | 'executor-lost' | 'garbled';

export type SchedulerEvent =
  | {
      readonly kind: 'subscribed';
      readonly frameworkId: string;
      /** The master's own name for itself, for people. */
      readonly master: string;
      /** Null where it does not tell. */
      readonly masterVersion: string | null;
      readonly heartbeatMs: number;
    }
  | { readonly kind: 'heartbeat' }
  | {
      readonly kind: 'offers';
      readonly offers: readonly HeldOffer[];
      readonly unreadable: readonly UnreadableOffer[];
    }
  /** These reach the loop as they are. */
  | Extract<MesosEvent, { readonly kind: PlainKind }>
  /** `executorBuild` is there when an executor sent it, empty when that does not say. */
  | { readonly kind: 'status'; readonly status: StatusFacts; readonly executorBuild?: string }
  | { readonly kind: 'error'; readonly message: string }
  /** Understood, and nothing to us: operation updates, framework messages. */
  | { readonly kind: 'not-used'; readonly type: string };

/** An offer in our words and as it came, which is what goes back. */
export interface HeldOffer {
  readonly facts: OfferFacts;
  readonly offered: Offer;
}

export interface UnreadableOffer {
  readonly offerId: string | null;
  readonly why: string;
}

/** Mesos' interval between heartbeats where SUBSCRIBED does not state one. */
const heartbeatMsDefault = 15_000;

/** Reads one record of the event stream. Never throws. */
export function readEvent(record: Uint8Array, encoding: Encoding, receivedAtMs: number): SchedulerEvent {
  const decoded = decodeMessage(Event, record, encoding);
  if (!decoded.ok) return garbled(`event of the master: ${decoded.why}`);
  const { message: event, typeText } = decoded;
  switch (event.type) {
    case 'SUBSCRIBED':
      return event.subscribed === undefined ? incomplete(event.type) : readSubscribed(event.subscribed);
    case 'HEARTBEAT':
      return { kind: 'heartbeat' };
    case 'OFFERS':
      return event.offers === undefined ? incomplete(event.type) : readOffers(event.offers, receivedAtMs);
    case 'RESCIND': {
      const offerId = readId(event.rescind?.offerId);
      return offerId === null ? incomplete(event.type) : { kind: 'rescinded', offerId };
    }
    case 'UPDATE':
      return readUpdate(event);
    case 'FAILURE':
      return event.failure === undefined ? incomplete(event.type) : readFailure(event.failure);
    case 'ERROR':
      return { kind: 'error', message: event.error?.message ?? '' };
    case 'INVERSE_OFFERS':
      return event.inverseOffers === undefined
        ? incomplete(event.type)
        : readInverseOffers(event.inverseOffers);
    case 'RESCIND_INVERSE_OFFER': {
      const offerId = readId(event.rescindInverseOffer?.inverseOfferId);
      return offerId === null ? incomplete(event.type) : { kind: 'inverse-rescinded', offerId };
    }
    case 'UPDATE_OPERATION_STATUS':
    case 'MESSAGE':
      return { kind: 'not-used', type: event.type };
    case 'UNKNOWN':
    case 'UNRECOGNIZED':
      return garbled(
        `event of a type that is not known here${typeText === null ? '' : `: ${quote(typeText)}`}`,
      );
    case undefined:
      return garbled('event without a type');
  }
}

function readSubscribed(subscribed: Event_Subscribed): SchedulerEvent {
  const frameworkId = readId(subscribed.frameworkId);
  if (frameworkId === null) return incomplete('SUBSCRIBED');
  const seconds = subscribed.heartbeatIntervalSeconds;
  const isInterval = seconds !== undefined && Number.isFinite(seconds) && seconds > 0;
  const { hostname, address, port } = subscribed.masterInfo ?? {};
  const host = hostname ?? address?.hostname ?? address?.ip ?? 'unknown';
  return {
    kind: 'subscribed',
    frameworkId,
    master: `${host}:${address?.port ?? port ?? 'unknown'}`,
    masterVersion: subscribed.masterInfo?.version ?? null,
    heartbeatMs: isInterval ? seconds * 1000 : heartbeatMsDefault,
  };
}

function readOffers({ offers }: Event_Offers, receivedAtMs: number): SchedulerEvent {
  if (offers.length === 0) return incomplete('OFFERS');
  const held: HeldOffer[] = [];
  const unreadable: UnreadableOffer[] = [];
  for (const offered of offers) {
    const reading = readOffer(offered, receivedAtMs);
    if (reading.ok) held.push({ facts: reading.facts, offered });
    else unreadable.push({ offerId: reading.offerId, why: reading.why });
  }
  return { kind: 'offers', offers: held, unreadable };
}

/** Those that name no agent are about all of ours, and Mesos 1.12 sends none; they are garbled to us. */
function readInverseOffers({ inverseOffers }: Event_InverseOffers): SchedulerEvent {
  const offers = inverseOffers.map(({ id, agentId, unavailability }) => ({
    id: readId(id),
    agentId: readId(agentId),
    ...readWindow(unavailability),
  }));
  const whole = offers.flatMap(({ id, agentId, fromMs, untilMs }) =>
    id === null || agentId === null || fromMs === null ? [] : [{ id, agentId, fromMs, untilMs }],
  );
  if (whole.length < offers.length || whole.length === 0) return incomplete('INVERSE_OFFERS');
  return { kind: 'inverse-offers', offers: whole };
}

function readUpdate(event: Event): SchedulerEvent {
  if (event.update?.status === undefined) return incomplete('UPDATE');
  const reading = readStatus(event.update.status);
  if (!reading.ok) return garbled(`UPDATE: ${reading.why}`);
  const build = executorBuildIn(event.update.status);
  return { kind: 'status', status: reading.status, ...(build === null ? {} : { executorBuild: build }) };
}

/** FAILURE with an executor is the executor's end, without one the agent's. */
function readFailure(failure: Event_Failure): SchedulerEvent {
  const agentId = readId(failure.agentId);
  if (agentId === null) return incomplete('FAILURE');
  if (failure.executorId === undefined) return { kind: 'agent-lost', agentId };
  const executorId = readId(failure.executorId);
  if (executorId === null) return incomplete('FAILURE');
  return { kind: 'executor-lost', agentId, executorId, waitStatus: failure.status ?? null };
}

function incomplete(type: string): SchedulerEvent {
  return garbled(`${type} event without what it must hold`);
}

function garbled(why: string): SchedulerEvent {
  return { kind: 'garbled', why };
}
