/** Reasons along the life of a node of ours: on the way up, while it is up, on the way out. */
import type { NodeAct, TaskFacts } from './facts.ts';
import { counted, quoted, seconds, type Reason } from './reasons.ts';
import { ending } from './reasons-trouble.ts';

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
