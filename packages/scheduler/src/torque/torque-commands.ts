/**
 * TORQUE's programs, run and judged. What their exit codes and words mean is known here alone; see
 * `judge` for the table.
 */
import path from 'node:path';
import type { CommandResult, RunCommand } from '@mesos-torque/common/run-command.ts';
import { unreachable } from '@mesos-torque/common/units.ts';
import type { Outcome, Problem } from '../loop/ports.ts';
import type { OutputParser } from './parsing.ts';

export interface TorqueCommandsOptions {
  readonly run: RunCommand;
  /** Where TORQUE's programs are; null: on the PATH. */
  readonly binDir: string | null;
  readonly timeoutMs: number;
}

/** 100,000 jobs are about 140 MB. */
const outputBytesMax = 512 * 1024 * 1024;
/** Commands of one kind that may wait for each other. */
const waitingMax = 64;
/** Six deletions at once took 2.1 s together (6.1.3), and kept no other command waiting. */
const apartAtOnce = 8;
const detailCharsMax = 300;

export type Program = 'qstat' | 'pbsnodes' | 'qmgr';

/** What a program printed, and its exit code where that was not 0. */
export interface Printed {
  readonly stdout: Buffer;
  readonly stderr: string;
}

/** Runs one command of each program at a time, in the order asked for. */
export class TorqueCommands {
  readonly #options: TorqueCommandsOptions;
  readonly #lanes: Readonly<Record<Program, Lane>> = {
    qstat: { last: Promise.resolve(), waiting: 0 },
    pbsnodes: { last: Promise.resolve(), waiting: 0 },
    qmgr: { last: Promise.resolve(), waiting: 0 },
  };

  readonly #apart: readonly Lane[] = Array.from({ length: apartAtOnce }, () => ({
    last: Promise.resolve(),
    waiting: 0,
  }));

  constructor(options: TorqueCommandsOptions) {
    this.#options = options;
  }

  qstat(args: readonly string[]): Promise<Outcome<Printed>> {
    return this.#run('qstat', args);
  }

  pbsnodes(args: readonly string[]): Promise<Outcome<Printed>> {
    return this.#run('pbsnodes', args);
  }

  /**
   * What `qstat` prints, parsed while it prints: 100,000 jobs are never in memory as text. Counts only when
   * it was read to its end and qstat succeeded.
   */
  async readQstat<T>(args: readonly string[], parser: OutputParser<T>): Promise<Outcome<T>> {
    const printed = await this.#runParsed('qstat', args, parser);
    return printed.ok ? parser.end() : printed;
  }

  /** The same of `pbsnodes`, and what it said on standard error. */
  async readPbsnodes<T>(
    args: readonly string[],
    parser: OutputParser<T>,
  ): Promise<Outcome<{ readonly parsed: T; readonly stderr: string }>> {
    const printed = await this.#runParsed('pbsnodes', args, parser);
    if (!printed.ok) return printed;
    const parsed = parser.end();
    return parsed.ok ? { ok: true, value: { parsed: parsed.value, stderr: printed.value.stderr } } : parsed;
  }

  /**
   * A sentence that keeps the server for long and that nothing else waits for, such as a deletion (2 s
   * in 6.1.3, whatever is deleted besides): several at a time, beside the other commands.
   */
  qmgrApart(sentence: string): Promise<Outcome<Printed>> {
    const [first = this.#lanes.qmgr, ...others] = this.#apart;
    const shortest = others.reduce((one, other) => (other.waiting < one.waiting ? other : one), first);
    return this.#run('qmgr', ['-c', sentence], undefined, shortest);
  }

  /** One sentence; its values were checked by whoever made it. */
  qmgr(sentence: string): Promise<Outcome<Printed>> {
    return this.#run('qmgr', ['-c', sentence]);
  }

  /** Feeds the parser; it is for the caller to end it, when the command succeeded. */
  async #runParsed(
    program: Program,
    args: readonly string[],
    parser: OutputParser<unknown>,
  ): Promise<Outcome<Printed>> {
    const tap = tapInto(parser);
    const printed = await this.#run(program, args, tap.take);
    tap.rethrow();
    return printed;
  }

  async #run(
    program: Program,
    args: readonly string[],
    onStdout?: Take,
    lane: Lane = this.#lanes[program],
  ): Promise<Outcome<Printed>> {
    if (lane.waiting >= waitingMax) {
      return failed('timed-out', `${program}: ${lane.waiting} commands are waiting already`);
    }
    lane.waiting += 1;
    const turn = lane.last.then(() => this.#runNow(program, args, onStdout));
    lane.last = turn.then(ignore, ignore);
    try {
      return judge(program, await turn);
    } finally {
      lane.waiting -= 1;
    }
  }

  async #runNow(program: Program, args: readonly string[], onStdout?: Take): Promise<CommandResult> {
    const { run, binDir, timeoutMs } = this.#options;
    const file = binDir === null ? program : path.join(binDir, program);
    if (onStdout === undefined) return run([file, ...args], { timeoutMs, outputBytesMax });
    const firsts: Buffer[] = [];
    const take: Take = (piece) => {
      if (firsts.length === 0) firsts.push(piece);
      onStdout(piece);
    };
    const result = await run([file, ...args], { timeoutMs, outputBytesMax, onStdout: take });
    if (result.kind === 'spawn-failed') return result;
    if (result.stdout.length > 0) take(result.stdout);
    // How the end is judged depends on whether there was any output, which the first piece shows.
    return { ...result, stdout: firsts[0] ?? result.stdout };
  }
}

type Take = (piece: Buffer) => void;

/** Gives pieces on to a parser. A parser that throws has a bug, which is for the caller and not for the stream. */
function tapInto(parser: OutputParser<unknown>): { readonly take: Take; readonly rethrow: () => void } {
  let bug: { readonly error: unknown } | null = null;
  return {
    take(piece) {
      if (bug !== null) return;
      try {
        parser.push(piece);
      } catch (error) {
        bug = { error };
      }
    },
    rethrow() {
      if (bug !== null) throw bug.error;
    },
  };
}

interface Lane {
  last: Promise<unknown>;
  waiting: number;
}

function judge(program: Program, result: CommandResult): Outcome<Printed> {
  switch (result.kind) {
    case 'exit':
      return judgeExit(program, result.code, result.stdout, result.stderr.toString('utf8'));
    case 'signal':
      return failed('unreachable', `${program} was ended by ${result.signal}`);
    case 'timed-out':
      return failed('timed-out', `${program} gave no answer within ${result.timeoutMs} ms`);
    case 'too-much-output':
      return failed('garbled', `${program} printed more than ${result.bytesMax} bytes`);
    case 'spawn-failed':
      return failed('unreachable', `${program} could not be started: ${result.error}`);
    default:
      return unreachable(result);
  }
}

/**
 * Exit 0 is not success by itself: pbsnodes -o and -c of 6.1.3 exit 0 for a missing node and without
 * permission, and only standard error tells. An empty node list exits 1 or 2, and is no failure.
 */
function judgeExit(program: Program, code: number, stdout: Buffer, stderr: string): Outcome<Printed> {
  if (code !== 0 && isEmptyNodeList(program, code, stdout, stderr))
    return { ok: true, value: { stdout, stderr } };
  const complaint = /^(?:Error |(?:qmgr|pbsnodes|qstat)\b.*: )/m.test(stderr);
  if (code === 0 && !complaint) return { ok: true, value: { stdout, stderr } };
  return failed(kindOf(stderr), `${program} exited ${code}: ${wordsOf(stderr)}`);
}

/** No node was ever made: exit 1, "Server has no node list". All are deleted: exit 2, "No nodes found". */
function isEmptyNodeList(program: Program, code: number, stdout: Buffer, stderr: string): boolean {
  if (program !== 'pbsnodes' || stdout.length > 0) return false;
  return (code === 1 || code === 2) && saysNoNodes(stderr);
}

/** The words with which pbsnodes says that there are no nodes. */
export function saysNoNodes(stderr: string): boolean {
  const words = stderr.trim();
  return words.startsWith('pbsnodes: Server has no node list') || words === 'pbsnodes: No nodes found';
}

function kindOf(stderr: string): Problem['kind'] {
  if (/unable to (?:authenticate|authorize)|unauthorized request/i.test(stderr)) return 'refused';
  // pbs_server is down (111), or trqauthd (15137), without which no command reaches it.
  if (/cannot connect to server|Unable to communicate with|socket_connect_unix failed/i.test(stderr)) {
    return 'unreachable';
  }
  if (/Unknown node(?!-)/.test(stderr)) return 'not-found';
  if (stderr.includes('Node name already exists')) return 'conflict';
  return 'refused';
}

/**
 * The line that says most, without what every line begins with. A server that does not answer makes
 * several lines, of which the last gives the error; else the first one does.
 */
function wordsOf(stderr: string): string {
  const lines = stderr
    .split('\n')
    .map((line) => line.replace(/[\p{Cc}\p{Cf}\s]+/gu, ' ').trim())
    .filter((line) => line !== '');
  const line =
    lines.findLast((known) => known.includes('cannot connect to server')) ?? lines[0] ?? 'nothing was said';
  const words = line.replace(/^(?:qmgr|pbsnodes|qstat)(?: obj=\S* svr=\S*)?: /, '');
  return words.length <= detailCharsMax ? words : `${words.slice(0, detailCharsMax)}…`;
}

export function failed(
  kind: Problem['kind'],
  detail: string,
): { readonly ok: false; readonly problem: Problem } {
  return { ok: false, problem: { kind, detail } };
}

/** The same problem, with what was being done in front of it. */
export function during(what: string, problem: Problem): { readonly ok: false; readonly problem: Problem } {
  return failed(problem.kind, `${what}: ${problem.detail}`);
}

function ignore(): void {
  // The one who asked for the command hears of its end; the next in line only waits for it.
}
