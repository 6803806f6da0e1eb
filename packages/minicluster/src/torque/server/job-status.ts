/** A job as qstat shows it, attributes in the order of 6.1.3. */
import type { Attribute, Status } from '../shared/attribute.ts';
import { attribute } from '../shared/attribute.ts';
import { hhmmss, parseDuration } from '../shared/times.ts';
import type { Job } from './model.ts';
import { resourceOf } from './model.ts';
import { slotRanges } from './node-request.ts';

export function jobStatus(job: Job, all: ReadonlyMap<string, Job>, server: string, nowMs: number): Status {
  const list: (Attribute | null)[] = [
    attribute('Job_Name', job.name),
    attribute('Job_Owner', `${job.owner}@${job.submitHost}`),
    ...usedAttributes(job),
    attribute('job_state', job.state),
    attribute('queue', job.queue),
    attribute('server', server),
    maybe('Account_Name', job.account),
    attribute('Checkpoint', 'u'),
    attribute('ctime', job.ctimeS),
    maybe('depend', dependText(job, all)),
    attribute('Error_Path', job.errorPath),
    maybe('exec_host', job.state === 'Q' ? null : execHost(job)),
    maybe('Execution_Time', job.state === 'W' ? job.executionTimeS : null),
    maybe('Hold_Types', holdText(job)),
    attribute('Join_Path', job.join),
    attribute('Keep_Files', job.keep),
    attribute('Mail_Points', job.mailPoints),
    attribute('mtime', job.mtimeS),
    attribute('Output_Path', job.outputPath),
    attribute('Priority', job.priority),
    job.role.kind === 'template' ? null : attribute('qtime', job.qtimeS),
    attribute('Rerunable', job.rerunable ? 'True' : 'False'),
    ...job.resources.map(([name, value]) => attribute('Resource_List', value, name)),
    maybe('session_id', job.sessionId),
    maybe('Shell_Path_List', job.shell),
    attribute('substate', substate(job)),
    attribute('Variable_List', job.variables.join(',')),
    attribute('euser', job.owner),
    attribute('egroup', job.owner),
    job.startCount > 0 ? attribute('hashname', hashName(job.id)) : null,
    attribute('queue_rank', job.queueRank),
    attribute('queue_type', 'E'),
    maybe('comment', job.comment),
    maybe('etime', job.etimeS),
    maybe('exit_status', job.exitStatus),
    job.submitArgs === '' ? null : attribute('submit_args', job.submitArgs),
    job.role.kind === 'template' ? attribute('job_array_request', job.role.request) : null,
    job.role.kind === 'element' ? attribute('job_array_id', job.role.index) : null,
    job.startMs === null ? null : attribute('start_time', Math.floor(job.startMs / 1000)),
    walltimeRemaining(job, nowMs),
    job.startCount > 0 ? attribute('start_count', job.startCount) : null,
    attribute('fault_tolerant', 'False'),
    job.totalRuntimeS === null ? null : attribute('comp_time', Math.floor((job.completedMs ?? 0) / 1000)),
    attribute('job_radix', 0),
    job.totalRuntimeS === null ? null : attribute('total_runtime', job.totalRuntimeS.toFixed(6)),
    attribute('submit_host', job.submitHost),
    attribute('init_work_dir', job.workDir),
    attribute('request_version', job.lRequest === null ? 1 : 2),
    ...lRequestAttributes(job),
  ];
  return { name: job.id, attributes: list.filter((a) => a !== null) };
}

/** `node3.torque.test/0-1+node2.torque.test/0-1`, the mother superior first; null before it ran. */
export function execHost(job: Job): string | null {
  if (job.exec.length === 0) return null;
  return job.exec.map((part) => `${part.node}/${slotRanges(part.slots)}`).join('+');
}

/** `100[1].head` is kept in files named `100-1.head`. */
export function hashName(id: string): string {
  return id.replace('[', '-').replace(']', '');
}

function maybe(name: string, value: string | number | null): Attribute | null {
  return value === null ? null : attribute(name, value);
}

function usedAttributes(job: Job): Attribute[] {
  if (job.used === null) return [];
  const used = (name: string, value: string | number): Attribute => attribute('resources_used', value, name);
  return [
    used('cput', '00:00:00'),
    used('vmem', `${job.used.vmemKb}kb`),
    used('walltime', hhmmss(job.used.walltimeS)),
    used('mem', `${job.used.memKb}kb`),
    used('energy_used', 0),
  ];
}

/** Elements of an array show their holds only while they have one. */
function holdText(job: Job): string | null {
  if (job.holds.length === 0) return job.role.kind === 'element' ? null : 'n';
  return (['u', 'o', 's', 'l'] as const).filter((hold) => job.holds.includes(hold)).join('');
}

function substate(job: Job): number {
  switch (job.state) {
    case 'Q':
      return 10;
    case 'H':
      return job.dependencies.length > 0 ? 22 : 20;
    case 'W':
      return 30;
    case 'R':
      return job.role.kind === 'template' ? 10 : 42;
    case 'E':
      return 51;
    case 'C':
      return job.role.kind === 'template' ? 10 : 59;
  }
}

function walltimeRemaining(job: Job, nowMs: number): Attribute | null {
  const limitS = parseDuration(resourceOf(job, 'walltime') ?? '');
  if (job.state !== 'R' || job.startMs === null || limitS === null) return null;
  const elapsedS = Math.floor(nowMs / 1000) - Math.floor(job.startMs / 1000);
  return attribute('Walltime', limitS - elapsedS, 'Remaining');
}

/** A job shows both what it waits for and who waits for it. */
function dependText(job: Job, all: ReadonlyMap<string, Job>): string | null {
  const waits = job.dependencies.map((d) => `${d.kind}:${d.jobs.join(':')}`);
  const others: string[] = [];
  if (job.state !== 'C') {
    for (const other of all.values()) {
      for (const d of other.dependencies) {
        if (d.jobs.includes(job.id)) others.push(`${d.kind.replace('after', 'before')}:${other.id}`);
      }
    }
  }
  const text = [...waits, ...others].join(',');
  return text === '' ? null : text;
}

/** `-L tasks=2:lprocs=1` as the server keeps it. */
function lRequestAttributes(job: Job): Attribute[] {
  if (job.lRequest === null) return [];
  const pieces = new Map<string, string>();
  for (const piece of job.lRequest.split(':')) {
    const [name = '', value = ''] = piece.split('=');
    pieces.set(name, value);
  }
  const info = (name: string, value: string): Attribute => attribute('req_information', value, `${name}.0`);
  return [
    info('task_count', pieces.get('tasks') ?? '1'),
    info('lprocs', pieces.get('lprocs') ?? '1'),
    info('thread_usage_policy', 'allowthreads'),
    attribute('L_Request', `-L ${job.lRequest}`),
  ];
}
