/** qstat's tables. */
import type { Status } from '../shared/attribute.ts';
import { hhmmss, parseDuration } from '../shared/times.ts';

const nameChars = 16;

export function valueOf(status: Status, name: string, resource: string | null = null): string | null {
  return status.attributes.find((a) => a.name === name && a.resource === resource)?.value ?? null;
}

function ownerOf(job: Status): string {
  return (valueOf(job, 'Job_Owner') ?? '').split('@')[0] ?? '';
}

export const jobTableHead =
  'Job ID                    Name             User            Time Use S Queue\n' +
  '------------------------- ---------------- --------------- -------- - -----\n';

export function jobTableRow(job: Status): string {
  const name = valueOf(job, 'Job_Name') ?? '';
  const shown = name.length > nameChars ? `...${name.slice(3 - nameChars)}` : name;
  const used = valueOf(job, 'resources_used', 'cput') ?? '0';
  const columns = [
    job.name.padEnd(26),
    shown.padEnd(nameChars),
    ownerOf(job).padEnd(15),
    used.padStart(8),
    valueOf(job, 'job_state') ?? '',
    (valueOf(job, 'queue') ?? '').padEnd(15),
  ];
  return `${columns.join(' ')}\n`;
}

export function wideTableHead(server: string): string {
  const indent = ' '.repeat(82);
  return (
    `\n${server}: \n${indent}Req'd       Req'd       Elap\n` +
    'Job ID                  Username    Queue    Jobname          SessID  NDS   TSK   Memory      Time    S   Time\n' +
    '----------------------- ----------- -------- ---------------- ------ ----- ------ --------- --------- - ---------\n'
  );
}

const blank = ' -- ';

/** The row of `qstat -a`, without its line's end. */
export function wideTableRow(job: Status): string {
  const resource = (name: string): string | null => valueOf(job, 'Resource_List', name);
  const state = valueOf(job, 'job_state') ?? blank;
  const walltime = resource('walltime');
  const columns = [
    job.name.padEnd(23),
    ownerOf(job).slice(0, 11).padEnd(11),
    (valueOf(job, 'queue') ?? '').slice(0, 8).padEnd(8),
    (valueOf(job, 'Job_Name') ?? '').slice(0, nameChars).padEnd(nameChars),
    (valueOf(job, 'session_id') ?? blank).padStart(6),
    (resource('nodect') ?? blank).padStart(5),
    (tasksOf(resource('nodes')) ?? resource('procs') ?? resource('ncpus') ?? blank).padStart(6),
    (resource('mem') ?? resource('pmem') ?? blank).padStart(9),
    (walltime ?? blank).padStart(9),
    state,
    elapsed(job, state, walltime).padStart(9),
  ];
  return columns.join(' ');
}

/** Counted back from what is left, so that a job which has not started shows its whole walltime. */
function elapsed(job: Status, state: string, walltime: string | null): string {
  if (['Q', 'C', 'H'].includes(state)) return blank;
  const left = Number(valueOf(job, 'Walltime', 'Remaining') ?? 0);
  return hhmmss((parseDuration(walltime ?? '') ?? 0) - left);
}

function tasksOf(nodes: string | null): string | null {
  if (nodes === null) return null;
  const tasks = nodes.split('+').map((part) => {
    const count = /^\d+/.exec(part)?.[0] ?? '1';
    return Number(count) * Number(/ppn=(\d+)/.exec(part)?.[1] ?? 1);
  });
  return String(tasks.reduce((sum, n) => sum + n, 0));
}

/** `   node3+node2+node1`: short names, the mother superior first. */
export function hostsLine(job: Status): string {
  const exec = valueOf(job, 'exec_host');
  if (exec === null) return `   ${blank}\n`;
  return `   ${exec
    .split('+')
    .map((part) => part.replace(/[./].*$/, ''))
    .join('+')}\n`;
}

function counts(status: Status): Record<string, string> {
  const text = valueOf(status, 'state_count') ?? '';
  return Object.fromEntries([...text.matchAll(/(\w+):(\d+)/g)].map((m) => [m[1] ?? '', m[2] ?? '0']));
}

function table(widths: readonly number[], left: readonly number[], cells: readonly string[]): string {
  const pad = (cell: string, i: number): string =>
    left.includes(i) ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0);
  return `${cells.map(pad).join(' ')}\n`;
}

const queueWidths = [16, 5, 6, 5, 5, 5, 5, 5, 5, 5, 5, 1, 5];

export function queueTable(queues: readonly Status[]): string {
  if (queues.length === 0) return '';
  const row = (cells: readonly string[]): string => table(queueWidths, [0, 11], cells);
  const yesNo = (queue: Status, name: string): string => (valueOf(queue, name) === 'True' ? 'yes' : 'no');
  const dashes = [
    '----------------',
    '---',
    '----',
    '--',
    '--',
    '---',
    '---',
    '---',
    '---',
    '---',
    '---',
    '-',
    '---',
  ];
  const rows = queues.map((queue) => {
    const n = counts(queue);
    const by = ['Queued', 'Running', 'Held', 'Waiting', 'Transit', 'Exiting'].map((key) => n[key] ?? '0');
    const type = (valueOf(queue, 'queue_type') ?? 'E').slice(0, 1);
    return row([
      queue.name,
      valueOf(queue, 'max_running') ?? '0',
      valueOf(queue, 'total_jobs') ?? '0',
      yesNo(queue, 'enabled'),
      yesNo(queue, 'started'),
      ...by,
      type,
      n['Complete'] ?? '0',
    ]);
  });
  const names = ['Queue', 'Max', 'Tot', 'Ena', 'Str', 'Que', 'Run', 'Hld', 'Wat', 'Trn', 'Ext', 'T', 'Cpt'];
  return row(names) + row(dashes) + rows.join('');
}

const serverWidths = [16, 5, 5, 5, 5, 5, 5, 5, 5, 5, 10];

export function serverTable(server: Status): string {
  const row = (cells: readonly string[]): string => table(serverWidths, [0, 10], cells);
  const n = counts(server);
  const by = ['Queued', 'Running', 'Held', 'Waiting', 'Transit', 'Exiting', 'Complete'];
  return (
    row(['Server', 'Max', 'Tot', 'Que', 'Run', 'Hld', 'Wat', 'Trn', 'Ext', 'Com', 'Status']) +
    row(['----------------', ...Array.from({ length: 9 }, () => '---'), '----------']) +
    row([
      server.name,
      valueOf(server, 'max_running') ?? '0',
      valueOf(server, 'total_jobs') ?? '0',
      ...by.map((key) => n[key] ?? '0'),
      valueOf(server, 'server_state') ?? '',
    ])
  );
}
