/** The durable state as text: what is written to a file or to ZooKeeper, and read back with every field checked. */
import { z } from 'zod';
import { messageOf } from '@mesos-torque/common/text.ts';
import type { DurableState } from './ports.ts';

const version = 1;

const count = z.int().min(0);
const timeMs = z.number();

const goal = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('hold') }),
  z.strictObject({ kind: z.literal('drain'), sinceMs: timeMs, why: z.string() }),
  z.strictObject({ kind: z.literal('leave'), sinceMs: timeMs, why: z.string() }),
]);

const intent = z.strictObject({
  taskId: z.string().min(1),
  agentId: z.string().min(1),
  nodeName: z.string().min(1),
  np: count,
  gpus: count,
  properties: z.array(z.string()),
  resources: z.strictObject({ cpuMilli: count, memMib: count, diskMib: count, gpus: count }),
  ports: z.strictObject({ service: count, manager: count }).nullable(),
  launchedAtMs: timeMs,
  // States of before executors were told apart have none.
  executorId: z.string().nullable().default(null),
  goal,
});

const wish = { who: z.string(), why: z.string(), sinceMs: timeMs };

const wishes = z.strictObject({
  growthHeld: z.strictObject(wish).nullable(),
  drains: z.array(
    z.strictObject({
      ...wish,
      target: z.discriminatedUnion('kind', [
        z.strictObject({ kind: z.literal('node'), node: z.string().min(1) }),
        z.strictObject({ kind: z.literal('agent'), agentId: z.string().min(1) }),
      ]),
      deadlineMs: timeMs.nullable(),
      force: z.boolean(),
    }),
  ),
  limits: z.strictObject({ ...wish, nodesMin: count.nullable(), nodesMax: count.nullable() }).nullable(),
});

const stateShape = z.strictObject({
  version: z.literal(version),
  frameworkId: z.string().min(1).nullable(),
  nextSerial: count,
  intents: z.array(intent),
  // States that were written before there were wishes have none.
  wishes: wishes.default({ growthHeld: null, drains: [], limits: null }),
});

export function stateText(state: DurableState): string {
  return `${JSON.stringify({ version, ...state }, null, 1)}\n`;
}

/** Throws what is wrong with it, naming the place: a state that cannot be read is never replaced by an empty one. */
export function readStateText(text: string, place: string): DurableState {
  const read = stateShape.safeParse(parsed(text, place));
  if (!read.success) throw unreadable(place, z.prettifyError(read.error).replaceAll('\n', ' '));
  const { frameworkId, nextSerial, intents, wishes: wished } = read.data;
  return { frameworkId, nextSerial, intents, wishes: wished };
}

function parsed(text: string, place: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw unreadable(place, messageOf(error));
  }
}

function unreadable(place: string, detail: string): Error {
  return new Error(
    `reading the state in ${place}: ${detail}. It names the framework and its tasks; restore it from a copy, ` +
      'or move it away to begin as a new framework (tasks of the old one then end with its failover time)',
  );
}
