/**
 * Which nodes a job gets: the first that fit in the order of nodes, each part on nodes of its own, as pbs_server
 * places `-l nodes=`. TORQUE looks at slots, properties and names, and at the memory of none.
 *
 * A node is known by the index of its agent, and room is the number of free slots by that index.
 */
import type { NodeRequest } from '../../core/facts.ts';
import type { Agent } from '../cluster.ts';
import type { ReplayJob } from '../workload.ts';

/** Slots taken on one node. */
export interface Share {
  readonly agent: number;
  readonly slots: number;
}

export class Placer {
  readonly #cluster: readonly Agent[];
  /** By what a part asks of a node apart from slots: the agents that have it. */
  readonly #suitable = new Map<string, readonly number[]>();
  /** By the job's id: its parts, those first that the fewest nodes can take. */
  readonly #parts = new Map<string, readonly NodeRequest[]>();
  /** The search in which an agent was last used. */
  readonly #usedIn: Int32Array;
  #search = 0;

  constructor(cluster: readonly Agent[]) {
    this.#cluster = cluster;
    this.#usedIn = new Int32Array(cluster.length);
  }

  /** `np`: the slots of each node, of which a job that wants nodes for itself takes all. Null when it does not fit. */
  place(job: ReplayJob, room: Int32Array, np: Int32Array): readonly Share[] | null {
    const { request } = job;
    if (request.kind === 'procs') return anywhere(request.slots, room);
    return this.#onNodes(this.#partsOf(job), room, request.exclusive ? np : null);
  }

  /** Whether the job fits on the whole cluster when nothing else is there. */
  fitsEmpty(job: ReplayJob): boolean {
    const room = Int32Array.from(this.#cluster, (agent) => agent.slots);
    const fits = this.#memoryFits(job) && this.place(job, room, room) !== null;
    // Another job may have its id, if this one is left out.
    this.forget(job);
    return fits;
  }

  #memoryFits({ request }: ReplayJob): boolean {
    const mib = request.kind === 'procs' ? request.memMibPerSlot : request.memMibPerNode;
    return this.#cluster.some(({ memMib }) => memMib === null || memMib >= mib);
  }

  #partsOf({ id, request }: ReplayJob): readonly NodeRequest[] {
    const known = this.#parts.get(id);
    if (known !== undefined) return known;
    const parts = request.kind === 'procs' ? [] : request.parts.toSorted(hardestFirst);
    this.#parts.set(id, parts);
    return parts;
  }

  /** Forgets a job that will not be placed again. */
  forget(job: ReplayJob): void {
    this.#parts.delete(job.id);
  }

  /** `whole`: by agent, how much must be free and is taken; null for a job that shares its nodes. */
  #onNodes(
    parts: readonly NodeRequest[],
    room: Int32Array,
    whole: Int32Array | null,
  ): readonly Share[] | null {
    this.#search += 1;
    const shares: Share[] = [];
    for (const part of parts) {
      let left = part.count;
      for (const agent of this.#agentsFor(part)) {
        if (left === 0) break;
        const free = room[agent] ?? 0;
        if (free < part.ppn || this.#usedIn[agent] === this.#search) continue;
        if (whole !== null && free < (whole[agent] ?? 0)) continue;
        this.#usedIn[agent] = this.#search;
        shares.push({ agent, slots: whole === null ? part.ppn : free });
        left -= 1;
      }
      if (left > 0) return null;
    }
    return shares;
  }

  #agentsFor({ host, properties, gpus }: NodeRequest): readonly number[] {
    const key = `${host ?? ''}/${gpus}/${properties.join(':')}`;
    const known = this.#suitable.get(key);
    if (known !== undefined) return known;
    const found = this.#cluster.flatMap((agent, index) => {
      const suits =
        gpus === 0 &&
        (host === null || host === agent.host) &&
        properties.every((property) => agent.properties.includes(property));
      return suits ? [index] : [];
    });
    this.#suitable.set(key, found);
    return found;
  }
}

function hardestFirst(a: NodeRequest, b: NodeRequest): number {
  const hosts = Number(a.host === null) - Number(b.host === null);
  return hosts || b.properties.length - a.properties.length || b.ppn - a.ppn;
}

function anywhere(slots: number, room: Int32Array): readonly Share[] | null {
  const shares: Share[] = [];
  let left = slots;
  for (let agent = 0; agent < room.length && left > 0; agent += 1) {
    const taken = Math.min(left, room[agent] ?? 0);
    if (taken <= 0) continue;
    shares.push({ agent, slots: taken });
    left -= taken;
  }
  return left === 0 ? shares : null;
}
