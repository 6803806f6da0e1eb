/** A mom's report on its host, and its answers to `momctl -q`. */
import {
  freemem,
  cpus,
  loadavg,
  machine,
  networkInterfaces,
  release,
  totalmem,
  uptime,
  version,
} from 'node:os';

export interface StatusOf {
  readonly name: string;
  readonly busy: boolean;
  readonly jobs: readonly string[];
}

/** What the server keeps as the node's `status`; it adds `rectime` itself. */
export function statusText(of: StatusOf): string {
  const total = kb(totalmem());
  const fields: readonly (readonly [string, string])[] = [
    ['opsys', 'linux'],
    ['uname', `Linux ${of.name} ${release()} ${version()} ${machine()}`.replaceAll(',', ' ')],
    ['nsessions', String(of.jobs.length)],
    ['nusers', of.jobs.length > 0 ? '1' : '0'],
    ['idletime', String(Math.floor(uptime()))],
    ['totmem', total],
    ['availmem', kb(freemem())],
    ['physmem', total],
    ['ncpus', String(cpus().length)],
    ['loadave', load()],
    ['gres', ''],
    ['netload', '0'],
    ['state', of.busy ? 'busy' : 'free'],
    ['varattr', ' '],
    ['cpuclock', 'Fixed'],
    ['macaddr', macAddress()],
    ['version', '6.1.3.h5'],
    ['jobs', of.jobs.join(' ')],
  ];
  return fields.map(([name, value]) => `${name}=${value}`).join(',');
}

/** The text after `NAME=`; null where 6.1.3 closes the connection instead of answering. */
export function answerQuery(name: string, jobs: readonly string[]): string | null {
  switch (name) {
    case 'totmem':
    case 'physmem':
      return kb(totalmem());
    case 'availmem':
      return kb(freemem());
    case 'ncpus':
      return String(cpus().length);
    case 'loadave':
      return load();
    case 'idletime':
      return String(Math.floor(uptime()));
    case 'jobs':
      return jobs.length === 0 ? '' : `{\n${jobs.map((id) => `   "${id}" : null`).join(',\n')}\n}\n`;
    case 'opsys':
      return null;
    default:
      return '? 15201';
  }
}

function kb(bytes: number): string {
  return `${Math.floor(bytes / 1024)}kb`;
}

function load(): string {
  return (loadavg()[0] ?? 0).toFixed(2);
}

function macAddress(): string {
  const all = Object.values(networkInterfaces()).flat();
  return all.find((one) => one?.internal === false)?.mac ?? '00:00:00:00:00:00';
}
