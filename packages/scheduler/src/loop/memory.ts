/**
 * What the loop remembers between passes: the last readings, the last word on every task, offers in
 * hand, and what was ordered lately. A value; every change gives a new one. Only `durable` survives
 * the process, the rest is observed again after a restart.
 */
import type {
  AgentTrouble,
  MesosFacts,
  NodeHistory,
  OfferFacts,
  QueueFacts,
  Reading,
  RecentActs,
  Snapshot,
  TaskFacts,
  TorqueNode,
} from '../core/facts.ts';
import { isReachable } from '../core/derive.ts';
import type { Limiting, QueueSettings } from '../core/settings.ts';
import { usualConditions, type Conditions } from '../core/conditions.ts';
import { noWishes } from '../core/wishes.ts';
import type { InverseOffer } from './inverse-offers.ts';
import type { DurableState, Problem } from './ports.ts';

export interface Memory {
  /** As it was last saved: nothing is begun that is not in here. */
  readonly durable: DurableState;
  readonly queue: Reading<QueueFacts>;
  readonly settings: Reading<Limiting>;
  readonly nodes: Reading<readonly TorqueNode[]>;
  readonly tasks: ReadonlyMap<string, TaskFacts>;
  readonly accounting: Accounting;
  readonly offers: ReadonlyMap<string, OfferFacts>;
  /** Offers whose answer is under way: the planner does not see them. */
  readonly answering: ReadonlySet<string>;
  readonly mesos: Omit<MesosFacts, 'frameworkId'>;
  readonly recent: RecentActs;
  readonly trouble: ReadonlyMap<string, AgentTrouble>;
  readonly conditions: Conditions;
  /** By id: those that are not answered yet. */
  readonly inverse: ReadonlyMap<string, InverseOffer>;
  readonly idleSinceMs: ReadonlyMap<string, number>;
  /** By task id. */
  readonly history: ReadonlyMap<string, NodeHistory>;
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
/** The same for the settings, which are read once a minute. */
export const settingsAgeMsMax = 600_000;

export function freshMemory(durable: DurableState | null): Memory {
  return {
    durable: durable ?? { frameworkId: null, nextSerial: 1, intents: [], wishes: noWishes },
    queue: { state: 'unknown', why: 'the queue has not been read yet' },
    settings: { state: 'unknown', why: 'the settings have not been read yet' },
    nodes: { state: 'unknown', why: 'the nodes have not been read yet' },
    tasks: new Map(),
    accounting: { kind: 'away', lastMs: null, why: 'Mesos has not been reached yet' },
    offers: new Map(),
    answering: new Set(),
    mesos: { connected: false, suppressed: false, lastReviveMs: null, revivesUnanswered: 0, declined: [] },
    recent: { startMomMs: {}, killMs: {}, nodeActs: {}, kickMs: null },
    trouble: new Map(),
    conditions: usualConditions,
    inverse: new Map(),
    idleSinceMs: new Map(),
    history: new Map(),
  };
}

/** What the planner is shown. Readings that have grown too old are stale. */
export function toSnapshot(memory: Memory, nowMs: number): Snapshot {
  return {
    nowMs,
    queue: aged(memory.queue, nowMs),
    settings: aged(memory.settings, nowMs, settingsAgeMsMax),
    nodes: aged(memory.nodes, nowMs),
    tasks: tasksReading(memory),
    offers: [...memory.offers.values()].filter((offer) => !memory.answering.has(offer.id)),
    intents: memory.durable.intents,
    mesos: { ...memory.mesos, frameworkId: memory.durable.frameworkId },
    recent: memory.recent,
    trouble: [...memory.trouble.values()],
    conditions: memory.conditions,
    wishes: memory.durable.wishes,
    idleSinceMs: Object.fromEntries(memory.idleSinceMs),
    history: Object.fromEntries(memory.history),
    nextSerial: memory.durable.nextSerial,
  };
}

function aged<T>(reading: Reading<T>, nowMs: number, ageMsMax = readingAgeMsMax): Reading<T> {
  if (reading.state !== 'fresh' || nowMs - reading.atMs <= ageMsMax) return reading;
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

export function settingsRead(memory: Memory, atMs: number, value: QueueSettings): Memory {
  return { ...memory, settings: { state: 'fresh', atMs, value: { kind: 'settings', ...value } } };
}

/** A refusal is an answer: what was read under another right counts no more. */
export function settingsNotRead(memory: Memory, problem: Problem): Memory {
  if (problem.kind === 'refused')
    return { ...memory, settings: { state: 'unknown', why: `${problem.kind}: ${problem.detail}` } };
  return { ...memory, settings: afterFailure(memory.settings, problem) };
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
  // Two readings may overtake each other; what the later one showed stands.
  if (memory.nodes.state !== 'unknown' && memory.nodes.atMs > atMs) return memory;
  const idle = value.filter(isIdle).map((node) => node.name);
  const idleSinceMs = new Map(idle.map((name) => [name, memory.idleSinceMs.get(name) ?? nowMs]));
  const history = historyAfter(memory, value, atMs);
  const next: Memory = { ...memory, nodes: { state: 'fresh', atMs, value }, idleSinceMs, history };
  return notIdleWhereJobsRun(withoutOldActs(next, value));
}

/** Since when each of our nodes has been missing, reading after reading. */
function historyAfter(
  memory: Memory,
  nodes: readonly TorqueNode[],
  atMs: number,
): ReadonlyMap<string, NodeHistory> {
  const shown = new Map<string, TorqueNode>();
  for (const node of nodes) shown.set(node.name, node);
  const history = new Map<string, NodeHistory>();
  for (const { taskId, nodeName } of memory.durable.intents) {
    const before = memory.history.get(taskId);
    const node = shown.get(nodeName);
    const isUnwell = node === undefined || !isReachable(node) || memory.tasks.get(taskId)?.healthy === false;
    const absentSinceMs = node === undefined ? (before?.absentSinceMs ?? atMs) : null;
    const unwellSinceMs = isUnwell ? (before?.unwellSinceMs ?? atMs) : null;
    const isAsBefore = before?.absentSinceMs === absentSinceMs && before.unwellSinceMs === unwellSinceMs;
    history.set(
      taskId,
      isAsBefore ? before : { absentSinceMs, upAtMs: before?.upAtMs ?? null, unwellSinceMs },
    );
  }
  return history;
}

/** Nodes of ours were found up by the planner. */
export function nodesUp(memory: Memory, taskIds: readonly string[], nowMs: number): Memory {
  const news = taskIds.filter((taskId) => typeof memory.history.get(taskId)?.upAtMs !== 'number');
  if (news.length === 0) return memory;
  const history = new Map(memory.history);
  for (const taskId of news) {
    const before = history.get(taskId);
    history.set(taskId, { absentSinceMs: null, unwellSinceMs: null, ...before, upAtMs: nowMs });
  }
  return { ...memory, history };
}

const troubles = new Set(['down', 'state-unknown', 'mom-list-not-sent', 'other']);

function isIdle(node: TorqueNode): boolean {
  return node.jobs.length === 0 && !node.states.some((state) => troubles.has(state));
}

/** A job that came and went between two readings of the nodes may still be seen in the queue's. */
function notIdleWhereJobsRun(memory: Memory): Memory {
  if (memory.queue.state !== 'fresh') return memory;
  const busy = new Set<string>();
  for (const { state, execNodes } of memory.queue.value.jobs) {
    if (state === 'running' || state === 'exiting') for (const name of execNodes) busy.add(name);
  }
  if (busy.size === 0) return memory;
  const idleSinceMs = new Map([...memory.idleSinceMs].filter(([name]) => !busy.has(name)));
  return { ...memory, idleSinceMs };
}

/** What was done to nodes that neither side knows any more is of no use. */
function withoutOldActs(memory: Memory, nodes: readonly TorqueNode[]): Memory {
  if (Object.keys(memory.recent.nodeActs).length === 0) return memory;
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
