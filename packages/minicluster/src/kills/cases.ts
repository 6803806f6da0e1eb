/** What is killed with -9, and when; what must have come of it. */

/**
 * `starting`: the executor waits for the order to start its mom. `registering`: pbs_mom has just been started.
 * `running`: a job runs. `stopping`: the executor was sent TERM while a job runs. `giving back`: the scheduler
 * has ordered the end of an idle node. In the last two the mom is frozen, so that they last.
 */
export type Phase = 'starting' | 'registering' | 'running' | 'stopping' | 'giving back';

/** `agent` is started again at once, `agent for good` only when its executor has given it up. */
export type Victim = 'executor' | 'pbs_mom' | 'job shell' | 'agent' | 'agent for good';

export interface KillCase {
  readonly phase: Phase;
  readonly victim: Victim;
  /** State and message of a status that must reach the scheduler after the kill. */
  readonly told: RegExp;
  /** Whether the task ends by it, or goes on and its job ends well; `either`: that is as good as the other. */
  readonly task: 'ends' | 'goes on' | 'either';
}

const executorEnded = /^TASK_(?:FAILED|GONE|LOST) .*[Ee]xecutor (?:terminated|.*exited)/;

/** The longest first. Without a mom there is none to be killed, and without a job no shell. */
export const killCases: readonly KillCase[] = [
  {
    phase: 'stopping',
    victim: 'job shell',
    told: /^TASK_KILLED the executor was sent SIGTERM; pbs_mom was ended by KILL/,
    task: 'ends',
  },
  { phase: 'running', victim: 'agent for good', told: executorEnded, task: 'ends' },
  { phase: 'starting', victim: 'executor', told: executorEnded, task: 'ends' },
  { phase: 'starting', victim: 'agent', told: /^TASK_RUNNING pbs_mom answers/, task: 'goes on' },
  { phase: 'registering', victim: 'executor', told: executorEnded, task: 'ends' },
  {
    phase: 'registering',
    victim: 'pbs_mom',
    // It is started again only if it had answered by then, which may be.
    told: /^TASK_(?:FAILED|RUNNING) pbs_mom was ended by SIGKILL/,
    task: 'either',
  },
  { phase: 'registering', victim: 'agent', told: /^TASK_RUNNING pbs_mom answers/, task: 'goes on' },
  { phase: 'running', victim: 'executor', told: executorEnded, task: 'ends' },
  {
    phase: 'running',
    victim: 'pbs_mom',
    told: /^TASK_RUNNING pbs_mom was ended by SIGKILL.*starting it again with its jobs/,
    task: 'goes on',
  },
  { phase: 'running', victim: 'agent', told: /^TASK_KILLED the scheduler ordered it/, task: 'goes on' },
  { phase: 'running', victim: 'job shell', told: /^TASK_KILLED the scheduler ordered it/, task: 'goes on' },
  { phase: 'stopping', victim: 'executor', told: executorEnded, task: 'ends' },
  {
    phase: 'stopping',
    victim: 'pbs_mom',
    told: /^TASK_KILLED the executor was sent SIGTERM; pbs_mom was ended by SIGKILL, which others had sent; ended what it left running: /,
    task: 'ends',
  },
  { phase: 'giving back', victim: 'executor', told: executorEnded, task: 'ends' },
  {
    phase: 'giving back',
    victim: 'pbs_mom',
    told: /^TASK_KILLED the scheduler ordered it; pbs_mom was ended by SIGKILL, which others had sent/,
    task: 'ends',
  },
  {
    phase: 'giving back',
    victim: 'agent',
    told: /^TASK_KILLED the scheduler ordered it; pbs_mom was ended by KILL/,
    task: 'ends',
  },
];

export function titleOf({ phase, victim }: KillCase): string {
  return `${phase}: ${victim}`;
}
