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
  readonly cwd: string;
  out(text: string | Uint8Array): void;
  err(text: string | Uint8Array): void;
  /** Everything on standard input; throws beyond `bytesMax`. */
  readStdin(bytesMax: number): Promise<string>;
}

export type Program = (context: Context) => Promise<number>;
