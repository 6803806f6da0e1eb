/**
 * Why something was done or not done. A reason is data with its arithmetic; `sentence` makes the one
 * sentence that log, command line, dashboard and journal all show.
 *
 * Reasons about jobs and offers are in `reasons-demand.ts`, about our nodes' lives here.
 */
import { grouped } from '@mesos-torque/common/units.ts';
import type { NodeAct, NodeStateWord, TaskFacts } from './facts.ts';

export interface Reason {
  /** Stable, for filters and metrics: `short-memory`, `not-idle-long-enough`. */
  readonly code: string;
  /** The one sentence, numbers and names included. */
  readonly text: string;
}

/** The one sentence of a reason. */
export function sentence(reason: Reason): string {
  return reason.text;
}

/** 12,000 ms as "12 s", 1,500 ms as "1.5 s". */
export function seconds(ms: number): string {
  return `${grouped(Math.round(ms / 100) / 10)} s`;
}

/** "1 node", "3 nodes". */
export function counted(count: number, word: string): string {
  return `${grouped(count)} ${word}${count === 1 ? '' : 's'}`;
}

/** Free text of others, cut to a length that fits a line. */
export function quoted(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim();
  return `"${line.length > 200 ? `${line.slice(0, 197)}...` : line}"`;
}

/** The first three of them, and how many more. */
export function listed(names: readonly string[]): string {
  const more = names.length - 3;
  return names.slice(0, 3).join(', ') + (more > 0 ? ` and ${counted(more, 'other')}` : '');
}

// What holds the whole plan back.

export function notRead(what: 'queue' | 'nodes' | 'tasks', state: 'stale' | 'unknown', why: string): Reason {
  return {
    code: `${what}-${state}`,
    text: `the ${what} could not be read (${quoted(why)}): nothing is launched and nothing shrinks`,
  };
}

/** Of elements that pbs_server has not made yet, beyond what is counted. */
export function elementsLeftOut(counted: number, leftOut: number): Reason {
  const all = `${grouped(counted + leftOut)} elements of arrays wait that pbs_server has not made yet`;
  return {
    code: 'elements-left-out',
    text: `${all}; ${grouped(counted)} of them are counted, ${grouped(leftOut)} will be as these go`,
  };
}

export function notConnected(): Reason {
  return { code: 'mesos-disconnected', text: 'not connected to Mesos: nothing is asked of it' };
}

export function notRecorded(problem: string): Reason {
  return {
    code: 'not-recorded',
    text: `what is done cannot be recorded (${quoted(problem)}): nothing is begun until it can; jobs and nodes go on`,
  };
}

export function frameworkForgotten(tasks: number): Reason {
  return {
    code: 'framework-forgotten',
    text:
      `Mesos knows none of our ${counted(tasks, 'task')} any more: it removed this framework (its failover time-out ` +
      'ran out, or it was torn down), or this is another master than before; if so point mesos.master at the right ' +
      'one, otherwise nothing is to be done: the nodes are taken down in order and new ones launched',
  };
}

export function readingsMissing(): Reason {
  return { code: 'readings-missing', text: 'waits until queue, nodes and tasks have been read anew' };
}

export function actsSpent(nodeActsMax: number): Reason {
  return {
    code: 'node-acts-spent',
    text: `put off to the next pass: ${counted(nodeActsMax, 'act')} on nodes in one pass at the most`,
  };
}

// Nodes that are not ours.

export function staticNode(states: readonly NodeStateWord[]): Reason {
  return { code: 'static', text: `the administrator's node, ${states.join(', ')}` };
}

export function placeholder(): Reason {
  return { code: 'placeholder', text: 'a placeholder that keeps large jobs queued; never counted' };
}

export function foreign(frameworkId: string): Reason {
  return { code: 'foreign', text: `belongs to framework ${frameworkId}; neither counted nor touched` };
}

export function orphan(taskId: string): Reason {
  return {
    code: 'orphan',
    text: `left over from task ${taskId}, which we know nothing of; neither counted nor touched`,
  };
}

export function stray(): Reason {
  return { code: 'stray-task', text: 'a task of ours runs that no intent speaks of and that has no node' };
}

export function strayOnAgent(jobs: number): Reason {
  const why =
    jobs > 0 ? `${counted(jobs, 'job')} are shown on its node` : 'Mesos does not say on which agent';
  return { code: 'stray-task', text: `a task of ours runs that no intent speaks of; kept while ${why}` };
}

// What is wrong with a node of ours.

export function notReadYet(what: 'tasks' | 'nodes'): Reason {
  return { code: 'not-read', text: `its state is not known: the ${what} could not be read` };
}

export function agentUnreachable(agentId: string): Reason {
  return {
    code: 'unreachable',
    text: `Mesos does not reach agent ${agentId}; it may come back, so task and node are kept`,
  };
}

export function strangeState(): Reason {
  return { code: 'strange-state', text: 'its task is in a state of a later Mesos; left alone' };
}

export function deadMomHasJobs(jobs: readonly string[], task: TaskFacts): Reason {
  return {
    code: 'dead-mom-has-jobs',
    text:
      `its task ended (${ending(task)}), and pbs_server still shows ${jobs.length === 1 ? 'job' : 'jobs'} ` +
      `${listed(jobs)} on a dead mom; the node goes as soon as pbs_server has put back or ended what it ` +
      `shows there (by hand: qrerun -f ${jobs[0] ?? 'JOB'}, or qdel -p)`,
  };
}

export function taskEnded(task: TaskFacts): Reason {
  return { code: 'task-ended', text: `its task ended (${ending(task)}) and the node remains` };
}

export function beingKilled(): Reason {
  return { code: 'being-killed', text: 'Mesos is ending its task, and not on our order' };
}

export function nameTaken(name: string): Reason {
  return { code: 'name-taken', text: `pbs_server has a node ${name} that is not ours; it is not touched` };
}

export function namesDiffer(expected: string, momName: string): Reason {
  return {
    code: 'name-differs',
    text: `the mom goes by ${momName}, the agent by ${expected}: a node of that name would never be free`,
  };
}

export function addressesDiffer(name: string, here: readonly string[], there: readonly string[]): Reason {
  return {
    code: 'address-differs',
    text:
      `${name} resolves to ${here.join(', ')} on the scheduler's host, and the agent says that it is ` +
      `${there.join(', ')}: pbs_server would talk to another machine`,
  };
}

export function momDistrusts(name: string, socket: string, more: number): Reason {
  const others = more === 0 ? '' : ` and ${counted(more, 'other host')}`;
  return {
    code: 'mom-distrusts',
    text: `free, but its mom does not trust ${name} (${socket})${others} yet: a job on both would hang`,
  };
}

export function downForNow(states: readonly NodeStateWord[]): Reason {
  return { code: 'down-for-now', text: `was up; pbs_server shows it ${states.join(', ')} for now` };
}

export function notYetSeenTwice(name: string): Reason {
  return {
    code: 'missing-once',
    text: `pbsnodes does not show ${name}; looked for again before its task ends`,
  };
}

export function unwellTooLong(why: Reason, forMs: number, maxMs: number): Reason {
  return { code: why.code, text: `${why.text}; so for ${seconds(forMs)}, ${seconds(maxMs)} are allowed` };
}

export function cannotBeCreated(act: NodeAct): Reason {
  return {
    code: 'creation-refused',
    text: `creating the node was refused ${counted(act.refusals, 'time')}: ${quoted(act.problem ?? '')}`,
  };
}

export function nodeVanished(name: string): Reason {
  return { code: 'node-vanished', text: `somebody deleted node ${name} while its mom runs` };
}

export function nodeWithoutTask(): Reason {
  return { code: 'node-without-task', text: 'its node exists, and Mesos knows no running task for it' };
}

export function offlineByOthers(): Reason {
  return { code: 'offline-by-others', text: 'set offline, and not by us; left alone and not counted' };
}

export function unhealthy(message: string): Reason {
  return { code: 'unhealthy', text: `the executor finds the mom unhealthy: ${quoted(message)}` };
}

export function nodeDown(states: readonly NodeStateWord[]): Reason {
  return { code: 'node-down', text: `was up, and pbs_server now shows it ${states.join(', ')}` };
}

/** "TASK_FAILED: pbs_mom exited 3". */
function ending(task: TaskFacts): string {
  return task.message === '' ? task.state : `${task.state}: ${quoted(task.message)}`;
}

// The way up.

export function waitsForExecutor(): Reason {
  return { code: 'waits-for-executor', text: 'launched; waits for the executor to speak' };
}

export function waitsForName(): Reason {
  return { code: 'waits-for-name', text: 'the executor has not said yet by which name its mom goes' };
}

export function waitsForHostList(): Reason {
  return { code: 'waits-for-host-list', text: 'created; waits until pbs_server has sent its host list' };
}

export function waitsToBeSeen(act: NodeAct['act']): Reason {
  return { code: `waits-after-${act}`, text: `${act} is done; waits until pbsnodes shows it` };
}

export function waitsToRepeat(act: NodeAct): Reason {
  const outcome = act.problem === null ? 'had no effect yet' : `failed: ${quoted(act.problem)}`;
  return { code: `waits-to-repeat-${act.act}`, text: `${act.act} ${outcome}; tried again soon` };
}

export function waitsForMom(): Reason {
  return { code: 'waits-for-mom', text: 'the mom was told to start; waits until the node is free' };
}

export function readyToCreate(name: string): Reason {
  return { code: 'mom-prepared', text: `the mom on ${name} is prepared` };
}

export function createAhead(name: string): Reason {
  return {
    code: 'executor-on-its-way',
    text: `pbs_server needs up to 10 s to announce ${name}, and its executor is on its way`,
  };
}

export function readyToStart(): Reason {
  return { code: 'host-list-sent', text: 'pbs_server has sent its host list, the mom can start' };
}

export function clearAgain(problem: string): Reason {
  return { code: 'clear-again', text: `clearing offline failed: ${quoted(problem)}` };
}

// The way out.

/** Begins every reason of a node that came to nothing; the intent's goal carries it until the end. */
const gaveUpMark = 'gave up';

export function gaveUp(why: Reason): Reason {
  return { code: `gave-up-${why.code}`, text: `${gaveUpMark}: ${why.text}` };
}

// The brake.

/** In the words of an administrator who looks at what is stopped. */
const causeWords = {
  missing: 'that pbsnodes does not show',
  down: 'whose moms pbs_server does not hear',
  unhealthy: 'whose executors find the mom ill',
  'task-gone': 'whose tasks the master says are gone',
  unrecorded: 'of which nothing is recorded and that pbsnodes does not show',
} as const;

interface BrakeCounts {
  readonly affected: number;
  readonly standing: number;
  readonly allowed: number;
}

export function brakeHolds(
  id: string,
  { affected, standing, allowed }: BrakeCounts,
  causes: Readonly<Partial<Record<keyof typeof causeWords, number>>>,
): Reason {
  const parts = Object.entries(causeWords).flatMap(([cause, words]) => {
    const count = causes[cause as keyof typeof causeWords] ?? 0;
    return count === 0 ? [] : [`${grouped(count)} ${words}`];
  });
  return {
    code: 'brake',
    text:
      `the answers would remove ${grouped(affected)} of ${counted(standing, 'node')} (${parts.join(', ')}), ` +
      `${grouped(allowed)} may go at once: none of them is removed until the answers recover, ` +
      `or until ${id} is confirmed`,
  };
}

/** On one of the nodes that are stopped. */
export function braked(id: string, why: Reason): Reason {
  return {
    code: 'braked',
    text: `${why.text}; its removal waits for ${id}, because too many are to go at once`,
  };
}

const confirmedMark = ', as confirmed by a person';

/** What the goal of a node says whose removal was confirmed; it counts as given up. */
export function removalConfirmed(cause: keyof typeof causeWords): Reason {
  return gaveUp({ code: cause, text: `one of the nodes ${causeWords[cause]}${confirmedMark}` });
}

export function isBrakeConfirmed(why: string): boolean {
  return why.includes(confirmedMark);
}

/** The goal of what was adopted: see `loop/adopt`. */
export const unrecordedWhy = 'nothing is recorded about it';

export function isUnrecorded(why: string): boolean {
  return why.startsWith(unrecordedWhy);
}

/** Whether a goal's `why` says that the node came to nothing, which counts against its agent. */
export function isGivenUp(why: string): boolean {
  return why.startsWith(gaveUpMark) || why.startsWith('gave-up');
}

export function launchTooLong(waitedMs: number, maxMs: number): Reason {
  return {
    code: 'launch-too-long',
    text: `no word of the executor ${seconds(waitedMs)} after the launch, ${seconds(maxMs)} are allowed`,
  };
}

export function registerTooLong(waitedMs: number, maxMs: number): Reason {
  return {
    code: 'register-too-long',
    text: `the node is not free ${seconds(waitedMs)} after its executor spoke first, ${seconds(maxMs)} are allowed`,
  };
}

export function jobsRemain(jobs: readonly string[]): Reason {
  const [first = '', ...more] = jobs;
  const others = more.length === 0 ? '' : ` and ${counted(more.length, 'other')}`;
  return { code: 'jobs-remain', text: `waits for ${first}${others} to end` };
}

export function notSeenOffline(): Reason {
  return {
    code: 'not-seen-offline',
    text: 'to be set offline; pbsnodes does not show it yet',
  };
}

export function offlineAndEmpty(why: string): Reason {
  return { code: 'offline-and-empty', text: `${firstCause(why)}; ${offlineMark}` };
}

export function nodeIsGone(why: string): Reason {
  return { code: 'node-is-gone', text: `${firstCause(why)}; ${goneMark}` };
}

const offlineMark = 'seen offline and without jobs';
const goneMark = 'pbs_server no longer has the node';

/** Why a node began to leave, without what was added on its way out. */
function firstCause(why: string): string {
  const ends = [offlineMark, goneMark].map((mark) => why.indexOf(`; ${mark}`)).filter((at) => at >= 0);
  return ends.length === 0 ? why : why.slice(0, Math.min(...ends));
}

export function killSent(): Reason {
  return { code: 'kill-sent', text: 'the task was told to end; waits for its last word' };
}

export function bothGone(task: TaskFacts): Reason {
  return { code: 'both-gone', text: `neither task (${ending(task)}) nor node is left` };
}

// Up, and whether it stays.

export function upAndBusy(jobs: number): Reason {
  return { code: 'busy', text: `runs ${counted(jobs, 'job')}` };
}

export function upAndCollected(jobId: string): Reason {
  return { code: 'up-and-collected', text: `free, and kept for ${jobId} until its other nodes come` };
}

export function upAndNeeded(): Reason {
  return { code: 'needed', text: 'free, and a queued job fits on it' };
}

export function upForFloor(floor: number): Reason {
  return { code: 'floor', text: `idle, kept as one of the ${counted(floor, 'node')} held at least` };
}

export function notIdleLongEnough(idleForMs: number, idleMs: number): Reason {
  return {
    code: 'not-idle-long-enough',
    text: `idle for ${seconds(idleForMs)}, drained after ${seconds(idleMs)}`,
  };
}

export function idleTooLong(idleForMs: number, idleMs: number): Reason {
  return { code: 'idle', text: `idle for ${seconds(idleForMs)}, ${seconds(idleMs)} are allowed` };
}

const roomMark = 'makes room for ';

export function makesRoom(jobId: string): Reason {
  return {
    code: 'makes-room',
    text: `${roomMark}${jobId}, which needs a node of another size: idle, and no queued job fits on it`,
  };
}

const overMark = 'beyond the safe allocation: ';

/** `held` of what `allowed` is the most: "12.2 cpus" and "8 cpus". */
export function overLimit(held: string, allowed: string): Reason {
  return {
    code: 'over-limit',
    text: `${overMark}${held} are held and ${allowed} allowed since a quota or limit shrank; its jobs may end`,
  };
}

/** Whether a goal's `why` says that the node leaves because less is allowed now. */
export function isOverLimit(why: string): boolean {
  return why.startsWith(overMark);
}

/** The job for which a node leaves, going by its goal's reason; null if it leaves for another cause. */
export function roomMadeFor(why: string): string | null {
  if (!why.startsWith(roomMark)) return null;
  const end = why.indexOf(',', roomMark.length);
  return end < 0 ? null : why.slice(roomMark.length, end);
}

export function neededAgain(what: string): Reason {
  return { code: 'needed-again', text: `${what} can use it` };
}

export function comesBack(): Reason {
  return { code: 'comes-back', text: 'offline was cleared; waits until pbsnodes shows it' };
}
