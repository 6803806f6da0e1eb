/**
 * What a job asks for: its `Resource_List` as a request that the planner can place. What is not
 * understood is named, never guessed at: a job read wrongly would get nodes that it cannot use.
 */
import { quote } from '@mesos-torque/common/text.ts';
import { unreachable } from '@mesos-torque/common/units.ts';
import type { JobRequest, NodeRequest } from '../core/facts.ts';
import { memoryOf, wholeMib, type Memory } from './job-request-memory.ts';
import { parseNodes } from './job-request-nodes.ts';
import { parseTasks } from './job-request-tasks.ts';
import { parseWishes, type Wishes } from './job-request-wishes.ts';
import {
  countOf,
  isHostWord,
  isNotUnderstood,
  noCount,
  notUnderstood,
  type NotUnderstood,
} from './job-request-words.ts';

/** What qstat prints of a job's wishes; null for what it has not. */
export interface Requested {
  /** The entries of `Resource_List`, in the order printed. */
  readonly resources: readonly { readonly name: string; readonly value: string }[];
  /** `L_Request` (6.1): `-L tasks=2:lprocs=1`. */
  readonly taskRequest: string | null;
  /** `x`: `qsub -W x=…`, words for Moab and Maui. */
  readonly extension: string | null;
  /** `node_exclusive`: `qsub -n`. */
  readonly isExclusive: boolean;
}

/**
 * Entries that say nothing about which nodes a job fits on: limits of its processes, wishes about its
 * rank, licences. `gres` and `software` are counted by Moab and Maui alone, which then give them as the
 * reason for waiting; pbs_sched of 6.1.3 starts such jobs anywhere. `size` is for Cray systems; elsewhere
 * 6.1.3 gives such a job one slot. `nodect` and `procct` repeat what `nodes` and `procs` say.
 */
const withoutInfluence: ReadonlySet<string> = new Set([
  ...['nodect', 'procct', 'walltime', 'cput', 'pcput', 'file', 'nice', 'other', 'prologue', 'epilogue'],
  ...['gres', 'software', 'size', 'cpupercent', 'tokens'],
  ...['qos', 'flags', 'jobflags', 'deadline', 'minwclimit', 'minpreempttime', 'jgroup', 'loglevel', 'pref'],
  ...['gattr', 'image', 'nallocpolicy', 'sid', 'signal', 'template', 'trl', 'var', 'wcrequeue'],
]);

const placing: ReadonlySet<string> = new Set(['nodes', 'neednodes', 'procs', 'ncpus', 'host']);
const amounts: ReadonlySet<string> = new Set(['mem', 'pmem', 'vmem', 'pvmem']);
const wishing: ReadonlySet<string> = new Set(['feature', 'naccesspolicy']);

type Values = ReadonlyMap<string, string>;

/**
 * Reads the request of one job. Never fails: what cannot be read becomes `not-understood`, whose `why`
 * goes on where its `text` ends: `"tpn=4" asks for …`.
 */
export function parseJobRequest(requested: Requested): JobRequest {
  const values = new Map<string, string>();
  for (const { name, value } of requested.resources) {
    if (withoutInfluence.has(name)) continue;
    if (!placing.has(name) && !amounts.has(name) && !wishing.has(name)) {
      return notUnderstood(`${name}=${value}`, `asks for the resource ${quote(name)}, which is not read yet`);
    }
    values.set(name, value);
  }
  const wishes = parseWishes(values, requested.extension, requested.isExclusive);
  if (isNotUnderstood(wishes)) return wishes;
  const { taskRequest } = requested;
  return withWishes(taskRequest === null ? placementOf(values) : parseTasks(taskRequest), wishes);
}

function withWishes(request: JobRequest, { properties, exclusive }: Wishes): JobRequest {
  if (properties.length === 0 && !exclusive) return request;
  switch (request.kind) {
    case 'nodes': {
      const parts = request.parts.map((part) => ({
        ...part,
        properties: [...new Set([...part.properties, ...properties])],
      }));
      return { ...request, parts, exclusive: request.exclusive || exclusive };
    }
    case 'procs': {
      const what = exclusive ? 'nodes of its own' : `the property ${properties[0] ?? ''}`;
      return notUnderstood(`procs=${request.slots}`, `asks for ${what} on top, which is not read yet`);
    }
    case 'not-understood':
      return request;
    default:
      return unreachable(request);
  }
}

function placementOf(values: Values): JobRequest {
  const memory = memoryOf(values);
  if (isNotUnderstood(memory)) return memory;
  // `neednodes` repeats `nodes`. Alone it is a queue's default, by which TORQUE then places the job.
  const nodes = values.get('nodes') ?? values.get('neednodes');
  const procs = values.get('procs');
  if (procs !== undefined) {
    if (nodes === undefined && !values.has('host')) return procsRequest(procs, memory);
    return notUnderstood(
      `nodes=${nodes ?? ''},procs=${procs}`,
      'asks for nodes and procs together, which qsub of 6.1.3 refuses',
    );
  }
  // Where nodes are asked for, `ncpus` is a queue's default that TORQUE does not look at.
  const parts = nodes === undefined ? bareParts(values.get('ncpus')) : parseNodes(nodes);
  if (isNotUnderstood(parts)) return parts;
  const placed = onHost(parts, values.get('host'));
  if (isNotUnderstood(placed)) return placed;
  const count = placed.reduce((sum, part) => sum + part.count, 0);
  return {
    kind: 'nodes',
    parts: placed,
    memMibPerNode: wholeMib(memory.ofJobMib / count),
    memMibPerSlot: wholeMib(memory.ofProcessMib),
    exclusive: false,
  };
}

function procsRequest(text: string, memory: Memory): JobRequest {
  const slots = countOf(text);
  if (slots === null) return notUnderstood(`procs=${text}`, noCount);
  return {
    kind: 'procs',
    slots,
    memMibPerSlot: wholeMib(Math.max(memory.ofJobMib / slots, memory.ofProcessMib)),
  };
}

/**
 * A job without `nodes` runs on one node: 6.1.3 says of it "1 requested, 0 available". `ncpus` is the
 * number of processors of a task that cannot span nodes; pbs_sched gives it one slot, Maui all of them.
 */
function bareParts(ncpus: string | undefined): readonly NodeRequest[] | NotUnderstood {
  const ppn = ncpus === undefined ? 1 : countOf(ncpus);
  if (ppn === null) return notUnderstood(`ncpus=${ncpus ?? ''}`, noCount);
  return [{ count: 1, ppn, gpus: 0, properties: [], host: null }];
}

/** `-l host=` names the host of a job of one node. */
function onHost(
  parts: readonly NodeRequest[],
  host: string | undefined,
): readonly NodeRequest[] | NotUnderstood {
  if (host === undefined) return parts;
  const [only, ...more] = parts;
  if (!isHostWord(host) || only === undefined || more.length > 0 || only.count > 1 || only.host !== null) {
    return notUnderstood(`host=${host}`, 'asks for a host beside other nodes, or for what is no host');
  }
  return [{ ...only, host: host.toLowerCase() }];
}
