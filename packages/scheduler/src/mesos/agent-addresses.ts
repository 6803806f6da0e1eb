/**
 * Where agents answer. Offers tell it (1.12: `url` with scheme, address and the agent's own path); of an agent that
 * has offered nothing since we came, the master does.
 */
import type { Offer } from '@mesos-torque/proto/gen/mesos/v1/mesos.ts';
import type { Endpoint } from '@mesos-torque/common/endpoint.ts';
import { quote } from '@mesos-torque/common/text.ts';
import { z } from 'zod';
import type { Reading } from './operator-reads.ts';
import { readHost } from './read-id.ts';
import { readJson } from './read-json.ts';

export interface AgentAddress {
  readonly endpoint: Endpoint;
  /** As the agent calls itself: it may stand in its certificate. */
  readonly hostName: string;
}

/** Agents beyond this are asked for at the master again. */
const agentsMax = 20_000;

export class AgentAddresses {
  readonly #byAgent = new Map<string, AgentAddress>();

  note(offer: Offer): void {
    const agentId = offer.agentId?.value;
    const { url } = offer;
    const host = readHost(url?.address?.ip) ?? readHost(url?.address?.hostname);
    const port = url?.address?.port;
    if (agentId === undefined || host === null || port === undefined || !isPort(port)) return;
    const scheme = url?.scheme === 'https' ? 'https' : 'http';
    this.keep(agentId, {
      endpoint: { scheme, host, port, socketPath: null },
      hostName: readHost(offer.hostname) ?? host,
    });
  }

  keep(agentId: string, address: AgentAddress): void {
    this.#byAgent.delete(agentId);
    this.#byAgent.set(agentId, address);
    const oldest = this.#byAgent.keys().next().value;
    if (this.#byAgent.size > agentsMax && oldest !== undefined) this.#byAgent.delete(oldest);
  }

  find(agentId: string): AgentAddress | null {
    return this.#byAgent.get(agentId) ?? null;
  }
}

const agents = z.object({
  slaves: z.array(z.object({ id: z.string(), pid: z.string(), hostname: z.string() })),
});

/**
 * The master's answer to `GET /slaves?slave_id=…`, in which `pid` is `slave(1)@10.0.0.7:5051`; an IPv6 address stands in
 * brackets. Null for an agent that it does not have.
 */
export function readAgentAddress(
  text: string,
  agentId: string,
  scheme: Endpoint['scheme'],
): Reading<AgentAddress | null> {
  const read = readJson(text, agents);
  if (!read.ok) return read;
  const agent = read.value.slaves.find(({ id }) => id === agentId);
  if (agent === undefined) return { ok: true, value: null };
  const place = /@(?:\[(?<v6>[0-9A-Fa-f:.]+)\]|(?<host>[^:@\s]+)):(?<port>\d{1,5})$/.exec(agent.pid)?.groups;
  const host = place?.['v6'] ?? readHost(place?.['host']);
  const port = Number(place?.['port']);
  if (host === null || !isPort(port)) return { ok: false, why: `pid ${quote(agent.pid)} has no address` };
  const hostName = readHost(agent.hostname) ?? host;
  return { ok: true, value: { endpoint: { scheme, host, port, socketPath: null }, hostName } };
}

function isPort(port: number): boolean {
  return Number.isInteger(port) && port > 0 && port < 65_536;
}
