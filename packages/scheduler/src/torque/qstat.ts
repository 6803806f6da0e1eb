/**
 * The queue, from `qstat -f -x -t`. One clear error or the whole queue: a job left out would look like
 * one that is not there. Elements of a job that we do not use are passed over, known to us or not.
 */
import { quote } from '@mesos-torque/common/text.ts';
import type { JobFacts, JobState, QueueFacts } from '../core/facts.ts';
import type { Outcome } from '../loop/ports.ts';
import { arrayOf, parseJobId, type JobId } from './job-id.ts';
import { parseJobRequest } from './job-request.ts';
import { parseData, required, valueError, wholeNumber } from './parsing.ts';
import { parseTimeS } from './sizes.ts';
import { XmlError, type XmlReader } from './xml.ts';

/** The elements of a job that are read, as text; null where the job has none. */
interface JobElements {
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
  resources: { name: string; value: string }[];
}

/** A time beyond this is no time: the year 5138. */
const timeSMax = 99_999_999_999;
const slotLimitMax = 10_000_000;
const resourcesMax = 200;

/**
 * Parses what qstat printed to standard output. Empty output is an empty queue; whether qstat
 * succeeded is for the caller to know.
 */
export function parseQstat(bytes: Uint8Array): Outcome<QueueFacts> {
  const jobs = new Map<string, ParsedJob>();
  const parsed = parseData('qstat', 'Job', bytes, (xml) => {
    const offset = xml.offset;
    const job = jobOf(readElements(xml));
    if (jobs.has(job.id.text)) throw xml.errorAt(offset, `job ${job.id.text} is listed twice, again here`);
    jobs.set(job.id.text, job);
  });
  return parsed.ok ? { ok: true, value: { jobs: withTemplates(jobs) } } : parsed;
}

interface ParsedJob {
  readonly id: JobId;
  readonly facts: JobFacts;
}

/** An array's own entry is a template where its elements are listed too, else it stands for them all. */
function withTemplates(jobs: ReadonlyMap<string, ParsedJob>): readonly JobFacts[] {
  const arrays = new Set([...jobs.values()].map(({ id }) => arrayOf(id)));
  return [...jobs.values()].map(({ id, facts }) =>
    arrays.has(id.text) ? { ...facts, isArrayTemplate: true } : facts,
  );
}

function readElements(xml: XmlReader): JobElements {
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
    resources: [],
  };
  while (xml.enter()) {
    switch (xml.name) {
      case 'Job_Id':
      case 'Job_Name':
      case 'Job_Owner':
      case 'job_state':
      case 'queue':
      case 'comment':
      case 'exec_host':
      case 'ctime':
      case 'qtime':
      case 'etime':
      case 'job_array_request':
      case 'L_Request':
        readOnce(xml, job, xml.name);
        break;
      case 'Resource_List':
        readResources(xml, job);
        break;
      default:
        xml.skip();
    }
  }
  return job;
}

function readOnce(xml: XmlReader, job: JobElements, name: Exclude<keyof JobElements, 'resources'>): void {
  const offset = xml.offset;
  if (job[name] !== null) throw xml.errorAt(offset, `<${name}> comes twice in one job, again with`);
  job[name] = xml.text();
}

function readResources(xml: XmlReader, job: JobElements): void {
  const offset = xml.offset;
  while (xml.enter()) {
    const name = xml.name;
    if (job.resources.length === resourcesMax || job.resources.some((known) => known.name === name)) {
      throw xml.errorAt(offset, `<${name}> is too much in one <Resource_List>, which begins`);
    }
    job.resources.push({ name, value: xml.text() });
  }
}

function jobOf(job: JobElements): ParsedJob {
  const parsedId = parseJobId(required('a job', 'Job_Id', job.Job_Id));
  if (!parsedId.ok) throw new XmlError(`a job: <Job_Id> ${parsedId.error}`);
  const { id } = parsedId;
  const record = `job ${id.text}`;
  const facts: JobFacts = {
    id: id.text,
    name: required(record, 'Job_Name', job.Job_Name),
    owner: ownerOf(required(record, 'Job_Owner', job.Job_Owner)),
    queue: required(record, 'queue', job.queue),
    state: stateOf(record, required(record, 'job_state', job.job_state)),
    request: parseJobRequest({ resources: job.resources, taskRequest: job.L_Request }),
    walltimeS: walltimeOf(record, job),
    comment: job.comment,
    execNodes: execNodesOf(record, job.exec_host),
    queuedAtMs: queuedAtMsOf(record, job),
    arraySlotLimit: slotLimitOf(record, job.job_array_request),
    isArrayTemplate: false,
  };
  return { id, facts };
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

function walltimeOf(record: string, job: JobElements): number | null {
  const text = job.resources.find(({ name }) => name === 'walltime')?.value;
  if (text === undefined) return null;
  const seconds = parseTimeS(text);
  if (seconds === null) throw valueError(record, 'walltime', text, 'is not a time such as 01:00:00');
  return seconds;
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

/** `1-5%2` → 2; null without a limit. */
function slotLimitOf(record: string, request: string | null): number | null {
  const percent = request?.indexOf('%') ?? -1;
  if (request === null || percent < 0) return null;
  return wholeNumber(record, 'job_array_request', request.slice(percent + 1), slotLimitMax);
}
