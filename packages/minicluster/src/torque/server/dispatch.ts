/** Who asks what: every request of pbs_server in one place. */
import type { ServerRequest } from '../shared/api.ts';
import type { Status } from '../shared/attribute.ts';
import { PbsError } from '../shared/pbs-error.ts';
import type { Connection } from '../shared/wire.ts';
import { unreachable } from '@mesos-torque/common/units.ts';
import { elementsOf } from './array.ts';
import type { HostListSender } from './host-list.ts';
import { jobStatus } from './job-status.ts';
import { changeHolds, deleteJob, findJob, jobEnded, jobStarted, rerunJob, runJob } from './lifecycle.ts';
import { createNode, deleteNode, markNode, setNode } from './manage-node.ts';
import { createQueue, deleteQueue, setQueue, setServer } from './manage-settings.ts';
import type { Job } from './model.ts';
import { nodeStatus } from './node-status.ts';
import type { CycleCaller } from './scheduling.ts';
import { checkNodes, schedView } from './scheduling.ts';
import type { Server } from './server.ts';
import { queueStatus, serverStatus } from './settings-status.ts';
import { submit } from './submit.ts';

export interface Services {
  readonly server: Server;
  readonly hostLists: HostListSender;
  readonly cycles: CycleCaller;
  readonly shutDown: () => void;
}

/** 6.1.3 lists only so many elements of an array, whatever its size (`moab_array_compatible`). */
const listedElementsMax = 300;

export async function dispatch(
  services: Services,
  request: ServerRequest,
  connection: Connection,
): Promise<unknown> {
  const { server, hostLists } = services;
  switch (request.op) {
    case 'submit':
      return submit(server, request.user, request.job);
    case 'stat-jobs':
      return listedJobs(server, request.id, request.expandArrays).map((job) =>
        jobStatus(job, server.jobs, server.settings.serverName, server.nowMs),
      );
    case 'stat-queues':
      return statQueues(server, request.user, request.name);
    case 'stat-server':
      return [serverStatus(server.db, server.jobList, server.settings.serverName, '1 0 0')];
    case 'stat-nodes':
      return statNodes(server, request.name);
    case 'manage':
      return manage(services, request);
    case 'mark-node':
      markNode(server, request.user, request.name, request.mark, request.note);
      return null;
    case 'delete-job':
      return deleteJob(server, request.user, request.id, request.purge);
    case 'rerun-job':
      await rerunJob(server, request.user, request.id, request.force);
      return null;
    case 'hold-job':
      changeHolds(server, request.user, request.id, request.holds, 'hold');
      return null;
    case 'release-job':
      changeHolds(server, request.user, request.id, request.holds, 'release');
      return null;
    case 'run-job':
      return runAsked(server, request.user, request.id, request.hosts);
    case 'shutdown':
      if (!server.isOperator(request.user)) throw new PbsError(15007);
      services.shutDown();
      return null;
    case 'sched-attach':
      services.cycles.attach(connection);
      return null;
    case 'sched-view':
      return schedView(server);
    case 'check-nodes':
      return checkNodes(server, request.spec);
    case 'comment-job':
      commentJob(server, request.id, request.comment);
      return null;
    case 'mom-status':
      return hostLists.report(request);
    case 'mom-down':
      hostLists.momDown(request);
      return null;
    case 'job-started':
      jobStarted(server, request.id, request.sessionId);
      return null;
    case 'job-ended':
      jobEnded(server, request.id, request.end);
      return null;
    case 'jobs-known':
      return request.ids.filter((id) => server.jobs.get(id)?.state === 'R');
    default:
      return unreachable(request);
  }
}

/** Without `-t` arrays are one entry, with it their elements; a job that is named is shown in any case. */
function listedJobs(server: Server, id: string | null, expandArrays: boolean): Job[] {
  if (id !== null) {
    const job = server.job(id);
    if (job === null) throw new PbsError(15001, undefined, server.fullId(id));
    return expandArrays && job.role.kind === 'template'
      ? elementsOf(server, job.id).slice(0, listedElementsMax)
      : [job];
  }
  const listed = new Map<string, number>();
  return server.jobList.filter((job) => {
    if (job.role.kind === 'single') return true;
    if (job.role.kind === 'template') return !expandArrays;
    const before = listed.get(job.role.templateId) ?? 0;
    listed.set(job.role.templateId, before + 1);
    return expandArrays && before < listedElementsMax;
  });
}

/** What a queue demands of nodes by default is shown to managers alone. */
function statQueues(server: Server, user: string, name: string | null): Status[] {
  if (name !== null && server.queue(name) === null) throw new PbsError(15020);
  return server.db.queues
    .filter((queue) => name === null || queue.name === name)
    .map((queue) => queueStatus(queue, server.jobList))
    .map(({ name: queue, attributes }) => ({
      name: queue,
      attributes: attributes.filter((a) => a.resource !== 'neednodes' || server.isManager(user)),
    }));
}

function statNodes(server: Server, name: string | null): Status[] {
  if (!server.db.everHadNode)
    throw new PbsError(15066, "node list is empty - check 'server_priv/nodes' file");
  if (name !== null && server.node(name) === null) throw new PbsError(15064, 'cannot locate specified node');
  return server.db.nodes
    .filter((node) => name === null || node.name === name)
    .map((node) => nodeStatus(node, server.jobList));
}

async function manage(
  { server, hostLists }: Services,
  request: Extract<ServerRequest, { op: 'manage' }>,
): Promise<null> {
  const { user, verb, object, name, directives } = request;
  if (object === 'node' && verb === 'set') setNode(server, user, name, directives);
  else if (object === 'server') setServer(server, user, directives);
  else {
    server.requireManager(user);
    if (object === 'queue') manageQueue(server, verb, name, directives);
    else if (verb === 'create') createNode(server, hostLists, name, directives);
    else await deleteNode(server, hostLists, name);
  }
  return null;
}

function manageQueue(
  server: Server,
  verb: 'create' | 'delete' | 'set',
  name: string,
  directives: Extract<ServerRequest, { op: 'manage' }>['directives'],
): void {
  switch (verb) {
    case 'create':
      createQueue(server, name, directives);
      return;
    case 'delete':
      deleteQueue(server, name);
      return;
    case 'set':
      setQueue(server, name, directives);
      return;
  }
}

async function runAsked(server: Server, user: string, id: string, hosts: string | null): Promise<null> {
  const job = findJob(server, id);
  if (job.state !== 'R' && job.state !== 'E') server.requireOperator(user);
  await runJob(server, job, hosts);
  return null;
}

/** pbs_sched's word about a job; one that has ended meanwhile is left as it is. */
function commentJob(server: Server, id: string, comment: string): void {
  const job = findJob(server, id);
  if (job.state === 'C') throw new PbsError(15018, 'invalid state for job - COMPLETE');
  job.comment = comment;
  job.mtimeS = server.nowS;
  server.changed();
}
