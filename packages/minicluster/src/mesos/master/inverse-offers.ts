/** Inverse offers: frameworks that hold something on a machine in a window are asked to leave it. */
import { type InverseOffer } from '@mesos-torque/proto/gen/mesos/v1/mesos.ts';
import { Event } from '@mesos-torque/proto/gen/mesos/v1/scheduler/scheduler.ts';
import { sendEvent } from './events.ts';
import { unavailabilityOf } from './maintenance.ts';
import { type Agent, type Framework, type Master } from './master.ts';
import { refuseMsOf } from './offers.ts';
import { usedBy } from './tasks.ts';

/** Asks those that hold something on such agents, unless they were asked, or have answered a while ago. */
export function askForMachines(master: Master): void {
  if (master.maintenance.length === 0) return;
  for (const framework of master.frameworks.values()) {
    const offers = [...master.agents.values()].flatMap((agent) => inverseOffer(master, framework, agent));
    if (offers.length > 0)
      sendEvent(
        framework,
        Event.fromPartial({ type: 'INVERSE_OFFERS', inverseOffers: { inverseOffers: offers } }),
      );
  }
}

function inverseOffer(master: Master, framework: Framework, agent: Agent): InverseOffer[] {
  const unavailability = unavailabilityOf(master, agent);
  if (unavailability === undefined || framework.connection.kind !== 'connected') return [];
  if (usedBy(framework, agent.id).length === 0) return [];
  const key = JSON.stringify([framework.id, agent.id]);
  const before = master.inverseOffers.get(key);
  if (before !== undefined && (before.untilMs === null || before.untilMs > master.clock.nowMs())) return [];
  const id = `${master.id}-O${String(master.next.offer)}`;
  master.next.offer += 1;
  master.inverseOffers.set(key, { id, frameworkId: framework.id, agentId: agent.id, untilMs: null });
  const url = {
    scheme: 'http',
    address: { hostname: agent.hostname, ip: agent.address, port: agent.port },
    path: '/slave(1)',
    query: [],
  };
  return [
    {
      id: { value: id },
      url,
      frameworkId: { value: framework.id },
      agentId: { value: agent.id },
      unavailability,
      resources: [],
    },
  ];
}

/** Accepted or declined: asked again after the filter's time. */
export function answerInverse(
  master: Master,
  ids: readonly { readonly value?: string | undefined }[],
  refuseSeconds: number | undefined,
): void {
  const answered = new Set(ids.map(({ value }) => value));
  for (const asked of master.inverseOffers.values())
    if (answered.has(asked.id)) asked.untilMs = master.clock.nowMs() + refuseMsOf(refuseSeconds);
}
