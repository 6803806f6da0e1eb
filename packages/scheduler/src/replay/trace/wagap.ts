/**
 * Traces in the form of a national grid's TORQUE server: SWF's 18 fields, then the list of hosts, the
 * queue, and the job's `-l nodes=` as its user wrote it. Requested memory (field 10) is that of the whole job, in
 * bytes.
 */
import { quote } from '@mesos-torque/common/text.ts';
import { parseJobRequest } from '../../torque/job-request.ts';
import { readSwfFields, swfFieldCount, timesOf, whyNotReplayed } from './swf.ts';
import { linesOf, TraceBuilder, type LineRead, type Trace } from './trace.ts';

export const wagapFieldCount = swfFieldCount + 3;

export function parseWagap(text: string): Trace {
  const builder = new TraceBuilder();
  let lineNumber = 0;
  for (const line of linesOf(text)) {
    lineNumber += 1;
    if (!line.startsWith(';')) builder.add(lineNumber, readLine(line));
  }
  return builder.finish('wagap', null);
}

function readLine(line: string): LineRead {
  const words = line.trim().split(/\s+/);
  if (words[0] === '') return { kind: 'nothing' };
  const nodes = words[wagapFieldCount - 1];
  if (words.length !== wagapFieldCount || nodes === undefined) {
    return { kind: 'malformed', why: `${words.length} fields instead of ${wagapFieldCount}: ${quote(line)}` };
  }
  const fields = readSwfFields(words);
  if (typeof fields === 'string') return { kind: 'malformed', why: fields };
  const bar = whyNotReplayed(fields);
  if (bar !== null) return bar;
  const memory =
    fields.requestedMemory > 0 ? [{ name: 'mem', value: `${Math.ceil(fields.requestedMemory)}b` }] : [];
  const request = parseJobRequest({
    resources: [{ name: 'nodes', value: nodes }, ...memory],
    taskRequest: null,
    extension: null,
    isExclusive: false,
  });
  return { kind: 'job', job: { ...timesOf(fields), asked: { kind: 'request', request } } };
}
