/**
 * Takes in what Mesos tells: remembers it, journals it, and acknowledges an update only then.
 */
import type { Clock } from '@mesos-torque/common/clock.ts';
import type { Log } from '@mesos-torque/common/logger.ts';
import { unreachable } from '@mesos-torque/common/units.ts';
import type { OfferFacts } from '../core/facts.ts';
import {
  inverseOfferAnswered,
  inverseOffersSeen,
  windowDoubtMs,
  windowsDropped,
  windowsOffered,
} from './inverse-offers.ts';
import { notVerifiedWords } from './launch-trouble.ts';
import type { Mind } from './mind.ts';
import { asOutcome } from './outcomes.ts';
import { offersGone, offersOfAgentGone, offersSeen } from './offers-in-hand.ts';
import type { AckToken, JournalEntry, JournalPort, MesosEvent, MesosPort, StatusFacts } from './ports.ts';
import { disconnected, executorNotRun, statusSeen, subscribed } from './task-words.ts';

export interface MesosEventsParts {
  readonly mesos: MesosPort;
  readonly clock: Clock;
  readonly mind: Mind;
  readonly journal: JournalPort;
  readonly log: Log;
  /** Called before anything is acted on: the framework id is not durable yet. */
  readonly onSubscribed: (frameworkId: string) => void;
  readonly onDisconnected: () => void;
  readonly onFatal: (why: string, remedy: string) => void;
  /** Something may be to be planned for. */
  readonly wake: () => void;
}

/** Handles one event; never rejects. The next one may come when the promise has settled. */
export function createMesosEvents(parts: MesosEventsParts): (event: MesosEvent) => Promise<void> {
  const { mesos, clock, mind, log } = parts;

  return (event) => {
    take(event);
    parts.wake();
    return Promise.resolve();
  };

  function take(event: MesosEvent): void {
    switch (event.kind) {
      case 'subscribed':
        log.info('framework subscribed', { frameworkId: event.frameworkId, master: event.master });
        write({
          event: 'framework subscribed',
          data: { frameworkId: event.frameworkId, master: event.master },
        });
        mind.update((memory) => subscribed(memory, clock.nowMs()));
        doubtWindows();
        parts.onSubscribed(event.frameworkId);
        return;
      case 'disconnected':
        log.warn('Mesos connection lost', { why: event.why });
        write({ event: 'Mesos connection lost', why: event.why });
        mind.update((memory) => disconnected(memory, event.why));
        parts.onDisconnected();
        return;
      case 'offers':
        takeOffers(event.offers);
        return;
      case 'rescinded':
        write({ event: 'offer rescinded', offerId: event.offerId });
        mind.update((memory) => offersGone(memory, [event.offerId]));
        return;
      case 'inverse-offers':
        for (const { id, agentId, fromMs, untilMs } of event.offers)
          write({ event: 'maintenance announced', offerId: id, data: { agentId, fromMs, untilMs } });
        mind.update((memory) => inverseOffersSeen(memory, event.offers));
        return;
      case 'inverse-rescinded':
        write({ event: 'maintenance announcement rescinded', offerId: event.offerId });
        mind.update((memory) => inverseOfferAnswered(memory, event.offerId));
        doubtWindows();
        return;
      case 'status':
        takeStatus(event.status);
        return;
      case 'agent-lost':
        write({ event: 'agent lost', data: { agentId: event.agentId } });
        mind.update((memory) => offersOfAgentGone(memory, event.agentId));
        return;
      case 'executor-lost': {
        const { agentId, executorId, waitStatus } = event;
        const why = notVerifiedWords(waitStatus);
        write({
          event: 'executor lost',
          ...(why === null ? {} : { why }),
          data: { agentId, executorId, waitStatus },
        });
        if (why !== null) mind.update((memory) => executorNotRun(memory, executorId, why, clock.nowMs()));
        return;
      }
      case 'garbled':
        log.warn('Mesos event not understood', { why: event.why });
        write({ event: 'Mesos event not understood', why: event.why });
        return;
      case 'fatal':
        parts.onFatal(event.why, event.remedy);
        return;
      default:
        unreachable(event);
    }
  }

  function doubtWindows(): void {
    const { maintenance } = mind.memory().conditions;
    if (maintenance.length === 0) return;
    clock.after(windowDoubtMs, () => {
      mind.update((memory) => windowsDropped(memory, maintenance));
      parts.wake();
    });
  }

  function takeOffers(offers: readonly OfferFacts[]): void {
    const { memory, left } = offersSeen(mind.memory(), offers);
    mind.update(() => windowsOffered(memory, offers));
    write({ event: 'offers received', data: { offers: offers.length, left: left.length } });
    if (left.length === 0) return;
    log.warn('more offers than can be considered', { left: left.length });
    void asOutcome(mesos.decline(left, crowdRefuseS));
  }

  function takeStatus(status: StatusFacts): void {
    mind.update((memory) => statusSeen(memory, status, clock.nowMs()));
    write({
      event: 'task status',
      taskId: status.taskId,
      why: status.message,
      data: {
        state: status.state,
        reason: status.reason,
        source: status.source,
        healthy: status.healthy,
        stage: status.stage,
        uuid: status.ackToken?.uuid ?? null,
      },
    });
    if (status.ackToken !== null) acknowledge(status.ackToken);
  }

  /** Not waited for: an acknowledgement that is lost is asked for again, after 10 s. */
  function acknowledge(token: AckToken): void {
    void asOutcome(mesos.acknowledge(token)).then((outcome) => {
      if (outcome.ok) return;
      log.debug('acknowledgement failed', { taskId: token.taskId, problem: outcome.problem.detail });
    });
  }

  function write(entry: Omit<JournalEntry, 'atMs'>): void {
    parts.journal.append({ atMs: clock.nowMs(), ...entry });
  }
}

/** Offers beyond what is considered at once come back after this time. Seconds. */
const crowdRefuseS = 60;
