/**
 * Why something was done or not done. A reason is data with its arithmetic; `sentence` makes the one
 * sentence that log, command line, dashboard and journal all show. The sentences themselves are in
 * `reasons-*.ts`, by what they are about; here is what they are made of.
 */
import { grouped } from '@mesos-torque/common/units.ts';

export interface Reason {
  /** Stable, for filters and metrics: `short-memory`, `not-idle-long-enough`. */
  readonly code: string;
  /** The one sentence, numbers and names included. */
  readonly text: string;
}

/** The one sentence of a reason. */
export function sentence(reason: Reason): string {
  return reason.text;
}

/** 12,000 ms as "12 s", 1,500 ms as "1.5 s". */
export function seconds(ms: number): string {
  return `${grouped(Math.round(ms / 100) / 10)} s`;
}

/** "1 node", "3 nodes". */
export function counted(count: number, word: string): string {
  return `${grouped(count)} ${word}${count === 1 ? '' : 's'}`;
}

/** Free text of others, cut to a length that fits a line. */
export function quoted(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim();
  return `"${line.length > 200 ? `${line.slice(0, 197)}...` : line}"`;
}

/** The first three of them, and how many more. */
export function listed(names: readonly string[]): string {
  const more = names.length - 3;
  return names.slice(0, 3).join(', ') + (more > 0 ? ` and ${counted(more, 'other')}` : '');
}
