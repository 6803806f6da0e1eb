/** Reasons that hold the whole plan back: what was not read, not heard, not recorded. */
import { grouped } from '@mesos-torque/common/units.ts';
import { counted, quoted, type Reason } from './reasons.ts';

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

/** The shape of `SchedulerSilence`; in attach mode nobody else looks after the site's scheduler. */
export function schedulerSilent({ cycles, forMs }: { cycles: number; forMs: number }): Reason {
  return {
    code: 'scheduler-silent',
    text:
      `the TORQUE scheduler seems dead: asked for ${counted(cycles, 'cycle')} in ${grouped(Math.round(forMs / 1000))} s while a job ` +
      'fits on free nodes, it has started no job and said nothing new of one; see whether it runs (pbs_sched, or maui) on the host of pbs_server',
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
