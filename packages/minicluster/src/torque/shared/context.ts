/** What a program of the stand-in is given by its launcher. */
export interface Context {
  /** Name under which it was started, such as `qstat`. */
  readonly program: string;
  readonly args: readonly string[];
  /** Home of the server: hosts, settings, database. */
  readonly home: string;
  /** Who acts: the launcher's user, or TORQUE_STANDIN_USER. */
  readonly user: string;
  /** Folder of the launchers; jobs find their commands there. */
  readonly binDir: string;
  readonly env: NodeJS.ProcessEnv;
}

export type Program = (context: Context) => Promise<number>;

export function out(text: string): void {
  process.stdout.write(text);
}

export function err(text: string): void {
  process.stderr.write(text);
}

/** Everything on standard input, up to `bytesMax`; empty when it is a terminal. */
export async function readStdin(bytesMax: number): Promise<string> {
  if (process.stdin.isTTY) return '';
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of process.stdin) {
    const buffer = part as Buffer;
    bytes += buffer.length;
    if (bytes > bytesMax) throw new Error(`more than ${bytesMax} bytes on standard input`);
    parts.push(buffer);
  }
  return Buffer.concat(parts).toString('utf8');
}
