/**
 * The nodes, from `pbsnodes -x`. One clear error or all nodes: a node left out would look deleted.
 * Elements of a node that we do not use are passed over, known to us or not.
 */
import { quote } from '@mesos-torque/common/text.ts';
import type { NodeStateWord, TorqueNode } from '../core/facts.ts';
import type { Outcome } from '../loop/ports.ts';
import { parseJobId } from './job-id.ts';
import { dataParser, parseWhole, required, valueError, wholeNumber, type OutputParser } from './parsing.ts';
import { parseSizeMib } from './sizes.ts';
import type { XmlReader } from './xml.ts';

/** The elements of a node that are read, as text; null where the node has none. */
type NodeElements = Record<(typeof elementNames)[number], string | null>;

const elementNames = [
  'name',
  'state',
  'np',
  'gpus',
  'properties',
  'note',
  'requestid',
  'jobs',
  'status',
  'mom_service_port',
  'mom_manager_port',
] as const;

/** 6.1.3 refuses more: "Illegal attribute or resource value". */
const npMax = 65_535;
const gpusMax = 1024;
const portMax = 65_535;
/** Names of nodes and of their properties, as 6.1.3 takes them; an address is a name too. */
const namePattern = /^[A-Za-z0-9._:-]{1,255}$/;

/** Parses what pbsnodes printed to standard output. Empty output is an empty list; see `dataParser`. */
export function parsePbsnodes(bytes: Uint8Array): Outcome<readonly TorqueNode[]> {
  return parseWhole(pbsnodesParser(), bytes);
}

/** The same, piece by piece while pbsnodes prints. */
export function pbsnodesParser(): OutputParser<readonly TorqueNode[]> {
  const nodes: TorqueNode[] = [];
  const names = new Set<string>();
  return dataParser(
    'pbsnodes',
    'Node',
    elementNames,
    (xml) => {
      const offset = xml.offset;
      const node = nodeOf(readElements(xml));
      if (names.has(node.name)) throw xml.errorAt(offset, `node ${node.name} is listed twice, again here`);
      names.add(node.name);
      nodes.push(node);
    },
    () => nodes,
  );
}

function readElements(xml: XmlReader): NodeElements {
  const node: NodeElements = {
    name: null,
    state: null,
    np: null,
    gpus: null,
    properties: null,
    note: null,
    requestid: null,
    jobs: null,
    status: null,
    mom_service_port: null,
    mom_manager_port: null,
  };
  while (xml.enter()) {
    const name = elementNames.find((known) => known === xml.name);
    if (name === undefined) {
      xml.skip();
      continue;
    }
    if (node[name] !== null) throw xml.errorAt(xml.offset, `<${name}> comes twice in one node, again with`);
    node[name] = xml.text();
  }
  return node;
}

function nodeOf(node: NodeElements): TorqueNode {
  const name = required('a node', 'name', node.name);
  if (!namePattern.test(name)) throw valueError('a node', 'name', name, 'is no name of a node');
  const record = `node ${name}`;
  return {
    name,
    np: wholeNumber(record, 'np', required(record, 'np', node.np), npMax),
    gpus: node.gpus === null ? 0 : wholeNumber(record, 'gpus', node.gpus, gpusMax),
    states: listOf(required(record, 'state', node.state)).map(stateWordOf),
    properties: listOf(node.properties ?? ''),
    note: node.note,
    requestId: node.requestid,
    jobs: jobsOf(record, node.jobs ?? ''),
    memMib: physicalMemoryOf(record, node.status ?? ''),
    momServicePort: portOf(record, 'mom_service_port', node.mom_service_port),
    momManagerPort: portOf(record, 'mom_manager_port', node.mom_manager_port),
    addresses: [],
  };
}

function listOf(text: string): readonly string[] {
  return text
    .split(',')
    .map((word) => word.trim())
    .filter((word) => word !== '');
}

function stateWordOf(word: string): NodeStateWord {
  switch (word) {
    case 'free':
    case 'down':
    case 'offline':
    case 'busy':
    case 'job-exclusive':
    case 'job-sharing':
    case 'reserve':
    case 'state-unknown':
      return word;
    case 'MOM-list-not-sent':
      return 'mom-list-not-sent';
    default:
      return 'other';
  }
}

/**
 * `0-1/92.head,3/95.head` (6.1.3) or `0/92.head,1/92.head` (4.2.10): slots, a slash, a job. Slots of
 * one job may themselves be a list (`0,2-3/92.head`), so the pieces before a slash are gathered.
 */
function jobsOf(record: string, text: string): TorqueNode['jobs'] {
  const slotsByJob = new Map<string, number>();
  let slots = 0;
  for (const piece of listOf(text)) {
    const match = /^(?<first>[0-9]{1,6})(?:-(?<last>[0-9]{1,6}))?(?:\/(?<job>.+))?$/.exec(piece);
    if (match === null) throw badJobs(record, text, piece);
    const { first, last, job } = match.groups ?? {};
    slots += Number(last ?? first) - Number(first) + 1;
    if (job === undefined) continue;
    if (slots < 1 || !parseJobId(job).ok) throw badJobs(record, text, piece);
    slotsByJob.set(job, (slotsByJob.get(job) ?? 0) + slots);
    slots = 0;
  }
  if (slots !== 0) throw badJobs(record, text, text);
  return Array.from(slotsByJob, ([jobId, count]) => ({ jobId, slots: count }));
}

function badJobs(record: string, text: string, piece: string): Error {
  return valueError(record, 'jobs', text, `is no list of slots and jobs, at ${quote(piece)}`);
}

/** `physmem=24684096kb` of the mom's status, in whole MiB, rounded down; null until the mom has reported. */
function physicalMemoryOf(record: string, status: string): number | null {
  const text = /(?:^|,)physmem=(?<size>[^,]*)/.exec(status)?.groups?.['size'];
  if (text === undefined) return null;
  const mib = parseSizeMib(text);
  if (mib === null) throw valueError(record, 'status', `physmem=${text}`, 'is not a size such as 512mb');
  return Math.floor(mib);
}

function portOf(record: string, element: string, value: string | null): number | null {
  return value === null ? null : wholeNumber(record, element, value, portMax);
}
