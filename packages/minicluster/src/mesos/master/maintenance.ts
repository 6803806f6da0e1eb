/** Announced maintenance, as it is known: which machines are away when, and which frameworks were asked to leave them. */
import { type Unavailability } from '@mesos-torque/proto/gen/mesos/v1/mesos.ts';
import { type Agent, type Master } from './master.ts';

export interface Window {
  readonly machines: readonly { readonly hostname: string; readonly ip: string }[];
  readonly unavailability: Unavailability;
}

/** What a framework was asked; after an answer it is asked again when `untilMs` has come. */
export interface Asked {
  readonly id: string;
  readonly frameworkId: string;
  readonly agentId: string;
  untilMs: number | null;
}

/** Machines go by host name, whatever its case, and address. */
export function unavailabilityOf(master: Master, agent: Agent): Unavailability | undefined {
  return master.maintenance.find(({ machines }) =>
    machines.some(
      ({ hostname, ip }) => hostname.toLowerCase() === agent.hostname.toLowerCase() && ip === agent.address,
    ),
  )?.unavailability;
}
