/** Reasons about what holds jobs back that is not for nodes to cure: limits, queues, holds, names. */
import { amount, grouped } from '@mesos-torque/common/units.ts';
import type { JobFacts } from './facts.ts';
import { counted, quoted, seconds, type Reason } from './reasons.ts';

/** What runs, and what may run before the job in question. */
export interface Use {
  readonly running: number;
  /** Of jobs that come first and may be started. */
  readonly ahead: number;
}

/** "queue batch: user alice runs 4, max_user_run is 4". `who` is empty for the jobs of all. */
export function runLimit(where: string, who: string, use: Use, name: string, limit: number): Reason {
  const all = `${counted(use.running, 'job')} ${use.running === 1 ? 'runs' : 'run'}`;
  const runs = who === '' ? all : `${who} runs ${grouped(use.running)}`;
  return { code: 'run-limit', text: `${where}: ${runs}, ${name} is ${grouped(limit)}${taking(use.ahead)}` };
}

/** "queue batch: asks 2 of nodect, 9 are in use of resources_available.nodect 10". */
export function amountLimit(where: string, kind: string, asked: number, use: Use, limit: number): Reason {
  return {
    code: 'resource-limit',
    text:
      `${where}: asks ${measured(kind, asked)} of ${kind}, ${measured(kind, use.running)} in use of ` +
      `resources_available.${kind} ${measured(kind, limit)}${taking(use.ahead)}, ` +
      `short by ${measured(kind, use.running + use.ahead + asked - limit)}`,
  };
}

export function amountOfOneJob(where: string, kind: string, asked: number, limit: number): Reason {
  const text = `${where}: asks ${measured(kind, asked)} of ${kind}, resources_max.${kind} allows ${measured(kind, limit)}: ${measured(kind, asked - limit)} too much`;
  return { code: 'resource-limit', text };
}

/** mem is counted in MiB, all else in pieces. */
function measured(kind: string, n: number): string {
  return kind === 'mem' ? amount('memMib', n) : grouped(n);
}

function taking(ahead: number): string {
  return ahead === 0 ? '' : `, and what comes first takes ${grouped(ahead)}`;
}

export function queueNotStarted(queue: string): Reason {
  return { code: 'queue-stopped', text: `queue ${queue} is not started` };
}

export function queueRoutes(queue: string): Reason {
  return {
    code: 'queue-routes',
    text: `queue ${queue} is a routing queue: nothing runs before it was moved on`,
  };
}

export function queueNotRead(queue: string): Reason {
  return {
    code: 'queue-unknown',
    text: `queue ${queue} was not there when the settings were read: its limits are not known yet`,
  };
}

/** "is held by the user"; "is held until afterok:96.head allows it". */
export function held({ holds, depend }: JobFacts): Reason {
  if (depend !== null) return { code: 'job-dependent', text: `is held, it depends on ${quoted(depend)}` };
  if (holds.includes('l')) {
    return {
      code: 'array-slot-limit',
      text: 'is held: its array has as many jobs going as its slot limit allows',
    };
  }
  const by = holders.filter(([letter]) => holds.includes(letter)).map(([, name]) => name);
  return { code: 'job-held', text: by.length === 0 ? 'is held' : `is held by ${by.join(' and ')}` };
}

const holders = [
  ['u', 'the user'],
  ['o', 'an operator'],
  ['s', 'the system'],
] as const;

export function waitsForTime(startsAfterMs: number, nowMs: number): Reason {
  const inS = seconds(Math.max(0, startsAfterMs - nowMs));
  return { code: 'job-waiting', text: `is waiting for its time (qsub -a), in ${inS}` };
}

/** 6.1.3 knows a node by its whole name alone: `nodes=node1` never starts on `node1.example.org`. */
export function shortHostName(word: string, name: string): Reason {
  return {
    code: 'short-host-name',
    text: `asks for ${word}, which no node has as name or property; TORQUE knows the node as ${name} only`,
  };
}

export function settingsNotRead(state: 'stale' | 'unknown', why: string): Reason {
  const what =
    state === 'stale'
      ? 'those read last limit jobs, and nothing shrinks'
      : 'nothing is launched and nothing shrinks';
  return {
    code: `settings-${state}`,
    text: `the settings of queues and server could not be read (${quoted(why)}): ${what}`,
  };
}
