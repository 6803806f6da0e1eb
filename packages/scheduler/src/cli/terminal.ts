/** What a command line program has around it, as an argument, so that tests can give their own. */
import { existsSync } from 'node:fs';
import os from 'node:os';

/** Where packages put the site's configuration. */
export const siteConfigFile = '/etc/mesos-torque.yaml';

export interface Terminal {
  out(text: string): void;
  err(text: string): void;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly hostName: string;
  nowMs(): number;
  /** The configuration that is read where none is named; left out where there is none. */
  readonly configFile?: string;
  /** How wide lines may be; left out where output goes elsewhere than to a terminal. */
  readonly columns?: number;
  /** Left out where there is no screen to draw on. */
  readonly screen?: Screen;
}

/** A whole screen, drawn anew each time; what stood there before comes back at the end. */
export interface Screen {
  size(): { readonly columns: number; readonly rows: number };
  open(): void;
  draw(lines: readonly string[]): void;
  close(): void;
}

function realScreen(out: NodeJS.WriteStream): Screen {
  return {
    size: () => ({ columns: out.columns, rows: out.rows }),
    // The alternate screen, without a cursor.
    open: () => out.write('\u001B[?1049h\u001B[?25l'),
    draw: (lines) => out.write(`\u001B[H${lines.map((line) => `${line}\u001B[K`).join('\n')}\u001B[J`),
    close: () => out.write('\u001B[?25h\u001B[?1049l'),
  };
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
    ...(existsSync(siteConfigFile) ? { configFile: siteConfigFile } : {}),
    ...(process.stdout.isTTY ? { columns: process.stdout.columns, screen: realScreen(process.stdout) } : {}),
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
