/**
 * What the loop remembers between passes: the last readings, the last word on every task, offers in
 * hand, and what was ordered lately. A value; every change gives a new one. Only `durable` survives
 * the process, the rest is observed again after a restart.
 */
import type {
  AgentTrouble,
  MesosFacts,
  OfferFacts,
  QueueFacts,
  Reading,
  RecentActs,
  Snapshot,
  TaskFacts,
  TorqueNode,
} from '../core/facts.ts';
import type { DurableState, Problem } from './ports.ts';

export interface Memory {
  /** As it was last saved: nothing is begun that is not in here. */
  readonly durable: DurableState;
  readonly queue: Reading<QueueFacts>;
  readonly nodes: Reading<readonly TorqueNode[]>;
  readonly tasks: ReadonlyMap<string, TaskFacts>;
  readonly accounting: Accounting;
  readonly offers: ReadonlyMap<string, OfferFacts>;
  /** Offers whose answer is under way: the planner does not see them. */
  readonly answering: ReadonlySet<string>;
  readonly mesos: Omit<MesosFacts, 'frameworkId'>;
  readonly recent: RecentActs;
  readonly trouble: ReadonlyMap<string, AgentTrouble>;
  readonly idleSinceMs: ReadonlyMap<string, number>;
}

/**
 * Whether Mesos has told us, since the last subscription, how each of our tasks fares. `lastMs` is
 * when that was last so, null if never in this process.
 */
export type Accounting =
  | { readonly kind: 'away'; readonly lastMs: number | null; readonly why: string }
  | {
      readonly kind: 'awaiting';
      readonly lastMs: number | null;
      readonly missing: ReadonlySet<string>;
      readonly sinceMs: number;
      readonly asked: number;
    }
  | { readonly kind: 'accounted'; readonly lastMs: number };

/** A reading older than this is no longer fresh, even though no later one has failed. */
export const readingAgeMsMax = 120_000;

export function freshMemory(durable: DurableState | null): Memory {
  return {
    durable: durable ?? { frameworkId: null, nextSerial: 1, intents: [] },
    queue: { state: 'unknown', why: 'the queue has not been read yet' },
    nodes: { state: 'unknown', why: 'the nodes have not been read yet' },
    tasks: new Map(),
    accounting: { kind: 'away', lastMs: null, why: 'Mesos has not been reached yet' },
    offers: new Map(),
    answering: new Set(),
    mesos: { connected: false, suppressed: false, lastReviveMs: null, revivesUnanswered: 0 },
    recent: { startMomMs: {}, killMs: {}, nodeActs: {}, kickMs: null },
    trouble: new Map(),
    idleSinceMs: new Map(),
  };
}

/** What the planner is shown. Readings that have grown too old are stale. */
export function toSnapshot(memory: Memory, nowMs: number): Snapshot {
  return {
    nowMs,
    queue: aged(memory.queue, nowMs),
    nodes: aged(memory.nodes, nowMs),
    tasks: tasksReading(memory),
    offers: [...memory.offers.values()].filter((offer) => !memory.answering.has(offer.id)),
    intents: memory.durable.intents,
    mesos: { ...memory.mesos, frameworkId: memory.durable.frameworkId },
    recent: memory.recent,
    trouble: [...memory.trouble.values()],
    idleSinceMs: Object.fromEntries(memory.idleSinceMs),
    nextSerial: memory.durable.nextSerial,
  };
}

function aged<T>(reading: Reading<T>, nowMs: number): Reading<T> {
  if (reading.state !== 'fresh' || nowMs - reading.atMs <= readingAgeMsMax) return reading;
  const seconds = Math.round((nowMs - reading.atMs) / 1000);
  return { ...reading, state: 'stale', why: `it was read ${seconds} s ago and no answer came since` };
}

function tasksReading(memory: Memory): Reading<readonly TaskFacts[]> {
  const value = [...memory.tasks.values()];
  const { accounting } = memory;
  if (accounting.kind === 'accounted') return { state: 'fresh', atMs: accounting.lastMs, value };
  const why = accounting.kind === 'away' ? accounting.why : whyAwaiting(accounting);
  return accounting.lastMs === null
    ? { state: 'unknown', why }
    : { state: 'stale', atMs: accounting.lastMs, value, why };
}

function whyAwaiting(accounting: Extract<Accounting, { kind: 'awaiting' }>): string {
  const [first = ''] = accounting.missing;
  const more = accounting.missing.size - 1;
  const tasks = more > 0 ? `${first} and ${more} more tasks` : `task ${first}`;
  return `Mesos has not said yet how ${tasks} fares; asked ${accounting.asked} times since it was reached`;
}

export function queueRead(memory: Memory, atMs: number, value: QueueFacts): Memory {
  return notIdleWhereJobsRun({ ...memory, queue: { state: 'fresh', atMs, value } });
}

export function queueNotRead(memory: Memory, problem: Problem): Memory {
  return { ...memory, queue: afterFailure(memory.queue, problem) };
}

export function nodesNotRead(memory: Memory, problem: Problem): Memory {
  return { ...memory, nodes: afterFailure(memory.nodes, problem) };
}

/** A failed reading leaves what was known, no longer fresh: unknown is not zero. */
function afterFailure<T>(last: Reading<T>, problem: Problem): Reading<T> {
  const why = `${problem.kind}: ${problem.detail}`;
  return last.state === 'unknown'
    ? { state: 'unknown', why }
    : { state: 'stale', atMs: last.atMs, value: last.value, why };
}

/**
 * `atMs` is when the reading was begun, `nowMs` when it ended. A node's idleness counts from the
 * end of the first reading that showed it up and without jobs: it was so at some moment in between.
 */
export function nodesRead(memory: Memory, value: readonly TorqueNode[], atMs: number, nowMs: number): Memory {
  const idle = value.filter(isIdle).map((node) => node.name);
  const idleSinceMs = new Map(idle.map((name) => [name, memory.idleSinceMs.get(name) ?? nowMs]));
  const next: Memory = { ...memory, nodes: { state: 'fresh', atMs, value }, idleSinceMs };
  return notIdleWhereJobsRun(withoutOldActs(next, value));
}

const troubles = new Set(['down', 'state-unknown', 'mom-list-not-sent', 'other']);

function isIdle(node: TorqueNode): boolean {
  return node.jobs.length === 0 && !node.states.some((state) => troubles.has(state));
}

/** A job that came and went between two readings of the nodes may still be seen in the queue's. */
function notIdleWhereJobsRun(memory: Memory): Memory {
  if (memory.queue.state !== 'fresh') return memory;
  const busy = new Set(
    memory.queue.value.jobs
      .filter((job) => job.state === 'running' || job.state === 'exiting')
      .flatMap((job) => job.execNodes),
  );
  if (busy.size === 0) return memory;
  const idleSinceMs = new Map([...memory.idleSinceMs].filter(([name]) => !busy.has(name)));
  return { ...memory, idleSinceMs };
}

/** What was done to nodes that neither side knows any more is of no use. */
function withoutOldActs(memory: Memory, nodes: readonly TorqueNode[]): Memory {
  const known = new Set([
    ...nodes.map((node) => node.name),
    ...memory.durable.intents.map((intent) => intent.nodeName),
  ]);
  const { recent } = memory;
  return { ...memory, recent: { ...recent, nodeActs: only(recent.nodeActs, (name) => known.has(name)) } };
}

/** The entries of a record whose keys are to stay. */
export function only<T>(
  record: Readonly<Record<string, T>>,
  keep: (key: string) => boolean,
): Readonly<Record<string, T>> {
  return Object.fromEntries(Object.entries(record).filter(([key]) => keep(key)));
}
