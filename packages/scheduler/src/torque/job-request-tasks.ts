/**
 * Requests by task (6.1): `-L tasks=2:lprocs=4:memory=1gb:place=node`, one `-L` for each kind of task.
 *
 * Understood is what says how large nodes must be: `tasks`, `lprocs`, `memory` (of one task), `gpus`,
 * `feature`, `place=node`, `maxtpn=1`, and words about threads, which change nothing here. Everything
 * about sockets, numa nodes, cores, coprocessors, generic resources and packing is named.
 */
import { quote } from '@mesos-torque/common/text.ts';
import type { JobRequest, NodeRequest } from '../core/facts.ts';
import {
  countOf,
  isNotUnderstood,
  isProperty,
  noCount,
  notUnderstood,
  type NotUnderstood,
} from './job-request-words.ts';
import { parseSizeMib } from './sizes.ts';

const kindsMax = 100;

interface Task {
  readonly count: number;
  readonly lprocs: number;
  readonly memMib: number;
  readonly gpus: number;
  readonly features: readonly string[];
  /** One task on a node at the most. */
  readonly isAlone: boolean;
}

/** `text` is `L_Request` as qstat prints it. */
export function parseTasks(text: string): JobRequest {
  const kinds = text.split(/(?:^|\s+)-L\s*/).filter((kind) => kind.trim() !== '');
  if (kinds.length === 0 || kinds.length > kindsMax) {
    return notUnderstood(text, `has ${kinds.length} kinds of task, 1 to ${kindsMax} were expected`);
  }
  const tasks: Task[] = [];
  for (const kind of kinds) {
    const task = parseTask(kind.trim());
    if (isNotUnderstood(task)) return notUnderstood(text, task.why);
    tasks.push(task);
  }
  return requestOf(tasks);
}

/**
 * Tasks of one processor may be anywhere, as with `procs`. Larger ones get a node each: several may share
 * one, but a node that holds one is surely enough.
 */
function requestOf(tasks: readonly Task[]): JobRequest {
  const [only] = tasks;
  const isPlain = only?.lprocs === 1 && only.gpus === 0 && only.features.length === 0;
  if (tasks.length === 1 && isPlain && !only.isAlone) {
    return { kind: 'procs', slots: only.count, memMibPerSlot: Math.ceil(only.memMib) };
  }
  const parts = tasks.map(({ count, lprocs, gpus, features }): NodeRequest => {
    return { count, ppn: lprocs, gpus, properties: features, host: null };
  });
  const memMibPerNode = Math.ceil(Math.max(...tasks.map(({ memMib }) => memMib)));
  return { kind: 'nodes', parts, memMibPerNode, memMibPerSlot: 0, exclusive: false };
}

function parseTask(text: string): Task | NotUnderstood {
  const [first = '', ...elements] = text.split(':');
  const count = first.startsWith('tasks=') ? countOf(first.slice('tasks='.length)) : null;
  if (count === null) return notUnderstood(text, `has ${quote(first)} in it, which ${noCount} of tasks`);
  let task: Task = { count, lprocs: 1, memMib: 0, gpus: 0, features: [], isAlone: false };
  for (const element of elements) {
    const next = withElement(task, element);
    if (isNotUnderstood(next)) return next;
    task = next;
  }
  return task;
}

const unknown = (element: string): NotUnderstood =>
  notUnderstood(element, `has ${quote(element)} in it, which is not read yet`);

function withElement(task: Task, element: string): Task | NotUnderstood {
  const [key = '', value = ''] = element.split('=');
  const count = countOf(value);
  switch (key) {
    case 'lprocs':
    case 'gpus':
      return count === null ? unknown(element) : { ...task, [key]: count };
    case 'memory': {
      const memMib = parseSizeMib(value);
      return memMib === null ? unknown(element) : { ...task, memMib };
    }
    case 'feature':
      return isProperty(value) ? { ...task, features: [...task.features, value] } : unknown(element);
    case 'place':
      return element === 'place=node' || element === 'place=node=1'
        ? { ...task, isAlone: true }
        : unknown(element);
    case 'maxtpn':
      return count === 1 ? { ...task, isAlone: true } : unknown(element);
    case 'usecores':
    case 'usethreads':
    case 'allowthreads':
    case 'usefastcores':
      return value === '' ? task : unknown(element);
    default:
      return unknown(element);
  }
}
