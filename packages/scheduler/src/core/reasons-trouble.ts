/** What is wrong with a node of ours. */
import type { NodeAct, NodeStateWord, TaskFacts } from './facts.ts';
import { counted, listed, quoted, seconds, type Reason } from './reasons.ts';

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
export function ending(task: TaskFacts): string {
  return task.message === '' ? task.state : `${task.state}: ${quoted(task.message)}`;
}
