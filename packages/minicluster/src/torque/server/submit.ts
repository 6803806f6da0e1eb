/** qsub's request: what 6.1.3 accepts and with which words it refuses. */
import type { Submission } from '../shared/api.ts';
import { PbsError } from '../shared/pbs-error.ts';
import { parseDuration } from '../shared/times.ts';
import { createArray } from './array.ts';
import { dropMet, parseDependencies } from './dependencies.ts';
import { enqueue } from './enqueue.ts';
import type { Job, Queue, Role } from './model.ts';
import { isTrue, settingOf } from './model.ts';
import { nodesOf, parseNodeRequest, slotsOf } from './node-request.ts';
import { place } from './placement.ts';
import type { Server } from './server.ts';

const knownResources = [
  'nodes', 'procs', 'ncpus', 'mem', 'pmem', 'vmem', 'pvmem', 'walltime', 'cput', 'pcput', 'file', 'nice',
  'arch', 'opsys', 'host', 'size', 'software', 'other', 'neednodes', 'nodect', 'gres', 'feature', 'qos',
  'naccesspolicy', 'partition', 'prologue', 'epilogue',
]; // prettier-ignore

const noFeasibleNodes =
  'cannot locate feasible nodes (nodes file is empty, all systems are busy, or no nodes have the requested feature)';

/** The id of the new job; refused submissions use ids up, too. */
export function submit(server: Server, user: string, submission: Submission): string {
  const seq = server.db.nextJobNumber++;
  server.changed();
  const queue = findQueue(server, submission.queue);
  checkNames(submission);
  const resources = completeResources(server, queue, submission);
  checkFeasible(server, queue, resources);
  checkLimits(queue, resources);
  if (!isTrue(settingOf(queue.settings, 'enabled'))) throw new PbsError(15023);
  const dependencies = dropMet(server, parseDependencies(server, submission.depend));
  const draft = draftJob(server, user, submission, seq, queue, resources);
  draft.dependencies = dependencies;
  if (submission.arrayRequest !== null) return createArray(server, draft, submission.arrayRequest);
  enqueue(server, draft);
  server.wantCycle();
  return draft.id;
}

function findQueue(server: Server, name: string | null): Queue {
  const wanted = name ?? server.setting('default_queue');
  if (wanted === null) throw new PbsError(15039, 'requested queue not found');
  const queue = server.queue(wanted);
  if (queue === null) throw new PbsError(15020, 'requested queue not found');
  return queue;
}

function checkNames(submission: Submission): void {
  for (const [name] of submission.resources) {
    if (!knownResources.includes(name)) throw new PbsError(15037, undefined, `Resource_List.${name}`);
  }
}

/** nodect and neednodes follow from nodes; then the queue's and the server's defaults. */
function completeResources(
  server: Server,
  queue: Queue,
  submission: Submission,
): (readonly [string, string])[] {
  const resources = [...submission.resources];
  const nodes = resources.find(([name]) => name === 'nodes')?.[1];
  if (nodes !== undefined) {
    const parts = parseNodeRequest(nodes);
    if (parts === null) throw new PbsError(15131, 'Invalid Syntax');
    resources.push(['nodect', String(nodesOf(parts))], ['neednodes', nodes]);
  }
  for (const s of [...queue.settings, ...server.db.settings]) {
    if (s.name !== 'resources_default' || s.resource === null) continue;
    const known = s.resource;
    if (!resources.some(([name]) => name === known)) resources.push([known, s.value]);
  }
  return resources;
}

/**
 * Whether the cluster as it is could ever run it. The server remembers resources_available.nodect
 * from here on; a request that is only a number and at most that large is not looked at further.
 */
function checkFeasible(
  server: Server,
  queue: Queue,
  resources: readonly (readonly [string, string])[],
): void {
  server.nodectRemembered = server.nodectForgotten
    ? 0
    : Number(server.setting('resources_available', 'nodect') ?? 0);
  const nodes = resources.find(([name]) => name === 'nodes')?.[1];
  const parts = nodes === undefined ? null : parseNodeRequest(nodes);
  if (nodes === undefined || parts === null || isTrue(settingOf(queue.settings, 'is_transit'))) return;
  if (/^\d+$/.test(nodes) && Number(nodes) <= server.nodectRemembered) return;
  if (place(parts, server.db.nodes, server.jobList, server.nodectRemembered).kind === 'never') {
    throw new PbsError(15038, noFeasibleNodes);
  }
  const allSlots = server.db.nodes.reduce((sum, node) => sum + node.np, 0);
  if (slotsOf(parts) > allSlots) {
    throw new PbsError(
      15038,
      'cannot locate feasible nodes (nodes file is empty or requested nodes exceed all systems)',
    );
  }
}

/** resources_max of the queue. */
function checkLimits(queue: Queue, resources: readonly (readonly [string, string])[]): void {
  for (const [name, value] of resources) {
    const limit = settingOf(queue.settings, 'resources_max', name);
    if (limit !== null && amountOf(value) > amountOf(limit)) {
      throw new PbsError(15038, `cannot satisfy queue max ${name} requirement`);
    }
  }
}

/** Numbers, sizes (in kb) and durations (in seconds), to compare two of a kind. */
export function amountOf(text: string): number {
  const size = /^(\d+)(b|kb|mb|gb|tb)$/i.exec(text);
  if (size !== null) {
    const powers = ['b', 'kb', 'mb', 'gb', 'tb'].indexOf((size[2] ?? '').toLowerCase());
    return Number(size[1]) * 1024 ** (powers - 1);
  }
  return parseDuration(text) ?? Number(text);
}

function draftJob(
  server: Server,
  user: string,
  from: Submission,
  seq: number,
  queue: Queue,
  resources: (readonly [string, string])[],
): Job {
  const role: Role = { kind: 'single' };
  const file = (letter: string): string => `${from.submitHost}:${from.workDir}/${from.name}.${letter}${seq}`;
  const variables = [`PBS_O_QUEUE=${queue.name}`, ...from.variables];
  return {
    id: `${seq}.${server.settings.serverName}`,
    seq,
    role,
    name: from.name,
    owner: user,
    submitHost: from.submitHost,
    queue: queue.name,
    script: from.script,
    submitArgs: from.submitArgs,
    variables,
    resources,
    lRequest: from.lRequest,
    account: from.account,
    shell: from.shell,
    join: from.join,
    keep: from.keep,
    mailPoints: from.mailPoints,
    priority: from.priority,
    rerunable: from.rerunable,
    outputPath: from.outputPath ?? file('o'),
    errorPath: from.errorPath ?? file('e'),
    workDir: from.workDir,
    queueRank: server.db.nextQueueRank++,
    ctimeS: server.nowS,
    qtimeS: server.nowS,
    executionTimeS: from.executionTimeS,
    state: 'Q',
    holds: from.hold ? ['u'] : [],
    dependencies: [],
    comment: null,
    mtimeS: server.nowS,
    etimeS: null,
    exec: [],
    sessionId: null,
    startCount: 0,
    startMs: null,
    exitStatus: null,
    used: null,
    completedMs: null,
    totalRuntimeS: null,
    ending: 'no',
  };
}
