/**
 * A file of an executor's sandbox as lines for people: our own log's JSON, what the executor passes on of pbs_mom's log,
 * lines of Mesos' fetcher, and anything else as it is.
 */
import { printable, withoutSecrets } from '@mesos-torque/common/secret-text.ts';
import type { LogLine } from '@mesos-torque/proto/gen/control/v1/messages.ts';

const lineCharsMax = 2_000;
const levels = ['debug', 'info', 'warn', 'error'];
/** In every line, and known. */
const usual = new Set(['level', 'time', 'name', 'pid', 'event']);

/**
 * The last `linesMax` lines, oldest first; `whole` says whether the text begins where the file does, or perhaps in the
 * middle of a line, which is left out then. Bodies of private keys are withheld line by line.
 */
export function logLines(
  text: string,
  whole: boolean,
  linesMax: number,
): { readonly lines: LogLine[]; readonly isCut: boolean } {
  const all = text.split('\n');
  if (all.at(-1) === '') all.pop();
  const complete = whole ? all : all.slice(1);
  const kept = withoutKeys(complete).slice(-linesMax);
  return { lines: kept.map(lineOf), isCut: !whole || kept.length < complete.length };
}

/** Of a key that was begun in the part that is not there, the lines before its end go too. */
function withoutKeys(lines: readonly string[]): readonly string[] {
  const ends = lines.findIndex((line) => line.includes('-----END ') && line.includes('PRIVATE KEY'));
  const begins = lines.findIndex((line) => line.includes('-----BEGIN ') && line.includes('PRIVATE KEY'));
  let isInside = ends >= 0 && (begins < 0 || ends < begins);
  return lines.map((line) => {
    const isOfKey = isInside;
    if (line.includes('PRIVATE KEY-----')) isInside = line.includes('-----BEGIN ');
    return isOfKey ? '[withheld]' : line;
  });
}

function lineOf(line: string): LogLine {
  return ours(line) ?? moms(line) ?? fetchers(line) ?? { atMs: 0n, level: '', text: shown(line) };
}

function ours(line: string): LogLine | null {
  if (!line.startsWith('{')) return null;
  const fields = objectIn(line);
  const event = fields?.['event'];
  if (fields === null || typeof event !== 'string') return null;
  const words = Object.entries(fields).flatMap(([name, value]) =>
    usual.has(name) ? [] : [`${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`],
  );
  const level = levels.find((one) => one === fields['level']) ?? '';
  return { atMs: timeOf(fields['time']), level, text: shown([event, ...words].join('  ')) };
}

function objectIn(line: string): Readonly<Record<string, unknown>> | null {
  try {
    return JSON.parse(line) as Readonly<Record<string, unknown>>;
  } catch {
    return null;
  }
}

function timeOf(time: unknown): bigint {
  const atMs = typeof time === 'string' ? Date.parse(time) : Number.NaN;
  return Number.isNaN(atMs) ? 0n : BigInt(atMs);
}

/** `pbs_mom info 11/22/2026 07:11:20.123;01;…`: times are the agent's, without a zone, and stay part of the text. */
function moms(line: string): LogLine | null {
  const level = /^pbs_mom (error|info) /.exec(line)?.[1];
  return level === undefined
    ? null
    : { atMs: 0n, level, text: shown(line.slice(`pbs_mom ${level} `.length)) };
}

/** `I1122 07:11:20.123456 18080 fetcher.cpp:562] Fetching …`: without a year, so the time stays part of the text. */
function fetchers(line: string): LogLine | null {
  const level = /^([IWEF])\d{4} \d\d:\d\d:\d\d\.\d+ +\d+ \S+:\d+\] /.exec(line)?.[1];
  if (level === undefined) return null;
  const names: Readonly<Record<string, string>> = { I: 'info', W: 'warn', E: 'error', F: 'error' };
  return { atMs: 0n, level: names[level] ?? '', text: shown(line) };
}

function shown(text: string): string {
  const cut = text.length > lineCharsMax ? `${text.slice(0, lineCharsMax)}…` : text;
  return printable(withoutSecrets(cut));
}
