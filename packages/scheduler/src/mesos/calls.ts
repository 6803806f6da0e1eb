/** The calls of the scheduler API as messages, from the loop's words. ACCEPT is in `launch-call.ts`. */
import type { OfferFilters } from '@mesos-torque/proto/gen/mesos/v1/mesos.ts';
import { Call, type OfferConstraints } from '@mesos-torque/proto/gen/mesos/v1/scheduler/scheduler.ts';
import { SchedulerMessage } from '@mesos-torque/proto/gen/torque/v1/orders.ts';
import type { AckToken } from '../loop/ports.ts';
import type { FrameworkOptions } from './client-options.ts';
import { frameworkInfo } from './framework-info.ts';

/**
 * Mesos wants a framework's id in both places, and equal. What was suppressed before is not any more:
 * a subscription wakes the offers.
 */
export function subscribeCall(options: FrameworkOptions, frameworkId: string | null): Call {
  return Call.create({
    ...(frameworkId === null ? {} : { frameworkId: { value: frameworkId } }),
    type: 'SUBSCRIBE',
    subscribe: { frameworkInfo: frameworkInfo(options, frameworkId) },
  });
}

/**
 * Tells everything about us anew: what is left out is taken for gone. That goes for suppressed offers too, so it
 * is for the moment after a subscription, which wakes them anyway.
 */
export function updateFrameworkCall(
  options: FrameworkOptions,
  frameworkId: string,
  wanted: {
    readonly filters: OfferFilters | null;
    readonly constraints: OfferConstraints | null;
  },
): Call {
  const { filters, constraints } = wanted;
  const info = frameworkInfo(options, frameworkId);
  return Call.create({
    frameworkId: { value: frameworkId },
    type: 'UPDATE_FRAMEWORK',
    updateFramework: {
      frameworkInfo: filters === null ? info : { ...info, offerFilters: { [options.role]: filters } },
      ...(constraints === null ? {} : { offerConstraints: constraints }),
    },
  });
}

export function declineCall(frameworkId: string, offerIds: readonly string[], refuseS: number): Call {
  return Call.create({
    frameworkId: { value: frameworkId },
    type: 'DECLINE',
    decline: { offerIds: offerIds.map((value) => ({ value })), filters: { refuseSeconds: refuseS } },
  });
}

/** Mesos keeps an acceptance, and asks again after `refuseS` where it was declined. */
export function inverseCall(frameworkId: string, id: string, isAccepted: boolean, refuseS: number): Call {
  const answer = { inverseOfferIds: [{ value: id }], filters: { refuseSeconds: refuseS } };
  return Call.create({
    frameworkId: { value: frameworkId },
    ...(isAccepted
      ? { type: 'ACCEPT_INVERSE_OFFERS', acceptInverseOffers: answer }
      : { type: 'DECLINE_INVERSE_OFFERS', declineInverseOffers: answer }),
  });
}

export function suppressCall(frameworkId: string, role: string): Call {
  return Call.create({
    frameworkId: { value: frameworkId },
    type: 'SUPPRESS',
    suppress: { roles: [role] },
  });
}

export function reviveCall(frameworkId: string, role: string): Call {
  return Call.create({ frameworkId: { value: frameworkId }, type: 'REVIVE', revive: { roles: [role] } });
}

export function killCall(frameworkId: string, taskId: string, agentId: string, graceMs: number): Call {
  return Call.create({
    frameworkId: { value: frameworkId },
    type: 'KILL',
    kill: {
      taskId: { value: taskId },
      agentId: { value: agentId },
      killPolicy: { gracePeriod: { nanoseconds: BigInt(Math.round(graceMs)) * 1_000_000n } },
    },
  });
}

export function acknowledgeCall(frameworkId: string, token: AckToken): Call {
  return Call.create({
    frameworkId: { value: frameworkId },
    type: 'ACKNOWLEDGE',
    acknowledge: {
      agentId: { value: token.agentId },
      taskId: { value: token.taskId },
      uuid: Buffer.from(token.uuid, 'hex'),
    },
  });
}

/** Explicit for the tasks named, implicit when none is. */
export function reconcileCall(
  frameworkId: string,
  tasks: readonly { readonly taskId: string; readonly agentId: string | null }[],
): Call {
  return Call.create({
    frameworkId: { value: frameworkId },
    type: 'RECONCILE',
    reconcile: {
      tasks: tasks.map(({ taskId, agentId }) => ({
        taskId: { value: taskId },
        ...(agentId === null ? {} : { agentId: { value: agentId } }),
      })),
    },
  });
}

/** A framework message to the one executor of the task, which goes by the task's id. */
export function startMomCall(frameworkId: string, taskId: string, agentId: string): Call {
  const message = SchedulerMessage.create({ taskId, message: { $case: 'startMom', value: {} } });
  return Call.create({
    frameworkId: { value: frameworkId },
    type: 'MESSAGE',
    message: {
      agentId: { value: agentId },
      executorId: { value: taskId },
      data: Buffer.from(SchedulerMessage.encode(message).finish()),
    },
  });
}

export function teardownCall(frameworkId: string): Call {
  return Call.create({ frameworkId: { value: frameworkId }, type: 'TEARDOWN' });
}
