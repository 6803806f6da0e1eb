/** What a command line program has around it, as an argument, so that tests can give their own. */
import os from 'node:os';

export interface Terminal {
  out(text: string): void;
  err(text: string): void;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly hostName: string;
  nowMs(): number;
}

export function realTerminal(): Terminal {
  return {
    out: (text) => {
      process.stdout.write(text);
    },
    err: (text) => {
      process.stderr.write(text);
    },
    environment: process.env,
    hostName: os.hostname(),
    nowMs: () => Date.now(),
  };
}

/**
 * Text of others for a terminal: control characters and those that turn the direction of writing are
 * shown as escapes. A job's name can hold any of them.
 */
export function clean(text: string): string {
  return text.replace(
    /[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/gu,
    (char) => `\\u{${(char.codePointAt(0) ?? 0).toString(16)}}`,
  );
}
