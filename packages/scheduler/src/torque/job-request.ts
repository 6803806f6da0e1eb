/**
 * What a job asks for: its `Resource_List` as a request that the planner can place. What is not
 * understood is named, never guessed at: a job read wrongly would get nodes that it cannot use.
 */
import { grouped } from '@mesos-torque/common/units.ts';
import { quote } from '@mesos-torque/common/text.ts';
import type { JobRequest, NodeRequest } from '../core/facts.ts';
import { parseSizeMib, sizeMibMax } from './sizes.ts';

/** The entries of `Resource_List`, in the order printed, and the job's `-L` request if it has one. */
export interface Requested {
  readonly resources: readonly { readonly name: string; readonly value: string }[];
  /** `L_Request` (6.1): `-L tasks=2:lprocs=1`. */
  readonly taskRequest: string | null;
}

type NotUnderstood = Extract<JobRequest, { kind: 'not-understood' }>;

/** Larger counts than any cluster has; TORQUE itself ends at 65,535 slots of a node. */
const countMax = 1_000_000;
const partsMax = 10_000;
const textCharsMax = 200;

const noCount = `is not a number from 1 to ${grouped(countMax)}`;

/** Entries that say nothing about which nodes a job fits on. `nodect` and `neednodes` repeat `nodes`. */
const withoutInfluence: ReadonlySet<string> = new Set([
  'nodect',
  'neednodes',
  'procct',
  'walltime',
  'cput',
  'pcput',
  'file',
  'nice',
  'other',
  'prologue',
  'epilogue',
]);

const understood: ReadonlySet<string> = new Set(['nodes', 'procs', 'ncpus', 'mem', 'pmem', 'vmem', 'pvmem']);

/**
 * Reads the request of one job. Never fails: what cannot be read becomes `not-understood`, whose `why`
 * goes on where its `text` ends: `"size=64" asks for …`.
 */
export function parseJobRequest(requested: Requested): JobRequest {
  if (requested.taskRequest !== null) {
    return notUnderstood(requested.taskRequest, 'is a request by task, which is not read yet');
  }
  const values = new Map<string, string>();
  for (const { name, value } of requested.resources) {
    if (withoutInfluence.has(name)) continue;
    if (!understood.has(name)) {
      return notUnderstood(`${name}=${value}`, `asks for the resource ${quote(name)}, which is not read yet`);
    }
    values.set(name, value);
  }
  return placementOf(values);
}

function placementOf(values: ReadonlyMap<string, string>): JobRequest {
  const memory = memoryOf(values);
  if ('kind' in memory) return memory;
  const nodes = values.get('nodes');
  const procs = values.get('procs');
  if (procs !== undefined) {
    if (nodes !== undefined) {
      return notUnderstood(
        `nodes=${nodes},procs=${procs}`,
        'asks for nodes and procs together, which is not read yet',
      );
    }
    return procsRequest(procs, memory);
  }
  // Where `nodes` is given, `ncpus` is a queue's default that TORQUE does not look at.
  const parts = nodes === undefined ? bareParts(values.get('ncpus')) : parseNodes(nodes);
  return 'kind' in parts ? parts : { kind: 'nodes', parts, memMibPerNode: memMibPerNode(memory, parts) };
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
 * number of processors of a task that cannot span nodes.
 */
function bareParts(ncpus: string | undefined): readonly NodeRequest[] | NotUnderstood {
  const ppn = ncpus === undefined ? 1 : countOf(ncpus);
  if (ppn === null) {
    return notUnderstood(`ncpus=${ncpus ?? ''}`, noCount);
  }
  return [{ count: 1, ppn, gpus: 0, properties: [], host: null }];
}

/** The value of `-l nodes=`: `4:ppn=8:bigmem+node7.example.org:ppn=2`. */
export function parseNodes(text: string): readonly NodeRequest[] | NotUnderstood {
  const odd = /[#[\](){}|&^%!*\s]/.exec(text);
  if (odd !== null) return notUnderstood(text, `has ${quote(odd[0])} in it, which is not read yet`);
  const pieces = text.split('+');
  if (pieces.length > partsMax) return notUnderstood(text, `has more than ${grouped(partsMax)} parts`);
  const parts: NodeRequest[] = [];
  for (const piece of pieces) {
    const part = parsePart(piece);
    if ('kind' in part) return part;
    parts.push(part);
  }
  return parts;
}

function parsePart(piece: string): NodeRequest | NotUnderstood {
  const [first = '', ...others] = piece.split(':');
  const isCount = /^[0-9]+$/.test(first);
  const count = isCount ? countOf(first) : 1;
  if (count === null) return notUnderstood(piece, noCount);
  // TORQUE takes a node's name for one of its properties, so only the form tells them apart: a name
  // with a dot is a host, a bare word is a property.
  const isHost = !isCount && first.includes('.');
  if (isHost && !isWord(first))
    return notUnderstood(piece, `has ${quote(first)} in it, which is no host name`);
  let part: NodeRequest = {
    count,
    ppn: 1,
    gpus: 0,
    properties: [],
    host: isHost ? first.toLowerCase() : null,
  };
  for (const element of isCount || isHost ? others : [first, ...others]) {
    const next = withElement(part, element);
    if ('kind' in next) return notUnderstood(piece, next.why);
    part = next;
  }
  return part;
}

/** Modes of a gpu, which follow `gpus=`; they look like properties. */
const gpuModes: ReadonlySet<string> = new Set([
  'exclusive_thread',
  'exclusive',
  'exclusive_process',
  'default',
  'shared',
  'reseterr',
]);

function withElement(part: NodeRequest, element: string): NodeRequest | NotUnderstood {
  const [key = '', value, ...more] = element.split('=');
  if (value === undefined) return withProperty(part, element);
  const count = more.length === 0 ? countOf(value) : null;
  if (key !== 'ppn' && key !== 'gpus')
    return notUnderstood(element, `has ${quote(element)} in it, which is not read yet`);
  if (count === null) {
    return notUnderstood(element, `has ${quote(element)} in it, which ${noCount}`);
  }
  return key === 'ppn' ? { ...part, ppn: count } : { ...part, gpus: count };
}

function withProperty(part: NodeRequest, property: string): NodeRequest | NotUnderstood {
  if (part.gpus > 0 && gpuModes.has(property)) {
    return notUnderstood(property, `has the gpu mode ${quote(property)} in it, which is not read yet`);
  }
  if (!isWord(property) || /^[0-9]+$/.test(property)) {
    return notUnderstood(property, `has ${quote(property)} in it, which is no property`);
  }
  return { ...part, properties: [...part.properties, property] };
}

/** What the job asks for as memory, in MiB: as a whole, and per process. 0 where it does not. */
interface Memory {
  readonly ofJobMib: number;
  readonly ofProcessMib: number;
}

/**
 * `mem` is taken for the physical and `vmem` for the virtual memory of all processes of the job
 * together, `pmem` and `pvmem` for that of any one process, as users of TORQUE understand them; no
 * recording shows how a scheduler spreads them. A job has as many processes on a node as slots. Virtual memory is an upper bound of the physical, so
 * it stands in only where no physical memory is asked for.
 */
function memoryOf(values: ReadonlyMap<string, string>): Memory | NotUnderstood {
  const mib: Record<'mem' | 'pmem' | 'vmem' | 'pvmem', number> = { mem: 0, pmem: 0, vmem: 0, pvmem: 0 };
  for (const name of ['mem', 'pmem', 'vmem', 'pvmem'] as const) {
    const text = values.get(name);
    if (text === undefined) continue;
    const size = parseSizeMib(text);
    if (size === null) return notUnderstood(`${name}=${text}`, 'is not a size such as 512mb, up to 1 EiB');
    mib[name] = size;
  }
  return mib.mem > 0 || mib.pmem > 0
    ? { ofJobMib: mib.mem, ofProcessMib: mib.pmem }
    : { ofJobMib: mib.vmem, ofProcessMib: mib.pvmem };
}

/** Memory of the whole job is divided over its nodes, rounding up; the largest part sets the pace. */
function memMibPerNode(memory: Memory, parts: readonly NodeRequest[]): number {
  const nodes = parts.reduce((sum, part) => sum + part.count, 0);
  const ppnMax = Math.max(...parts.map((part) => part.ppn));
  return wholeMib(Math.max(memory.ofJobMib / nodes, memory.ofProcessMib * ppnMax));
}

/** Rounded up. More than any machine has is as impossible as any other such amount, and stays exact. */
function wholeMib(mib: number): number {
  return Math.min(Math.ceil(mib), sizeMibMax);
}

function countOf(text: string): number | null {
  if (!/^[0-9]{1,7}$/.test(text)) return null;
  const count = Number(text);
  return count >= 1 && count <= countMax ? count : null;
}

function isWord(text: string): boolean {
  return /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,252}$/.test(text);
}

function notUnderstood(text: string, why: string): NotUnderstood {
  const shown = text.length <= textCharsMax ? text : `${text.slice(0, textCharsMax)}…`;
  return { kind: 'not-understood', text: shown, why };
}
