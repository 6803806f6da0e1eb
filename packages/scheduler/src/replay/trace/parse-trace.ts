/** Reads a trace in whichever of the forms it is. */
import { unreachable } from '@mesos-torque/common/units.ts';
import { isAccountingRecord, parseAccounting } from './accounting.ts';
import { parseSwf, swfFieldCount } from './swf.ts';
import { linesOf, type Trace, type TraceFormat } from './trace.ts';
import { parseWagap, wagapFieldCount } from './wagap.ts';

/** Lines looked at to tell the form. */
const linesLookedAt = 1000;

/** The form of a trace by the first line that is of one; null when none is. */
export function detectFormat(text: string): TraceFormat | null {
  let left = linesLookedAt;
  for (const line of linesOf(text)) {
    if (left <= 0) return null;
    left -= 1;
    if (line.startsWith(';') || line.trim() === '') continue;
    if (isAccountingRecord(line)) return 'accounting';
    const { length } = line.trim().split(/\s+/);
    if (length === swfFieldCount) return 'swf';
    if (length === wagapFieldCount) return 'wagap';
  }
  return null;
}

export function parseTrace(text: string, format: TraceFormat): Trace {
  switch (format) {
    case 'swf':
      return parseSwf(text);
    case 'wagap':
      return parseWagap(text);
    case 'accounting':
      return parseAccounting(text);
    default:
      return unreachable(format);
  }
}
