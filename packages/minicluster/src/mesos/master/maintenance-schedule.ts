/** The schedule of maintenance, which operators read and change. */
import { type Unavailability } from '@mesos-torque/proto/gen/mesos/v1/mesos.ts';
import { Event } from '@mesos-torque/proto/gen/mesos/v1/scheduler/scheduler.ts';
import { BadBody, readMessage } from '../wire/json-read.ts';
import { type JsonValue } from '../wire/json-text.ts';
import { messageJson } from '../wire/json-write.ts';
import { messageShape } from '../wire/schema.ts';
import { requestAllocation } from './allocator.ts';
import { sendEvent } from './events.ts';
import { type Window } from './maintenance.ts';
import { type Framework, type Master } from './master.ts';
import { offersWhere, rescind } from './offers.ts';

const windowsMax = 1_000;

/**
 * Every change takes all open offers back, also those of agents that the schedule does not name. Throws BadBody in
 * Mesos' words.
 */
export function changeSchedule(master: Master, schedule: unknown): void {
  const { windows = [] } = (schedule ?? {}) as { readonly windows?: unknown };
  if (!Array.isArray(windows) || windows.length > windowsMax)
    throw new BadBody('Expecting a list of windows');
  master.maintenance = windows.map(windowIn);
  for (const { id, frameworkId, untilMs } of master.inverseOffers.values()) {
    const framework = master.frameworks.get(frameworkId);
    if (untilMs === null && framework !== undefined) sendRescindInverse(framework, id);
  }
  master.inverseOffers.clear();
  rescind(
    master,
    offersWhere(master, () => true),
  );
  requestAllocation(master);
}

function windowIn(value: unknown): Window {
  const { machine_ids: ids, unavailability } = (value ?? {}) as Readonly<Record<string, unknown>>;
  if (!Array.isArray(ids) || ids.length === 0)
    throw new BadBody('List of machines in the maintenance window is empty');
  const machines = ids.map((id: unknown) => {
    const { hostname, ip } = (id ?? {}) as Readonly<Record<string, unknown>>;
    return { hostname: typeof hostname === 'string' ? hostname : '', ip: typeof ip === 'string' ? ip : '' };
  });
  const shape = messageShape('mesos.v1.Unavailability');
  return { machines, unavailability: readMessage(shape, unavailability) as unknown as Unavailability };
}

export function scheduleJson(master: Master): JsonValue {
  const shape = messageShape('mesos.v1.Unavailability');
  return {
    windows: master.maintenance.map(({ machines, unavailability }) => ({
      machine_ids: machines.map(({ hostname, ip }) => ({ hostname, ip })),
      unavailability: messageJson(shape, unavailability),
    })),
  };
}

function sendRescindInverse(framework: Framework, id: string): void {
  const rescindInverseOffer = { inverseOfferId: { value: id } };
  sendEvent(framework, Event.fromPartial({ type: 'RESCIND_INVERSE_OFFER', rescindInverseOffer }));
}
