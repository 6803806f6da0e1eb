/**
 * Runs a program and gives its end as a value. No shell is ever involved: the program and its
 * arguments go to the system as they are.
 */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';

export interface RunOptions {
  /** After this time the program's whole process group is ended (TERM, then KILL). Milliseconds. */
  readonly timeoutMs: number;
  /** Standard output and standard error are each read up to this size; beyond it the program is ended. */
  readonly outputBytesMax: number;
  /** The whole environment; left out, the program inherits ours. */
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** Fed to standard input, which is closed after it; left out, standard input is empty. */
  readonly stdin?: string;
  /** The account to run as, without further groups; only root may change it. Left out, our own. */
  readonly account?: { readonly uid: number; readonly gid: number };
  /**
   * Takes standard output piece by piece as it comes, under the same limit; the result's `stdout` is then
   * empty. The next piece is not read before this returns, so a program that prints faster has to wait. A
   * piece is the receiver's to keep. Must not throw.
   */
  readonly onStdout?: (piece: Buffer) => void;
}

/**
 * How a program ended. `stdout` and `stderr` are bytes: whether they are text is for the caller to say.
 * What `onStdout` took is not in `stdout`.
 */
export type CommandResult =
  | ({ readonly kind: 'exit'; readonly code: number } & CommandOutput)
  | ({ readonly kind: 'signal'; readonly signal: string } & CommandOutput)
  | ({ readonly kind: 'timed-out'; readonly timeoutMs: number } & CommandOutput)
  | ({ readonly kind: 'too-much-output'; readonly bytesMax: number } & CommandOutput)
  | { readonly kind: 'spawn-failed'; readonly error: string };

export interface CommandOutput {
  readonly stdout: Buffer;
  readonly stderr: Buffer;
  readonly durationMs: number;
}

/** Program and arguments. */
export type Argv = readonly [string, ...string[]];

/** The port: adapters take it as an argument, tests give their own. Never rejects. */
export type RunCommand = (argv: Argv, options: RunOptions) => Promise<CommandResult>;

/** Between TERM and KILL, and between KILL and giving up on a process that the system does not end. */
const endGraceMs = 2000;
/** A program has ended, but something it started holds its output open: how long we read on. */
const drainMs = 1000;

/**
 * The port's real implementation, on `node:child_process`. The program gets a process group of its
 * own, so that whatever it starts can be ended with it.
 */
export const runCommand: RunCommand = (argv, options) =>
  new Promise((resolve) => {
    const [program, ...args] = argv;
    try {
      const child = spawn(program, args, {
        detached: true,
        shell: false,
        stdio: [options.stdin === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
        ...(options.env === undefined ? {} : { env: options.env }),
        ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
        ...(options.account ?? {}),
      });
      new Run(program, child, options, resolve).watch();
    } catch (error) {
      // Arguments that no system call takes, such as a NUL byte within a string.
      resolve({ kind: 'spawn-failed', error: spawnProblem(program, options, error) });
    }
  });

type Ending =
  { readonly kind: 'timed-out' } | { readonly kind: 'too-much-output' } | { readonly kind: 'by-itself' };

/** One running program, from its start to its result. */
class Run {
  readonly #program: string;
  readonly #child: ChildProcess;
  readonly #options: RunOptions;
  readonly #resolve: (result: CommandResult) => void;
  readonly #beganMs = performance.now();
  readonly #timers = new Set<NodeJS.Timeout>();
  readonly #stdout: Collected;
  readonly #stderr = collected(null);
  #ending: Ending = { kind: 'by-itself' };
  #exit: { readonly code: number | null; readonly signal: string | null } = { code: null, signal: null };

  constructor(
    program: string,
    child: ChildProcess,
    options: RunOptions,
    resolve: (result: CommandResult) => void,
  ) {
    this.#program = program;
    this.#child = child;
    this.#options = options;
    this.#resolve = resolve;
    this.#stdout = collected(options.onStdout ?? null);
  }

  watch(): void {
    const child = this.#child;
    child.on('error', (error) => {
      if (child.pid === undefined) {
        this.#finish({ kind: 'spawn-failed', error: spawnProblem(this.#program, this.#options, error) });
      }
    });
    child.on('exit', (code, signal) => {
      this.#exit = { code, signal };
      this.#after(drainMs, () => {
        this.#signalGroup('SIGKILL');
        this.#finish(this.#result());
      });
    });
    child.on('close', () => {
      this.#finish(this.#result());
    });
    this.#collect(child.stdout, this.#stdout);
    this.#collect(child.stderr, this.#stderr);
    this.#feed(child.stdin);
    this.#after(this.#options.timeoutMs, () => {
      this.#end({ kind: 'timed-out' });
    });
  }

  #collect(stream: Readable | null, into: Collected): void {
    stream?.on('data', (chunk: Buffer) => {
      const room = this.#options.outputBytesMax - into.bytes;
      const taken = chunk.subarray(0, room);
      into.bytes += taken.length;
      if (taken.length > 0) into.take(taken);
      if (chunk.length > room) this.#end({ kind: 'too-much-output' });
      if (into.isGivenOn) restForATurn(stream);
    });
    stream?.on('error', ignore);
  }

  #feed(stdin: Writable | null): void {
    // A program may end without reading what it was given; that is not an error of ours.
    stdin?.on('error', ignore);
    stdin?.end(this.#options.stdin);
  }

  #end(ending: Ending): void {
    if (this.#ending.kind !== 'by-itself') return;
    this.#ending = ending;
    this.#signalGroup('SIGTERM');
    this.#after(endGraceMs, () => {
      this.#signalGroup('SIGKILL');
      this.#after(endGraceMs, () => {
        this.#finish(this.#result());
      });
    });
  }

  #signalGroup(signal: NodeJS.Signals): void {
    const { pid } = this.#child;
    if (pid === undefined) return;
    try {
      process.kill(-pid, signal);
    } catch {
      // The group is gone already.
    }
  }

  #after(delayMs: number, then: () => void): void {
    this.#timers.add(setTimeout(then, delayMs));
  }

  #result(): CommandResult {
    const output: CommandOutput = {
      stdout: Buffer.concat(this.#stdout.chunks),
      stderr: Buffer.concat(this.#stderr.chunks),
      durationMs: Math.round(performance.now() - this.#beganMs),
    };
    switch (this.#ending.kind) {
      case 'timed-out':
        return { kind: 'timed-out', timeoutMs: this.#options.timeoutMs, ...output };
      case 'too-much-output':
        return { kind: 'too-much-output', bytesMax: this.#options.outputBytesMax, ...output };
      case 'by-itself':
        if (this.#exit.signal !== null) return { kind: 'signal', signal: this.#exit.signal, ...output };
        return { kind: 'exit', code: this.#exit.code ?? 0, ...output };
    }
  }

  #finish(result: CommandResult): void {
    // The program may have ended at TERM and something it started may not.
    if (this.#ending.kind !== 'by-itself') this.#signalGroup('SIGKILL');
    for (const timer of this.#timers) clearTimeout(timer);
    this.#child.stdout?.destroy();
    this.#child.stderr?.destroy();
    this.#child.stdin?.destroy();
    this.#child.unref();
    this.#resolve(result);
  }
}

/** What has come of one output: given on at once, or kept for the result. */
interface Collected {
  readonly chunks: readonly Buffer[];
  readonly take: (chunk: Buffer) => void;
  /** Whether somebody works on each piece as it comes. */
  readonly isGivenOn: boolean;
  bytes: number;
}

function collected(giveOn: ((piece: Buffer) => void) | null): Collected {
  const chunks: Buffer[] = [];
  const keep = (chunk: Buffer): void => {
    chunks.push(chunk);
  };
  return { chunks, take: giveOn ?? keep, isGivenOn: giveOn !== null, bytes: 0 };
}

/** Node reads a pipe up to 32 times, 2 MB, before it does anything else; that is too much work for one turn. */
function restForATurn(stream: Readable): void {
  stream.pause();
  setImmediate(() => stream.resume());
}

function spawnProblem(program: string, options: RunOptions, error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  // The system's ENOENT does not say which of the two is missing.
  const where = options.cwd === undefined ? '' : `, or no folder ${options.cwd}`;
  if (code === 'ENOENT') return `no program ${program}${where} (ENOENT)`;
  if (code === 'EACCES') return `${program} may not be run by this user (EACCES)`;
  return message;
}

function ignore(): void {
  // Ends of streams show in the program's end.
}
