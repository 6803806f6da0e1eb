/**
 * What a job asks for, in the form in which it is placed: sets of slots that each need a node of
 * their own, or slots anywhere.
 */
import { unreachable } from '@mesos-torque/common/units.ts';
import type { JobFacts, JobRequest, NodeRequest } from './facts.ts';
import type { HostWords } from './host-words.ts';
import { by, byName, byText, inTurn } from './order.ts';

/** What one node must have free for one part of a job. */
export interface SlotSet {
  readonly slots: number;
  readonly gpus: number;
  readonly memMib: number;
  readonly properties: readonly string[];
  readonly host: string | null;
  /** Whether no other job may be on the node, neither before nor beside it. */
  readonly exclusive: boolean;
}

export type Ask =
  /** Distinct nodes, one set each. `key` is equal for asks that are placed alike. */
  | {
      readonly kind: 'sets';
      readonly key: string;
      readonly parts: readonly SetPart[];
      readonly nodes: number;
      readonly walltimeMs: number | null;
    }
  | {
      readonly kind: 'slots';
      readonly key: string;
      readonly slots: number;
      readonly memMibPerSlot: number;
      readonly walltimeMs: number | null;
    };

export interface SetPart {
  readonly count: number;
  readonly set: SlotSet;
}

export interface JobAsk {
  readonly jobId: string;
  readonly queuedAtMs: number;
  readonly ask: Ask;
}

/** What else decides what a job asks for. */
export interface AskContext {
  /** Properties that its queue requires of every node. */
  readonly properties: readonly string[];
  readonly hosts: Pick<HostWords, 'resolve'>;
}

const plainContext: AskContext = { properties: [], hosts: { resolve: (set) => set } };

/** Null for a request that is not understood. */
export function askOf(job: JobFacts, context: AskContext = plainContext): Ask | null {
  const { request } = job;
  const walltimeMs = job.walltimeS === null ? null : job.walltimeS * 1000;
  switch (request.kind) {
    case 'nodes': {
      const parts = request.parts.map((part) => partOf(part, request, context)).sort(hardestFirst);
      return {
        kind: 'sets',
        key: parts.map(keyOf).join('+'),
        parts,
        nodes: parts.reduce((sum, part) => sum + part.count, 0),
        walltimeMs,
      };
    }
    case 'procs': {
      const { slots, memMibPerSlot } = request;
      if (context.properties.length > 0) return null;
      return { kind: 'slots', key: `procs:${slots}:${memMibPerSlot}`, slots, memMibPerSlot, walltimeMs };
    }
    case 'not-understood':
      return null;
    default:
      return unreachable(request);
  }
}

type NodesRequest = Extract<JobRequest, { kind: 'nodes' }>;

/** Whether the job needs several nodes, or may need them: half of them is worth nothing to it. */
export function isGang(ask: Ask): boolean {
  return ask.kind === 'slots' ? ask.slots > 1 : ask.nodes > 1;
}

function partOf(part: NodeRequest, whole: NodesRequest, { properties, hosts }: AskContext): SetPart {
  const slots = Math.max(1, part.ppn);
  const set = {
    slots,
    gpus: part.gpus,
    memMib: Math.max(whole.memMibPerNode, whole.memMibPerSlot * slots),
    properties: [...new Set([...part.properties, ...properties])].sort(byText),
    host: part.host,
    exclusive: whole.exclusive,
  };
  return { count: part.count, set: hosts.resolve(set) };
}

/** The sets that the fewest nodes can take come first, so that easier ones do not stand in their way. */
const hardestFirst = inTurn<SetPart>(
  by((part) => (part.set.host === null ? 1 : 0)),
  by((part) => -part.set.gpus),
  by((part) => -part.set.properties.length),
  by((part) => -part.set.slots),
  byName((part) => keyOf(part)),
);

function keyOf({ count, set }: SetPart): string {
  const { slots, gpus, memMib, properties, host, exclusive } = set;
  const words = [count, slots, gpus, memMib, properties.join(':'), host ?? ''];
  return (exclusive ? [...words, 'exclusive'] : words).join('/');
}
