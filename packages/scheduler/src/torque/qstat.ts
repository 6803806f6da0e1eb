/**
 * The queue, from `qstat -f -x -t`. One clear error or the whole queue: a job left out would look like
 * one that is not there. Elements of a job that we do not use are passed over, known to us or not.
 */
import { quote } from '@mesos-torque/common/text.ts';
import type { JobFacts, JobState, QueueFacts } from '../core/facts.ts';
import type { Outcome } from '../loop/ports.ts';
import { rangeOf, slotLimitOf } from './array-range.ts';
import { extraNames, gpusByNode, holdsOf, noExtras, startsAfterMsOf, type JobExtras } from './job-facts.ts';
import { arrayOf, parseJobId } from './job-id.ts';
import { KnownJobs } from './known-jobs.ts';
import { dataParser, parseWhole, required, valueError, wholeNumber, type OutputParser } from './parsing.ts';
import { ResourceList } from './resource-list.ts';
import { KnownPieces } from './xml-texts.ts';
import { XmlError, type XmlReader } from './xml.ts';

/** The elements of a job that are read, as text; null where the job has none. */
interface JobElements extends JobExtras {
  Job_Id: string | null;
  Job_Name: string | null;
  Job_Owner: string | null;
  job_state: string | null;
  queue: string | null;
  comment: string | null;
  exec_host: string | null;
  ctime: string | null;
  qtime: string | null;
  etime: string | null;
  job_array_request: string | null;
  L_Request: string | null;
  /** `qsub -W x=…`. */
  x: string | null;
  node_exclusive: string | null;
  resources: ResourceList;
}

const elementNames = [
  'Job_Id',
  'Job_Name',
  'Job_Owner',
  'job_state',
  'queue',
  'comment',
  'exec_host',
  'ctime',
  'qtime',
  'etime',
  'job_array_request',
  'L_Request',
  'x',
  'node_exclusive',
  'Resource_List',
  ...extraNames,
] as const;

/** A time beyond this is no time: the year 5138. */
const timeSMax = 99_999_999_999;

/**
 * Parses what qstat printed to standard output. Empty output is an empty queue; whether qstat
 * succeeded is for the caller to know.
 */
export function parseQstat(bytes: Uint8Array): Outcome<QueueFacts> {
  return parseWhole(qstatParser(), bytes);
}

/** Resource lists that were met before. Shared by the readings of one queue, they let jobs stay what they were. */
export type KnownLists = KnownPieces<ResourceList>;

export function knownLists(): KnownLists {
  return new KnownPieces();
}

/** The same, piece by piece while qstat prints. Jobs that are as they were `before` are those very objects. */
export function qstatParser(
  before: readonly JobFacts[] = [],
  lists: KnownLists = knownLists(),
): OutputParser<QueueFacts> {
  const queue = new Queue();
  const known = new KnownJobs(before);
  return dataParser(
    'qstat',
    'Job',
    elementNames,
    (xml) => {
      const offset = xml.offset;
      const job = known.asBefore(jobOf(readElements(xml, lists)));
      if (!queue.add(job)) throw xml.errorAt(offset, `job ${job.id} is listed twice, again here`);
    },
    () => ({ jobs: queue.jobs() }),
  );
}

/** Collects the jobs; an array's own entry is a template where its elements are listed too, else it stands for them all. */
class Queue {
  readonly #jobs: JobFacts[] = [];
  readonly #ids = new Set<string>();
  /** Where the arrays' own entries are, by their ids. */
  readonly #arrays = new Map<string, number>();
  /** Arrays of which elements are listed. */
  readonly #expanded = new Set<string>();

  /** False when a job of that id is there already. */
  add(job: JobFacts): boolean {
    const before = this.#ids.size;
    this.#ids.add(job.id);
    if (this.#ids.size === before) return false;
    if (job.id.includes('[')) this.#addOfArray(job.id);
    this.#jobs.push(job);
    return true;
  }

  #addOfArray(text: string): void {
    const parsed = parseJobId(text);
    if (!parsed.ok) return;
    const array = arrayOf(parsed.id);
    if (array !== null) this.#expanded.add(array);
    else this.#arrays.set(text, this.#jobs.length);
  }

  jobs(): readonly JobFacts[] {
    for (const [id, index] of this.#arrays) {
      const facts = this.#jobs[index];
      if (facts !== undefined && this.#expanded.has(id))
        this.#jobs[index] = { ...facts, isArrayTemplate: true };
    }
    return this.#jobs;
  }
}

function readElements(xml: XmlReader, lists: KnownLists): JobElements {
  const job: JobElements = {
    Job_Id: null,
    Job_Name: null,
    Job_Owner: null,
    job_state: null,
    queue: null,
    comment: null,
    exec_host: null,
    ctime: null,
    qtime: null,
    etime: null,
    job_array_request: null,
    L_Request: null,
    x: null,
    node_exclusive: null,
    resources: ResourceList.empty,
    ...noExtras,
  };
  while (xml.enterWanted()) {
    switch (xml.name) {
      case 'Job_Id':
        job.Job_Id = textOnce(xml, job.Job_Id);
        break;
      case 'Job_Name':
        job.Job_Name = textOnce(xml, job.Job_Name);
        break;
      case 'Job_Owner':
        job.Job_Owner = textOnce(xml, job.Job_Owner);
        break;
      case 'job_state':
        job.job_state = textOnce(xml, job.job_state);
        break;
      case 'queue':
        job.queue = textOnce(xml, job.queue);
        break;
      case 'comment':
        job.comment = textOnce(xml, job.comment);
        break;
      case 'exec_host':
        job.exec_host = textOnce(xml, job.exec_host);
        break;
      case 'ctime':
        job.ctime = textOnce(xml, job.ctime);
        break;
      case 'qtime':
        job.qtime = textOnce(xml, job.qtime);
        break;
      case 'etime':
        job.etime = textOnce(xml, job.etime);
        break;
      case 'job_array_request':
        job.job_array_request = textOnce(xml, job.job_array_request);
        break;
      case 'L_Request':
        job.L_Request = textOnce(xml, job.L_Request);
        break;
      case 'x':
      case 'node_exclusive':
      case 'egroup':
      case 'Hold_Types':
      case 'depend':
      case 'Execution_Time':
      case 'exec_gpus':
        job[xml.name] = textOnce(xml, job[xml.name]);
        break;
      case 'Resource_List':
        readResources(xml, job, lists);
        break;
      default:
        xml.skip();
    }
  }
  return job;
}

function textOnce(xml: XmlReader, before: string | null): string {
  if (before !== null) throw xml.errorAt(xml.offset, `<${xml.name}> comes twice in one job, again with`);
  return xml.text();
}

/** Jobs ask for much the same: what is printed alike is read once. */
function readResources(xml: XmlReader, job: JobElements, lists: KnownLists): void {
  const offset = xml.offset;
  if (job.resources !== ResourceList.empty) {
    throw xml.errorAt(offset, '<Resource_List> comes twice in one job, again with');
  }
  job.resources = xml.recall(lists, () => ResourceList.read(xml));
}

function jobOf(job: JobElements): JobFacts {
  const id = idOf(required('a job', 'Job_Id', job.Job_Id));
  const record = `job ${id}`;
  return {
    id,
    name: required(record, 'Job_Name', job.Job_Name),
    owner: ownerOf(required(record, 'Job_Owner', job.Job_Owner)),
    queue: required(record, 'queue', job.queue),
    state: stateOf(record, required(record, 'job_state', job.job_state)),
    request: job.resources.requestOf({
      taskRequest: job.L_Request,
      extension: job.x,
      isExclusive: job.node_exclusive === 'True',
    }),
    counted: job.resources.counted,
    group: job.egroup ?? '',
    holds: holdsOf(job.Hold_Types),
    depend: job.depend === '' ? null : job.depend,
    startsAfterMs: startsAfterMsOf(record, job.Execution_Time),
    execGpus: gpusByNode(record, job.exec_gpus),
    walltimeS: walltimeOf(record, job),
    comment: job.comment,
    execNodes: execNodesOf(record, job.exec_host),
    queuedAtMs: queuedAtMsOf(record, job),
    arraySlotLimit: slotLimitOf(record, job.job_array_request),
    arrayRange: rangeOf(record, job.job_array_request),
    isArrayTemplate: false,
  };
}

/** Most ids are a number and the server's name. */
const plainId = /^[0-9]{1,12}\.[A-Za-z0-9._-]{1,255}$/;

function idOf(text: string): string {
  if (plainId.test(text)) return text;
  const parsed = parseJobId(text);
  if (!parsed.ok) throw new XmlError(`a job: <Job_Id> ${parsed.error}`);
  return text;
}

/** `alice@head.example.org` → `alice`. */
function ownerOf(owner: string): string {
  const at = owner.lastIndexOf('@');
  return at < 0 ? owner : owner.slice(0, at);
}

function stateOf(record: string, letter: string): JobState {
  switch (letter) {
    case 'Q':
      return 'queued';
    case 'H':
      return 'held';
    case 'W':
      return 'waiting';
    case 'R':
      return 'running';
    case 'E':
      return 'exiting';
    case 'S':
      return 'suspended';
    case 'T':
      return 'transit';
    case 'C':
      return 'complete';
    default:
      throw valueError(record, 'job_state', letter, 'is none of Q, H, W, R, E, S, T, C');
  }
}

function walltimeOf(record: string, { resources }: JobElements): number | null {
  const { walltime } = resources;
  if (walltime.kind === 'wrong') {
    throw valueError(record, 'walltime', walltime.text, 'is not a time such as 01:00:00');
  }
  return walltime.kind === 'none' ? null : walltime.seconds;
}

/** `etime` is when the job became eligible; an array's own entry has no `qtime`, a held job no `etime`. */
function queuedAtMsOf(record: string, job: JobElements): number {
  for (const name of ['etime', 'qtime', 'ctime'] as const) {
    const value = job[name];
    if (value !== null) return wholeNumber(record, name, value, timeSMax) * 1000;
  }
  return Number(required(record, 'ctime', null));
}

/** `node3/0-1+node2/0-1` → the names, each once, in their order. */
function execNodesOf(record: string, execHost: string | null): readonly string[] {
  if (execHost === null || execHost === '') return [];
  const names = execHost.split('+').map((place) => {
    const match = /^(?<name>[A-Za-z0-9._-]{1,255})\/[0-9][0-9,-]*$/.exec(place);
    if (match === null) {
      throw valueError(record, 'exec_host', execHost, `is no list of nodes and slots, at ${quote(place)}`);
    }
    return match.groups?.['name'] ?? '';
  });
  return [...new Set(names)];
}
