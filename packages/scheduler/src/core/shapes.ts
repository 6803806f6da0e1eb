/**
 * What a job asks for, in the form in which it is placed: sets of slots that each need a node of
 * their own, or slots anywhere.
 */
import { unreachable } from '@mesos-torque/common/units.ts';
import type { JobFacts, NodeRequest } from './facts.ts';
import { by, byName, byText, inTurn } from './order.ts';

/** What one node must have free for one part of a job. */
export interface SlotSet {
  readonly slots: number;
  readonly gpus: number;
  readonly memMib: number;
  readonly properties: readonly string[];
  readonly host: string | null;
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

/** Null for a request that is not understood. */
export function askOf(job: JobFacts): Ask | null {
  const { request } = job;
  const walltimeMs = job.walltimeS === null ? null : job.walltimeS * 1000;
  switch (request.kind) {
    case 'nodes': {
      const parts = request.parts.map((part) => partOf(part, request.memMibPerNode)).sort(hardestFirst);
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
      return { kind: 'slots', key: `procs:${slots}:${memMibPerSlot}`, slots, memMibPerSlot, walltimeMs };
    }
    case 'not-understood':
      return null;
    default:
      return unreachable(request);
  }
}

/** Whether the job needs several nodes, or may need them: half of them is worth nothing to it. */
export function isGang(ask: Ask): boolean {
  return ask.kind === 'slots' ? ask.slots > 1 : ask.nodes > 1;
}

function partOf(request: NodeRequest, memMib: number): SetPart {
  return {
    count: request.count,
    set: {
      slots: Math.max(1, request.ppn),
      gpus: request.gpus,
      memMib,
      properties: [...new Set(request.properties)].sort(byText),
      host: request.host,
    },
  };
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
  return [count, set.slots, set.gpus, set.memMib, set.properties.join(':'), set.host ?? ''].join('/');
}
