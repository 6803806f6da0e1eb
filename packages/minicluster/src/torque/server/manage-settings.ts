/** `create`, `delete` and `set` of qmgr for queues and the server. */
import type { Directive } from '../shared/attribute.ts';
import { PbsError } from '../shared/pbs-error.ts';
import type { Queue, Setting } from './model.ts';
import { isTrue } from './model.ts';
import type { Server } from './server.ts';
import { queueAttributeNames, readOnlyNames, serverAttributeNames } from './settings-status.ts';

const booleanNames = [
  'scheduling', 'enabled', 'started', 'is_transit', 'acl_host_enable', 'acl_user_enable', 'query_other_jobs',
  'poll_jobs', 'down_on_error', 'mom_job_sync', 'moab_array_compatible', 'note_append_on_error',
  'allow_node_submit', 'auto_node_np', 'display_job_server_suffix',
]; // prettier-ignore

const numberNames = [
  'scheduler_iteration', 'node_check_rate', 'keep_completed', 'tcp_timeout', 'job_stat_rate', 'max_running',
  'max_user_run', 'max_group_run', 'max_queuable', 'max_user_queuable', 'Priority', 'next_job_number',
  'log_events', 'nppcu', 'kill_delay', 'max_job_array_size', 'max_slot_limit',
]; // prettier-ignore

const listNames = ['managers', 'operators', 'acl_hosts', 'acl_users', 'submit_hosts'];

export function createQueue(server: Server, name: string, directives: readonly Directive[]): void {
  if (server.queue(name) !== null) throw new PbsError(15027);
  const queue: Queue = { name, mtimeS: server.nowS, settings: [] };
  apply(queue.settings, directives, queueAttributeNames);
  server.db.queues.push(queue);
  server.changed();
}

export function deleteQueue(server: Server, name: string): void {
  const queue = server.queue(name);
  if (queue === null) throw new PbsError(15020);
  if (server.jobList.some((job) => job.queue === name && job.state !== 'C')) throw new PbsError(15029);
  server.db.queues.splice(server.db.queues.indexOf(queue), 1);
  server.changed();
}

export function setQueue(server: Server, name: string, directives: readonly Directive[]): void {
  const queue = server.queue(name);
  if (queue === null) throw new PbsError(15020);
  apply(queue.settings, directives, queueAttributeNames);
  queue.mtimeS = server.nowS;
  server.changed();
  // A queue that is started wakes the scheduler.
  if (directives.some((d) => d.name === 'started' && d.op === '=')) server.wantCycle();
}

/** An operator may switch `scheduling`; everything else takes a manager. Setting it to true asks for a cycle. */
export function setServer(server: Server, user: string, directives: readonly Directive[]): void {
  if (directives.every((d) => d.name === 'scheduling')) server.requireOperator(user);
  else if (server.isOperator(user) && !server.isManager(user)) refuseOperator(server, directives);
  else server.requireManager(user);
  apply(
    server.db.settings,
    directives.filter((d) => d.name !== 'next_job_number'),
    serverAttributeNames,
  );
  if (directives.some((d) => d.resource === 'nodect')) server.nodectForgotten = false;
  for (const d of directives) if (d.name === 'next_job_number') server.db.nextJobNumber = Number(normal(d));
  server.changed();
  if (directives.some((d) => d.name === 'scheduling' && isTrue(normal(d)))) server.wantCycle();
}

/** Tried on 6.1.3: after an operator's `set server resources_available.nodect=47` qsub refused what it had taken. */
function refuseOperator(server: Server, directives: readonly Directive[]): never {
  const nodect = directives.find((d) => d.name === 'resources_available' && d.resource === 'nodect');
  if (nodect === undefined) throw new PbsError(15007, 'error in permissions (PERM_MANAGER)');
  server.nodectForgotten = true;
  server.nodectRemembered = 0;
  throw new PbsError(15003, undefined, 'resources_available.nodect');
}

function apply(settings: Setting[], directives: readonly Directive[], known: readonly string[]): void {
  for (const directive of directives) {
    if (!known.includes(directive.name)) throw new PbsError(15002, undefined, directive.name);
    if (readOnlyNames.includes(directive.name)) throw new PbsError(15003, undefined, directive.name);
    applyOne(settings, directive);
  }
}

/** 6.1.3 takes `unset server scheduler_iteration` with exit 0 and leaves the value. */
const cannotBeUnset = ['scheduler_iteration', 'node_check_rate'];

function applyOne(settings: Setting[], directive: Directive): void {
  if (directive.op === 'unset' && cannotBeUnset.includes(directive.name)) return;
  const i = settings.findIndex((s) => s.name === directive.name && s.resource === directive.resource);
  const old = settings[i];
  const value = directive.op === 'unset' ? '' : changedValue(old?.value ?? '', directive);
  if (value === '') {
    if (i >= 0) settings.splice(i, 1);
  } else if (old !== undefined) old.value = value;
  else settings.push({ name: directive.name, resource: directive.resource, value });
}

function changedValue(old: string, directive: Directive): string {
  const value = normal(directive);
  if (!listNames.includes(directive.name) || directive.op === '=') return value;
  const words = old.split(',').filter((word) => word !== '');
  const changed = value.split(',');
  const left = words.filter((word) => !changed.includes(word));
  return [...left, ...(directive.op === '+=' ? changed : [])].join(',');
}

/** Booleans are kept as True and False; numbers must be numbers. */
function normal({ name, value }: Directive): string {
  if (booleanNames.includes(name)) {
    if (/^(true|t|1|y|yes)$/i.test(value)) return 'True';
    if (/^(false|f|0|n|no)$/i.test(value)) return 'False';
    throw new PbsError(15016);
  }
  if (numberNames.includes(name) && !/^-?\d{1,12}$/.test(value)) throw new PbsError(15016);
  if (name === 'queue_type') {
    if (/^e(xecution)?$/i.test(value)) return 'Execution';
    if (/^r(oute)?$/i.test(value)) return 'Route';
    throw new PbsError(15016);
  }
  return value;
}
