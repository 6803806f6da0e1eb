/**
 * Settings of pbs_server, from `qmgr -c 'print server'`: lines such as
 * `set server scheduler_iteration = 10`. `list server` shows what was never set too; what it lacks
 * here stands at TORQUE's own default.
 */
import { quote } from '@mesos-torque/common/text.ts';
import type { Outcome } from '../loop/ports.ts';

/** Values by attribute; several where the attribute is a list (`managers += …`). */
export type ServerAttributes = ReadonlyMap<string, readonly string[]>;

const linesMax = 100_000;

/** Parses what qmgr printed to standard output; queues are passed over. */
export function parsePrintServer(text: string): Outcome<ServerAttributes> {
  const lines = text.split('\n');
  if (lines.length > linesMax) return garbled(`it has more than ${linesMax} lines`);
  const attributes = new Map<string, readonly string[]>();
  for (const line of lines) {
    if (line.trim() === '' || /^(?:#|create queue |set queue )/.test(line)) continue;
    const groups = /^set server (?<name>[A-Za-z0-9_.-]+) (?<how>\+?=) ?(?<value>.*)$/.exec(line)?.groups;
    if (groups === undefined) return garbled(`${quote(line)} is neither a setting nor a comment`);
    const { name = '', how, value = '' } = groups;
    const before = how === '+=' ? (attributes.get(name) ?? []) : [];
    attributes.set(name, [...before, value]);
  }
  return { ok: true, value: attributes };
}

function garbled(what: string): Outcome<ServerAttributes> {
  return { ok: false, problem: { kind: 'garbled', detail: `qmgr output: ${what}` } };
}
