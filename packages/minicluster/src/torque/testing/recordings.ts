/** The recordings of TORQUE 6.1.3, and how the stand-in's words are compared with them. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import type { MomPlace, Ran, StandIn } from './stand-in.ts';

export interface Recording {
  readonly name: string;
  readonly command: string;
  readonly exitCode: number | 'timeout';
  readonly situation: string;
  readonly user: string;
  readonly stdin?: string;
  readonly stdout: string;
  readonly stderr: string;
}

const folder = fileURLToPath(new URL('../../../../../fixtures/torque-6.1/', import.meta.url));

export function readRecordings(): ReadonlyMap<string, Recording> {
  const index = JSON.parse(readFileSync(path.join(folder, 'index.json'), 'utf8')) as (Recording & {
    file: string;
    stderrFile: string;
  })[];
  return new Map(
    index.map((entry) => {
      const read = (file: string): string => readFileSync(path.join(folder, file), 'utf8');
      return [entry.name, { ...entry, stdout: read(entry.file), stderr: read(entry.stderrFile) }];
    }),
  );
}

export interface Words {
  readonly argv: readonly string[];
  /** What `echo …|` gives to standard input, null without it. */
  readonly echo: string | null;
}

/** The words of a recorded command line; pipes from echo are understood, nothing else of a shell. */
export function wordsOf(command: string): Words {
  const words: string[] = [];
  const pattern = /\|?(?:"(?:\\.|[^"\\])*"|'[^']*'|\\.|[^\s"'|])+|\|/g;
  for (const [text] of command.matchAll(pattern)) words.push(unquote(text));
  const pipe = words.indexOf('|');
  if (pipe < 0) return { argv: words, echo: null };
  return { argv: words.slice(pipe + 1), echo: `${words.slice(1, pipe).join(' ')}\n` };
}

function unquote(text: string): string {
  return text.replace(
    /"((?:\\.|[^"\\])*)"|'([^']*)'/g,
    (_all, double?: string, single?: string) => single ?? (double ?? '').replace(/\\(["\\$])/g, '$1'),
  );
}

const recordedWorkDir = '/none/alice';

/** Runs a recorded command on the stand-in, as its user; momctl asks the mom that is meant. */
export async function replay(t: StandIn, recording: Recording, mom: MomPlace | null): Promise<Ran> {
  const { argv, echo } = wordsOf(recording.command);
  const [program = '', ...rest] = argv;
  const args = program === 'momctl' && mom !== null ? ['-p', String(mom.managerPort), ...rest] : rest;
  const stdin = echo ?? recording.stdin ?? '';
  const user = recording.user === 'root' ? {} : { user: recording.user };
  // As long as the recordings' working directory, for lines break by length, but not to be written to.
  const cwd = program === 'qsub' ? recordedWorkDir : t.work;
  return t.runHere(program, args, { ...user, stdin, cwd });
}

/** What may differ between two runs: times, process ids, sizes, addresses, paths, counters. */
export function normalised(text: string, t: StandIn): string {
  // The recordings' home folder was given another name afterwards: long values broke elsewhere.
  let plain = text.replaceAll(
    /^( {4}\S+ = .*)((?:\n\t.*)+)/gm,
    (_all, first: string, more: string) => first + more.replaceAll('\n\t', ''),
  );
  for (const [from, to] of [
    ...t.homes.map((home) => [home, '/var/spool/torque'] as const),
    [t.work, '/home/alice'] as const,
    [recordedWorkDir, '/home/alice'] as const,
  ]) {
    plain = plain.replaceAll(from, to);
  }
  for (const [pattern, to] of varying) plain = plain.replaceAll(pattern, to);
  return plain;
}

const varying: readonly (readonly [RegExp | string, string])[] = [
  [/\b(?:10\.77\.0|127\.0\.0)\.\d+(?::\d+)?/g, 'ADDRESS'],
  [/(Trusted Client List: {2})\S+/g, '$1ADDRESSES'],
  [/IP address: (?:ADDRESS)? +PID/g, 'IP address: ADDRESS PID'],
  [/opsys=linux,[\s\S]*?jobs=(?:\d+(?:\[\d+\])?\.head\.torque\.test ?)*/g, 'STATUS'],
  [/\b(?:Sun|Mon|Tue|Wed|Thu|Fri|Sat) \w{3} +\d+ (?:\d\d:\d\d:\d\d \d{4}|at \d\d:\d\d)/g, 'DATE'],
  [/(total_runtime(?:>| = ))[\d.]+/g, '$1N'],
  [/\b1[6-9]\d{8}\b/g, 'EPOCH'],
  ['walltime=00:05:00 -', 'walltime=00:05:00 job3.sh'],
  [/-a 20\d{10}/g, '-a TIME'],
  [/net_counter = \d+ \d+ \d+/g, 'net_counter = N'],
  [/PBS_O_PATH=[^,]*,/g, 'PBS_O_PATH=…,'],
  [/((?:queue_rank|session_id)(?:>| = ))\d+/g, '$1N'],
  [/((?:<mem>|<vmem>))\d+kb/g, '$1Nkb'],
  [/(<resources_used>[\s\S]*?<walltime>)[\d:]+/g, '$1N'],
  [/(Remaining(?:>| = ))\d+/g, '$1N'],
  [/(_port(?:>| = ))\d+/g, '$1PORT'],
  [/port is: \d+/g, 'port is: PORT'],
  [/port = \d+/g, 'port = PORT'],
  [/PID: \d+/g, 'PID: N'],
  [/\d+ seconds/g, 'N seconds'],
  [/\(\d+ blocks available\)/g, '(N blocks available)'],
  [/totmem=\d+kb/g, 'totmem=Nkb'],
  [/sidlist=\d+/g, 'sidlist=N'],
  // qstat -a: the session's id, and the time that has passed.
  [/^(\d.{22} .{11} .{8} .{16} ) *\d+/gm, '$1N'],
  [/00:00:\d\d/g, '00:00:NN'],
  // Long XML is compared line by line.
  ['><', '>\n<'],
];

/** The three things that other programs read, ready for one `toEqual`. */
function comparable(t: StandIn, code: number | 'timeout', stdout: string, stderr: string): unknown {
  return { code, stdout: normalised(stdout, t), stderr: normalised(stderr, t) };
}

/** Compares what a program did with the recording of that name. */
export function expectAsRecorded(t: StandIn, recording: Recording, ran: Ran): void {
  expect
    .soft(comparable(t, ran.code, ran.stdout, ran.stderr), `${recording.name}: ${recording.command}`)
    .toEqual(comparable(t, recording.exitCode, recording.stdout, recording.stderr));
}
