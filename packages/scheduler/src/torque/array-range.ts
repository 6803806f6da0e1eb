/**
 * `job_array_request`, which an array's own entry shows: `1-400`, `1,3,5-7`, `1-8%3`. 6.1 makes the
 * elements of an array little by little: no more than 300 of them (`idle_slot_limit`) stand idle at a
 * time, in the order of their indices, and `qstat -t` lists those that were made.
 */
import { quote } from '@mesos-torque/common/text.ts';
import { valueError, wholeNumber } from './parsing.ts';

const slotLimitMax = 10_000_000;
const indexMax = 999_999_999;
const piecesMax = 10_000;

export interface IndexRange {
  readonly first: number;
  readonly last: number;
}

/** `1-5%2` → 2; null without a limit. */
export function slotLimitOf(record: string, request: string | null): number | null {
  const percent = request?.indexOf('%') ?? -1;
  if (request === null || percent < 0) return null;
  return wholeNumber(record, 'job_array_request', request.slice(percent + 1), slotLimitMax);
}

/** `1-5%2` → `1-5`, checked; null where the job has none. */
export function rangeOf(record: string, request: string | null): string | null {
  if (request === null) return null;
  const percent = request.indexOf('%');
  const range = percent < 0 ? request : request.slice(0, percent);
  if (parseRange(range) === null) {
    throw valueError(record, 'job_array_request', quote(range), 'is no list of indices such as 1-5,9');
  }
  return range;
}

/** `1,3,5-7` → 1–1, 3–3, 5–7; null for what is no such list. */
export function parseRange(text: string): readonly IndexRange[] | null {
  const pieces = text.split(',');
  if (pieces.length > piecesMax) return null;
  const ranges: IndexRange[] = [];
  for (const piece of pieces) {
    const groups = /^(?<first>[0-9]{1,9})(?:-(?<last>[0-9]{1,9}))?$/.exec(piece.trim())?.groups;
    if (groups === undefined) return null;
    const first = Number(groups['first']);
    const last = Number(groups['last'] ?? first);
    if (first > last || last > indexMax) return null;
    ranges.push({ first, last });
  }
  return ranges;
}
