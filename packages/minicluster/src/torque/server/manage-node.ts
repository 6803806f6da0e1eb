/** `create`, `delete` and `set node` of qmgr. */
import type { Directive } from '../shared/attribute.ts';
import { resolveHost } from '../shared/hosts.ts';
import { PbsError } from '../shared/pbs-error.ts';
import { complete } from './lifecycle.ts';
import type { Job, Node } from './model.ts';
import { callMom, motherSuperior } from './mom-calls.ts';
import type { HostListSender } from './host-list.ts';
import type { Server } from './server.ts';
import { trustKey } from './server.ts';

/** 6.1.3 refuses more with "Illegal attribute or resource value". */
const npMax = 65_535;

export function createNode(
  server: Server,
  hostLists: HostListSender,
  name: string,
  directives: readonly Directive[],
): void {
  const address = resolveHost(server.hosts(), name);
  if (address === null) throw new PbsError(15064);
  if (server.node(name) !== null) throw new PbsError(15068);
  const node: Node = {
    name,
    address,
    np: 1,
    properties: [],
    note: null,
    requestId: null,
    ttl: null,
    servicePort: 15002,
    managerPort: 15003,
    offline: false,
    down: true,
    busy: false,
    listSent: false,
    status: null,
    statusAtMs: null,
  };
  // At creation 6.1.3 takes only the first value of a property list that is built with `+=`.
  for (const directive of directives) if (directive.op !== '+=') setNodeAttribute(node, directive);
  server.db.nodes.push(node);
  server.db.everHadNode = true;
  server.trusted.set(trustKey(node), node.name);
  server.changed();
  hostLists.listChanged();
}

export function setNode(server: Server, user: string, name: string, directives: readonly Directive[]): void {
  const manages = directives.some((d) => d.name !== 'state' && d.name !== 'note');
  if (manages) server.requireManager(user);
  else server.requireOperator(user);
  const node = server.node(name);
  if (node === null) throw new PbsError(15064);
  const before = trustKey(node);
  const draft: Node = { ...node, properties: [...node.properties] };
  for (const directive of directives) setNodeAttribute(draft, directive);
  Object.assign(node, draft);
  if (trustKey(node) !== before) {
    server.trusted.delete(before);
    server.trusted.set(trustKey(node), node.name);
  }
  server.changed();
}

function setNodeAttribute(node: Node, directive: Directive): void {
  const { name, op, value } = directive;
  const clear = op === 'unset' || value === '';
  switch (name) {
    case 'np':
      node.np = wholeNumber(value, npMax);
      return;
    case 'mom_service_port':
      node.servicePort = wholeNumber(value, 65_535);
      return;
    case 'mom_manager_port':
      node.managerPort = wholeNumber(value, 65_535);
      return;
    case 'properties':
      node.properties = changedList(node.properties, directive);
      return;
    case 'note':
      node.note = clear ? null : value;
      return;
    case 'requestid':
      node.requestId = clear ? null : value;
      return;
    case 'TTL':
      node.ttl = clear ? null : futureDate(value);
      return;
    case 'ntype':
      if (value !== 'cluster') throw new PbsError(15016);
      return;
    case 'state':
      setState(node, directive);
      return;
    case 'jobs':
    case 'status':
    case 'power_state':
      throw new PbsError(15003, undefined, name);
    default:
      throw new PbsError(15002, undefined, name);
  }
}

/** Refused until the list of hosts was sent: an offline set before then would be lost. */
function setState(node: Node, directive: Directive): void {
  if (!node.listSent) throw new PbsError(15155);
  const words = directive.value.split(',');
  if (words.some((word) => !['offline', 'down', 'free'].includes(word))) throw new PbsError(15016);
  switch (directive.op) {
    case '=':
      node.offline = words.includes('offline');
      if (words.includes('down')) node.down = true;
      if (words.includes('free')) node.down = false;
      return;
    case '+=':
      if (words.includes('offline')) node.offline = true;
      if (words.includes('down')) node.down = true;
      return;
    case '-=':
      if (words.includes('offline')) node.offline = false;
      if (words.includes('down')) node.down = false;
      return;
    case 'unset':
      throw new PbsError(15016);
  }
}

/** pbsnodes: an offline set before the list of hosts was sent is taken, and lost when the list goes out. */
export function markNode(
  server: Server,
  user: string,
  name: string,
  mark: 'offline' | 'clear' | 'reset' | 'none',
  note: string | null,
): void {
  server.requireOperator(user);
  const node = server.node(name);
  if (node === null) throw new PbsError(15064);
  if (note !== null) node.note = note === '' ? null : note;
  if (mark === 'offline') node.offline = true;
  if (mark === 'clear' || mark === 'reset') node.offline = false;
  server.changed();
}

function changedList(list: readonly string[], { op, value }: Directive): string[] {
  const words = value.split(',').filter((word) => word !== '');
  switch (op) {
    case '=':
      return words;
    case '+=':
      return [...list, ...words.filter((word) => !list.includes(word))];
    case '-=':
      return list.filter((word) => !words.includes(word));
    case 'unset':
      return [];
  }
}

function wholeNumber(text: string, max: number): number {
  if (!/^\d{1,6}$/.test(text) || Number(text) < 1 || Number(text) > max) throw new PbsError(15016);
  return Number(text);
}

/** Stored and shown; nothing happens when it passes. One in the past is refused. */
function futureDate(text: string): string {
  const at = Date.parse(text);
  if (Number.isNaN(at) || at <= Date.now()) throw new PbsError(15016);
  return text;
}

/**
 * Takes 2 s, and 4 s for an offline node with a job, which is requeued. A busy node that is not
 * offline is the trap: qmgr hangs, the job is started once more, then forgotten; its processes stay.
 */
export async function deleteNode(server: Server, hostLists: HostListSender, name: string): Promise<void> {
  const node = server.node(name);
  if (node === null) throw new PbsError(15064);
  const jobs = server.jobList.filter(
    (job) => job.state === 'R' && job.exec.some((part) => part.node === name),
  );
  if (jobs.length > 0 && !node.offline) await forgetJobs(server, jobs);
  else if (jobs.length > 0) await requeueJobs(server, jobs);
  await pause(server.settings.deleteNodeMs);
  const i = server.db.nodes.indexOf(node);
  if (i < 0) throw new PbsError(15064);
  server.db.nodes.splice(i, 1);
  server.trusted.delete(trustKey(node));
  server.changed();
  hostLists.listChanged();
}

async function forgetJobs(server: Server, jobs: readonly Job[]): Promise<void> {
  for (const job of jobs) job.startCount++;
  await pause(server.settings.deleteBusyNodeMs);
  for (const job of jobs) {
    complete(server, job, null);
    server.jobs.delete(job.id);
  }
}

async function requeueJobs(server: Server, jobs: readonly Job[]): Promise<void> {
  for (const job of jobs) {
    job.ending = 'requeued';
    const mom = motherSuperior(server, job);
    const reply = mom === null ? null : await callMom(mom, { op: 'end-job', id: job.id });
    // 6.1.3 forgets the jobs of a mom that cannot be reached.
    if (reply?.kind !== 'ok') {
      complete(server, job, null);
      server.jobs.delete(job.id);
    }
  }
  await pause(server.settings.requeueOnDeleteMs);
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
