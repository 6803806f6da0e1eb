/**
 * Settings of pbs_server, from `qmgr -c 'print server'`: lines such as
 * `set server scheduler_iteration = 10`, after those of the queues. `list server` shows what was never set
 * too; what it lacks here stands at TORQUE's own default.
 */
import { quote } from '@mesos-torque/common/text.ts';
import type { Outcome } from '../loop/ports.ts';

/** Values by attribute; several where the attribute is a list (`managers += …`). */
export type ServerAttributes = ReadonlyMap<string, readonly string[]>;

export interface PrintedServer {
  readonly server: ServerAttributes;
  /** Settings by queue. */
  readonly queues: ReadonlyMap<string, ServerAttributes>;
}

const linesMax = 100_000;

/** Parses what qmgr printed of the server to standard output; queues are passed over. */
export function parsePrintServer(text: string): Outcome<ServerAttributes> {
  const printed = parsePrinted(text);
  return printed.ok ? { ok: true, value: printed.value.server } : printed;
}

/** Parses what qmgr printed to standard output, server and queues. */
export function parsePrinted(text: string): Outcome<PrintedServer> {
  const lines = text.split('\n');
  if (lines.length > linesMax) return garbled(`it has more than ${linesMax} lines`);
  const server = new Map<string, readonly string[]>();
  const queues = new Map<string, Map<string, readonly string[]>>();
  for (const line of lines) {
    if (line.trim() === '' || line.startsWith('#')) continue;
    const created = /^create queue (?<queue>\S+)$/.exec(line)?.groups?.['queue'];
    if (created !== undefined) {
      queues.set(created, new Map());
      continue;
    }
    const setting = settingOf(line);
    if (setting === null) return garbled(`${quote(line)} is neither a setting nor a comment`);
    const of = setting.queue === null ? server : queues.get(setting.queue);
    if (of === undefined) return garbled(`${quote(line)} sets a queue that was not created before`);
    const before = setting.adds ? (of.get(setting.name) ?? []) : [];
    of.set(setting.name, [...before, setting.value]);
  }
  return { ok: true, value: { server, queues } };
}

/** `pbs_version = 6.1.3.h5` of `list server`; null where it is not said. */
export function versionIn(listed: string): string | null {
  return (
    /^\s*pbs_version = (?<version>[0-9][0-9A-Za-z._-]{0,40})\s*$/m.exec(listed)?.groups?.['version'] ?? null
  );
}

interface Setting {
  /** Null: of the server. */
  readonly queue: string | null;
  readonly name: string;
  readonly adds: boolean;
  readonly value: string;
}

function settingOf(line: string): Setting | null {
  const pattern = /^set (?:server|queue (?<queue>\S+)) (?<name>[A-Za-z0-9_.-]+) (?<how>\+?=) ?(?<value>.*)$/;
  const groups = pattern.exec(line)?.groups;
  if (groups === undefined) return null;
  const { queue, name = '', how, value = '' } = groups;
  return { queue: queue ?? null, name, adds: how === '+=', value };
}

function garbled(what: string): {
  readonly ok: false;
  readonly problem: { kind: 'garbled'; detail: string };
} {
  return { ok: false, problem: { kind: 'garbled', detail: `qmgr output: ${what}` } };
}
