/**
 * Runs a program and gives its end as a value. No shell is ever involved: the program and its
 * arguments go to the system as they are.
 */

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
}

/** How a program ended. `stdout` and `stderr` are bytes: whether they are text is for the caller to say. */
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
