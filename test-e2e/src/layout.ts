/** The machines of the site, their addresses, sizes and users: the same in every runtime. `docker/compose.yaml` repeats them. */
import type { User } from './site.ts';

export interface Placed {
  /** Short, unique: the container is named after it. */
  readonly key: string;
  /** Fully qualified. */
  readonly name: string;
  /** Last number of its address in the containers' network. */
  readonly number: number;
}

export interface AgentPlaced extends Placed {
  readonly cpus: number;
  readonly memMib: number;
  readonly diskMib: number;
  readonly attributes: Readonly<Record<string, string>>;
}

/** Each with its own name, address and container. */
export const head: Placed = { key: 'head', name: 'head.example.org', number: 10 };
export const client: Placed = { key: 'client', name: 'client.example.org', number: 11 };
export const zookeeper: Placed = { key: 'zookeeper', name: 'zookeeper.example.org', number: 12 };

export const masters: readonly [Placed, Placed] = [
  { key: 'master1', name: 'master1.mesos.example.org', number: 21 },
  { key: 'master2', name: 'master2.mesos.example.org', number: 22 },
];

/** Two alike, a small one and a large one; two racks. */
export const agents: readonly [AgentPlaced, AgentPlaced, AgentPlaced, AgentPlaced] = [
  agent(1, { cpus: 4, memMib: 4096 }, { rack: 'r1' }),
  agent(2, { cpus: 4, memMib: 4096 }, { rack: 'r1' }),
  agent(3, { cpus: 2, memMib: 2048 }, { rack: 'r2' }),
  agent(4, { cpus: 8, memMib: 16_384 }, { rack: 'r2', bigmem: 'true' }),
];

/** Theirs on every machine; each has a group of its own with the same number. */
export const users: readonly { readonly name: User; readonly uid: number }[] = [
  { name: 'alice', uid: 2001 },
  { name: 'bob', uid: 2002 },
  { name: 'carol', uid: 2003 },
];

export const ports = {
  zookeeper: 2181,
  master: 5050,
  agent: 5051,
  /** Of the first scheduler and of the second. */
  schedulers: [8470, 8471],
} as const;

/**
 * Durations of the stand-ins of TORQUE that are not the usual ones. The real pbs_server tells its moms of a new node on a
 * beat of ten seconds, so that a node waits for anything between none and ten; a stand-in always waits as long as this.
 */
export const standInTimes = { hostListDelayMs: 4_000 } as const;

/** First and last port that an agent offers. */
export const offeredPorts = { begin: 31_000, end: 31_099 } as const;

function agent(
  index: number,
  size: { readonly cpus: number; readonly memMib: number },
  attributes: Readonly<Record<string, string>>,
): AgentPlaced {
  const key = `node${String(index)}`;
  return { key, name: `${key}.agents.example.org`, number: 30 + index, ...size, diskMib: 10_000, attributes };
}
