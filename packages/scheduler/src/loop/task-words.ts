/**
 * What Mesos says about tasks, and whether it has said enough: status updates, answers to RECONCILE,
 * and the account of which tasks have been heard of since the last subscription.
 */
import type { Intent, MomStage, TaskFacts, TaskStateName } from '../core/facts.ts';
import { standingOf } from '../core/task-states.ts';
import { explained } from './launch-trouble.ts';
import type { Accounting, Memory } from './memory.ts';
import type { StatusFacts } from './ports.ts';

/** `agent_reregister_timeout` of Mesos, by default: agents that have not come back by then are gone. */
export const agentReturnTimeMsMax = 10 * 60_000;

/** The agent of an intent that was made for a stray without a known one, see `adopt`. */
export const noAgent = 'unknown';

const beforeRunning: ReadonlySet<TaskStateName> = new Set<TaskStateName>(['TASK_STAGING', 'TASK_STARTING']);
const sinceRunning: ReadonlySet<TaskStateName> = new Set<TaskStateName>(['TASK_RUNNING', 'TASK_KILLING']);

/** Mesos holds nothing for the task; not the last word, as an agent that comes back may say TASK_RUNNING. */
function hasEnded(state: TaskStateName): boolean {
  return standingOf(state) === 'ended';
}

/** Takes in one status. The same status twice is as good as once. */
export function statusSeen(memory: Memory, status: StatusFacts, nowMs: number): Memory {
  if (isNotAboutThisTask(memory, status)) return memory;
  const intent = memory.durable.intents.find((each) => each.taskId === status.taskId);
  // A task that is not ours to hold is remembered as long as it lives, so that the planner ends it.
  if (intent === undefined && hasEnded(status.state)) return taskDropped(memory, status.taskId);
  const known = memory.tasks.get(status.taskId);
  const facts = merged(known, intent, believed(known, intent, status, nowMs), nowMs);
  return accountedFor({ ...memory, tasks: new Map(memory.tasks).set(facts.id, facts) }, facts.id, nowMs);
}

function taskDropped(memory: Memory, taskId: string): Memory {
  if (!memory.tasks.has(taskId)) return memory;
  const tasks = new Map(memory.tasks);
  tasks.delete(taskId);
  return { ...memory, tasks };
}

/**
 * Mesos answers a launch that it refuses under the id that the launch named, although the task of
 * that id may run: a repeated launch (TASK_ERROR, "Task has duplicate ID: …") or a used offer
 * (TASK_DROPPED, INVALID_OFFERS) is not the running task's end.
 */
function isNotAboutThisTask(memory: Memory, status: StatusFacts): boolean {
  if (status.state === 'TASK_ERROR') return status.message.startsWith('Task has duplicate ID');
  if (status.state !== 'TASK_DROPPED' || status.reason !== 'INVALID_OFFERS') return false;
  const known = memory.tasks.get(status.taskId);
  return known !== undefined && !hasEnded(known.state);
}

/**
 * We always name the agent, so TASK_UNKNOWN means that the master does not know the agent (of a known
 * one it says TASK_GONE). A master that has just taken over with its registry in memory says so of
 * running tasks, until their agents are back: for as long as it waits for them we take the task for
 * unreachable, and keep its node.
 */
function believed(
  known: TaskFacts | undefined,
  intent: Intent | undefined,
  status: StatusFacts,
  nowMs: number,
): StatusFacts {
  if (status.state !== 'TASK_UNKNOWN' || intent === undefined || intent.agentId === noAgent) return status;
  const sinceMs = known?.state === 'TASK_UNREACHABLE' ? known.sinceMs : nowMs;
  if (nowMs - sinceMs >= agentReturnTimeMsMax) return status;
  const message = `Mesos does not know agent ${intent.agentId}; it may be on its way to a new master`;
  return { ...status, state: 'TASK_UNREACHABLE', message };
}

function merged(
  known: TaskFacts | undefined,
  intent: Intent | undefined,
  status: StatusFacts,
  nowMs: number,
): TaskFacts {
  const state = stateOf(known, status.state);
  const same = known?.state === state;
  const stage = stageOf(same ? known.stage : 'unknown', state, status.stage);
  const inferredName = stage === 'unknown' ? null : (intent?.nodeName ?? null);
  return {
    id: status.taskId,
    agentId: status.agentId ?? known?.agentId ?? intent?.agentId ?? null,
    state,
    healthy: status.healthy ?? (same ? known.healthy : null),
    stage,
    momName: status.momName ?? known?.momName ?? inferredName,
    message: status.message === '' && same ? known.message : wordsOf(known, status),
    sinceMs: same ? known.sinceMs : nowMs,
    aliveSinceMs: known?.aliveSinceMs ?? (standingOf(state) === 'alive' ? nowMs : null),
    trusted: status.trusted ?? known?.trusted ?? null,
    addresses: status.addresses.length > 0 ? status.addresses : (known?.addresses ?? []),
  };
}

/** What was never heard of an executor is worth an explanation; of one that spoke, its own words are there. */
function wordsOf(known: TaskFacts | undefined, status: StatusFacts): string {
  const { aliveSinceMs = null, message = '' } = known ?? {};
  if (aliveSinceMs !== null) return status.message;
  return message.startsWith(notRun) && status.source !== 'executor' ? message : explained(status);
}

/** An update that was sent again may be older than what we know: a mom that ran does not un-run. */
function stateOf(known: TaskFacts | undefined, said: TaskStateName): TaskStateName {
  if (known === undefined) return said;
  return sinceRunning.has(known.state) && beforeRunning.has(said) ? known.state : said;
}

/**
 * Answers to RECONCILE carry no report of the executor's. Where none was heard since the state
 * began, the state itself tells: ours sends TASK_STARTING when the mom's home is prepared and
 * TASK_RUNNING when the mom answers.
 */
function stageOf(known: MomStage, state: TaskStateName, said: MomStage): MomStage {
  if (said !== 'unknown') return said;
  if (known !== 'unknown') return known;
  if (state === 'TASK_RUNNING') return 'answering';
  return state === 'TASK_STARTING' ? 'prepared' : 'unknown';
}

const notRun = 'executor not run: ';

/** Our executors go by their task's id. Mesos tells of the task's end after that of its executor. */
export function executorNotRun(memory: Memory, taskId: string, why: string, nowMs: number): Memory {
  const known = memory.tasks.get(taskId);
  const intent = memory.durable.intents.find((each) => each.taskId === taskId);
  if (intent === undefined || (known?.aliveSinceMs ?? null) !== null) return memory;
  const status = unspoken(intent, 'TASK_STAGING', '');
  const facts = { ...(known ?? merged(undefined, intent, status, nowMs)), message: `${notRun}${why}` };
  return { ...memory, tasks: new Map(memory.tasks).set(taskId, facts) };
}

/** Mesos refused the launch outright: nothing was begun, so no word about the task will come. */
export function launchRefused(memory: Memory, intent: Intent, why: string, nowMs: number): Memory {
  return statusSeen(memory, unspoken(intent, 'TASK_DROPPED', why), nowMs);
}

/** A state that no status has told. */
function unspoken({ taskId, agentId }: Intent, state: TaskStateName, message: string): StatusFacts {
  return {
    taskId,
    agentId,
    state,
    reason: null,
    source: 'unknown',
    message,
    healthy: null,
    stage: 'unknown',
    momName: null,
    trusted: null,
    addresses: [],
    ackToken: null,
  };
}

// The account -------------------------------------------------------------------------------------

/** A new subscription: the offers of before are gone, and every task is to be heard of again. */
export function subscribed(memory: Memory, nowMs: number): Memory {
  const missing = new Set(memory.durable.intents.map((intent) => intent.taskId));
  const { lastMs } = memory.accounting;
  return {
    ...memory,
    offers: new Map(),
    answering: new Set(),
    inverse: new Map(),
    // A subscription without suppressed roles wakes the offers, and what was declined in the last one.
    mesos: { ...memory.mesos, connected: true, suppressed: false, declined: [] },
    accounting: settled({ kind: 'awaiting', lastMs, missing, sinceMs: nowMs, asked: 0 }, nowMs),
  };
}

export function disconnected(memory: Memory, why: string): Memory {
  return {
    ...memory,
    offers: new Map(),
    answering: new Set(),
    inverse: new Map(),
    mesos: { ...memory.mesos, connected: false, declined: [] },
    accounting: { kind: 'away', lastMs: memory.accounting.lastMs, why: `Mesos is not reached: ${why}` },
  };
}

/** RECONCILE was sent for what is missing. */
export function askedAgain(memory: Memory): Memory {
  const { accounting } = memory;
  if (accounting.kind !== 'awaiting') return memory;
  return { ...memory, accounting: { ...accounting, asked: accounting.asked + 1 } };
}

/** The tasks that Mesos has not told about since the last subscription. */
export function missingTasks(memory: Memory): readonly Intent[] {
  const { accounting } = memory;
  if (accounting.kind !== 'awaiting') return [];
  return memory.durable.intents.filter((intent) => accounting.missing.has(intent.taskId));
}

function accountedFor(memory: Memory, taskId: string, nowMs: number): Memory {
  const { accounting } = memory;
  if (accounting.kind !== 'awaiting' || !accounting.missing.has(taskId)) return memory;
  const missing = new Set(accounting.missing);
  missing.delete(taskId);
  return { ...memory, accounting: settled({ ...accounting, missing }, nowMs) };
}

function settled(accounting: Extract<Accounting, { kind: 'awaiting' }>, nowMs: number): Accounting {
  return accounting.missing.size === 0 ? { kind: 'accounted', lastMs: nowMs } : accounting;
}
