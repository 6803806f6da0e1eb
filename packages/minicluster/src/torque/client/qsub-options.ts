/** qsub's options, from the command line and from `#PBS` lines of the script. */
import type { Options } from '../shared/options.ts';
import { parseOptions } from '../shared/options.ts';

const spec = 'a:A:b:c:C:d:D:e:EfF:hIj:J:k:K:l:L:m:M:nN:o:p:P:q:r:S:t:T:u:v:Vw:W:xXz';

/** All values of one letter, those of the command line last, so that they win. */
export interface QsubOptions {
  readonly line: Options;
  all(letter: string): string[];
  last(letter: string): string | null;
  has(letter: string): boolean;
}

export function parseQsubLine(args: readonly string[]): Options {
  return parseOptions(spec, args);
}

export function withDirectives(line: Options, script: string): QsubOptions {
  const inScript = parseOptions(spec, directiveWords(script));
  const given = [...inScript.given, ...line.given];
  return {
    line,
    all: (letter) => given.filter(([l]) => l === letter).map(([, value]) => value),
    last: (letter) => given.findLast(([l]) => l === letter)?.[1] ?? null,
    has: (letter) => given.some(([l]) => l === letter),
  };
}

/** Words of the `#PBS` lines before the first line that is neither comment nor empty. */
function directiveWords(script: string): string[] {
  const words: string[] = [];
  for (const line of script.split('\n')) {
    if (/^\s*$/.test(line)) continue;
    if (!line.startsWith('#') && !line.startsWith(':')) break;
    const match = /^#PBS\s+(.*)$/.exec(line);
    if (match?.[1] !== undefined) words.push(...(match[1].match(/"[^"]*"|'[^']*'|\S+/g) ?? []));
  }
  return words.map((word) => word.replace(/^(["'])(.*)\1$/, '$2'));
}

/**
 * `nodes=1:ppn=2,walltime=10:00` of every `-l`, in their order; a name given twice keeps its last
 * value.
 */
export function resourcesOf(options: QsubOptions): (readonly [string, string])[] {
  const inScriptFirst = new Map<string, string>();
  for (const list of options.all('l')) {
    for (const piece of list.split(',')) {
      const at = piece.indexOf('=');
      if (piece === '') continue;
      inScriptFirst.set(at < 0 ? piece : piece.slice(0, at), at < 0 ? '' : piece.slice(at + 1));
    }
  }
  return [...inScriptFirst].map(([name, value]) => [name, normal(name, value)] as const);
}

/** walltime=90 is kept as 00:01:30. */
function normal(name: string, value: string): string {
  if (!['walltime', 'cput', 'pcput'].includes(name) || !/^\d+(:\d+)*$/.test(value)) return value;
  const parts = value.split(':').map(Number);
  const seconds = parts.reduce((sum, part) => sum * 60 + part, 0);
  const two = (n: number): string => String(n).padStart(2, '0');
  return `${two(Math.floor(seconds / 3600))}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
}

export const qsubUsage = `usage: qsub [-a date_time] [-A account_string] [-b secs]
    [-c [ none | { enabled | periodic | shutdown |
    depth=<int> | dir=<path> | interval=<minutes>}... ]
    [-C directive_prefix] [-d path] [-D path]
    [-e path] [-h] [-I] [-j oe|eo|n] [-k {oe}] [-K <kill delay seconds>] 
    [-l resource_list] [-m n|{abe}] [-M user_list] [-N jobname] [-o path] 
    [-p priority] [-P proxy_user [-J <jobid]] [-q queue] [-r y|n] 
    [-S path] [-t number_to_submit] [-T type]  [-u user_list] [-w] path
    [-W additional_attributes] [-v variable_list] [-V ] [-x] [-X] [-z] [script]

`;
