/**
 * TORQUE's own accounting log, a file a day in `server_priv/accounting`: `date time;type;id;key=value …`.
 * The E record of a job that ended tells all that a replay needs (6.1.3 prints
 * `user=… ctime=… qtime=… etime=… start=… exec_host=… Resource_List.nodes=… end=…`); other records are passed over.
 * A value runs to the next ` key=`, because names of jobs and accounts may hold spaces.
 */
import { quote } from '@mesos-torque/common/text.ts';
import { parseJobRequest } from '../../torque/job-request.ts';
import { parseTimeS } from '../../torque/sizes.ts';
import { linesOf, TraceBuilder, type LineRead, type Trace } from './trace.ts';

const recordPattern =
  /^(?<date>\d\d\/\d\d\/\d{4} \d\d:\d\d:\d\d);(?<type>[A-Za-z]);(?<id>[^;]{0,1024});(?<rest>.*)$/;
const lineCharsMax = 1_000_000;

export function parseAccounting(text: string): Trace {
  const builder = new TraceBuilder();
  let lineNumber = 0;
  for (const line of linesOf(text)) {
    lineNumber += 1;
    builder.add(lineNumber, readLine(line, lineNumber));
  }
  return builder.finish('accounting', null);
}

/** Whether a line could be of such a log. */
export function isAccountingRecord(line: string): boolean {
  return line.length <= lineCharsMax && recordPattern.test(line);
}

function readLine(line: string, lineNumber: number): LineRead {
  if (line.trim() === '') return { kind: 'nothing' };
  if (line.length > lineCharsMax) {
    return { kind: 'malformed', why: `${line.length} characters are more than the ${lineCharsMax} read` };
  }
  const groups = recordPattern.exec(line)?.groups;
  if (groups === undefined) return { kind: 'malformed', why: `no accounting record: ${quote(line)}` };
  if (groups['type'] !== 'E') return { kind: 'nothing' };
  return jobOf(groups['id'] ?? '', valuesOf(groups['rest'] ?? ''), lineNumber);
}

function jobOf(id: string, values: ReadonlyMap<string, string>, lineNumber: number): LineRead {
  const queuedS = secondsOf(values.get('qtime')) ?? secondsOf(values.get('ctime'));
  const startS = secondsOf(values.get('start'));
  const endS = secondsOf(values.get('end'));
  if (queuedS === null) return { kind: 'malformed', why: `job ${quote(id)}: no time of submission (qtime)` };
  // A job that was deleted while it waited has an E record without a start, or with start=0.
  if (startS === null || startS === 0) return { kind: 'skipped', why: 'ended without having started' };
  if (endS === null) return { kind: 'malformed', why: `job ${quote(id)}: no time of its end (end)` };
  if (endS < startS) {
    return { kind: 'malformed', why: `job ${quote(id)}: ended at ${endS}, before its start at ${startS}` };
  }
  const walltimeS = parseTimeS(values.get('Resource_List.walltime') ?? '');
  return {
    kind: 'job',
    job: {
      number: lineNumber,
      submitMs: queuedS * 1000,
      runMs: (endS - startS) * 1000,
      walltimeMs: walltimeS === null ? null : walltimeS * 1000,
      asked: {
        kind: 'request',
        request: parseJobRequest({
          resources: resourcesOf(values),
          taskRequest: null,
          extension: null,
          isExclusive: false,
        }),
      },
    },
  };
}

const listPrefix = 'Resource_List.';

function resourcesOf(
  values: ReadonlyMap<string, string>,
): readonly { readonly name: string; readonly value: string }[] {
  return [...values].flatMap(([key, value]) =>
    key.startsWith(listPrefix) ? [{ name: key.slice(listPrefix.length), value }] : [],
  );
}

/** `a=1 b=two words c=3` → three values; the first of equal keys counts. */
function valuesOf(text: string): ReadonlyMap<string, string> {
  const values = new Map<string, string>();
  const starts = [...text.matchAll(/(?:^|\s)(?<key>[A-Za-z_][A-Za-z0-9_.]{0,63})=/g)];
  for (const [index, match] of starts.entries()) {
    const key = match.groups?.['key'] ?? '';
    const end = starts[index + 1]?.index ?? text.length;
    if (!values.has(key)) values.set(key, text.slice(match.index + match[0].length, end).trim());
  }
  return values;
}

function secondsOf(text: string | undefined): number | null {
  return text !== undefined && /^[0-9]{1,11}$/.test(text) ? Number(text) : null;
}
