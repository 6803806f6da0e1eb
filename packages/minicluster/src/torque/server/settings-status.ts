/** Server and queues as qstat -B, qstat -Q and qmgr show them; which settings there are, in which order. */
import type { Attribute, Status } from '../shared/attribute.ts';
import { attribute } from '../shared/attribute.ts';
import type { Database, Job, Queue, Setting } from './model.ts';
import { holdsSlots, isTrue, resourceOf, settingOf } from './model.ts';

const yes = 'True';

/** Names of the server's attributes in the order of 6.1.3. */
export const serverAttributeNames: readonly string[] = [
  'server_state', 'scheduling', 'max_running', 'max_user_run', 'max_group_run', 'total_jobs', 'state_count',
  'acl_host_enable', 'acl_hosts', 'acl_user_enable', 'acl_users', 'managers', 'operators', 'default_queue',
  'log_events', 'mail_from', 'query_other_jobs', 'resources_available', 'resources_assigned', 'resources_cost',
  'resources_default', 'resources_max', 'scheduler_iteration', 'node_check_rate', 'tcp_timeout', 'job_stat_rate',
  'poll_jobs', 'down_on_error', 'mom_job_sync', 'pbs_version', 'submit_hosts', 'allow_node_submit',
  'auto_node_np', 'keep_completed', 'next_job_number', 'net_counter', 'display_job_server_suffix',
  'max_job_array_size', 'max_slot_limit', 'moab_array_compatible', 'nppcu', 'timeout_for_job_delete',
  'timeout_for_job_requeue', 'note_append_on_error',
]; // prettier-ignore

/** Names of a queue's attributes in the order of 6.1.3. */
export const queueAttributeNames: readonly string[] = [
  'queue_type', 'Priority', 'max_queuable', 'max_user_queuable', 'total_jobs', 'state_count', 'max_running',
  'acl_host_enable', 'acl_hosts', 'acl_user_enable', 'acl_users', 'resources_max',
  'resources_min', 'resources_default', 'kill_delay', 'keep_completed', 'is_transit', 'mtime',
  'resources_available', 'resources_assigned', 'max_user_run', 'max_group_run', 'route_destinations', 'enabled',
  'started', 'features_required',
]; // prettier-ignore

export const readOnlyNames: readonly string[] = [
  'server_state', 'total_jobs', 'state_count', 'resources_assigned', 'pbs_version', 'net_counter', 'mtime',
]; // prettier-ignore

/** A database just created by `pbs_server -t create`. */
export function initialServerSettings(serverName: string): Setting[] {
  const one = (name: string, value: string): Setting => ({ name, resource: null, value });
  return [
    one('acl_hosts', serverName),
    one('log_events', '2047'),
    one('mail_from', 'adm'),
    one('node_check_rate', '150'),
    one('tcp_timeout', '300'),
    one('job_stat_rate', '300'),
    one('poll_jobs', yes),
    one('down_on_error', yes),
    one('mom_job_sync', yes),
    one('keep_completed', '300'),
    one('moab_array_compatible', yes),
    one('nppcu', '1'),
    one('timeout_for_job_delete', '120'),
    one('timeout_for_job_requeue', '120'),
    one('note_append_on_error', yes),
  ];
}

export function serverStatus(
  database: Database,
  jobs: readonly Job[],
  serverName: string,
  netCounter: string,
): Status {
  const computed: Attribute[] = [
    attribute('server_state', isTrue(settingOf(database.settings, 'scheduling')) ? 'Active' : 'Idle'),
    attribute('total_jobs', countedJobs(jobs).length),
    attribute('state_count', stateCount(jobs)),
    attribute('pbs_version', '6.1.3.h5'),
    attribute('net_counter', netCounter),
    ...(database.nextJobNumber > 0 ? [attribute('next_job_number', database.nextJobNumber)] : []),
    ...assigned(jobs),
  ];
  return {
    name: serverName,
    attributes: inOrder(serverAttributeNames, [...computed, ...fromSettings(database.settings)]),
  };
}

export function queueStatus(queue: Queue, allJobs: readonly Job[]): Status {
  const jobs = allJobs.filter((job) => job.queue === queue.name);
  const computed: Attribute[] = [
    attribute('total_jobs', countedJobs(jobs).length),
    attribute('state_count', stateCount(jobs)),
    attribute('mtime', queue.mtimeS),
    ...assigned(jobs),
  ];
  return {
    name: queue.name,
    attributes: inOrder(queueAttributeNames, [...computed, ...fromSettings(queue.settings)]),
  };
}

/** Arrays count by their elements. */
function countedJobs(jobs: readonly Job[]): Job[] {
  return jobs.filter((job) => job.role.kind !== 'template');
}

function stateCount(jobs: readonly Job[]): string {
  const count = (letter: string): number => countedJobs(jobs).filter((job) => job.state === letter).length;
  const words = [
    `Queued:${count('Q')}`,
    `Held:${count('H')}`,
    `Waiting:${count('W')}`,
    `Running:${count('R')}`,
  ];
  return `Transit:0 ${words.join(' ')} Exiting:${count('E')} Complete:${count('C')} `;
}

/** resources_assigned.nodect, once a job has asked for nodes. */
function assigned(jobs: readonly Job[]): Attribute[] {
  const asked = jobs.filter((job) => job.startCount > 0 && resourceOf(job, 'nodect') !== null);
  if (asked.length === 0) return [];
  const sum = asked.filter(holdsSlots).reduce((n, job) => n + Number(resourceOf(job, 'nodect')), 0);
  return [attribute('resources_assigned', sum, 'nodect')];
}

function fromSettings(settings: readonly Setting[]): Attribute[] {
  return settings.map((s) => attribute(s.name, s.value, s.resource));
}

function inOrder(names: readonly string[], attributes: readonly Attribute[]): Attribute[] {
  return names.flatMap((name) => attributes.filter((a) => a.name === name));
}
