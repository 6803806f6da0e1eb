/** `mom_priv/config`: lines of `$directive value`. 6.1.3 ignores directives that it does not know. */
import { readFileSync } from 'node:fs';
import path from 'node:path';

export interface MomConfig {
  /** `$pbsserver`, or else the file `server_name`; null when there is neither. `HOST` or `HOST:PORT`. */
  readonly server: string | null;
  readonly statusUpdateS: number;
  readonly checkPollS: number;
  readonly logLevel: number;
  /** Above this load average the node is busy; null: never. */
  readonly maxLoad: number | null;
}

export function readMomConfig(home: string): MomConfig {
  const directives = parseDirectives(readIfThere(path.join(home, 'mom_priv', 'config')));
  const serverName = readIfThere(path.join(home, 'server_name')).trim();
  const number = (name: string, otherwise: number): number => {
    const value = Number(directives.get(name) ?? Number.NaN);
    return Number.isFinite(value) && value >= 0 ? value : otherwise;
  };
  const max = number('$max_load', -1);
  return {
    server: directives.get('$pbsserver') ?? (serverName === '' ? null : serverName),
    statusUpdateS: number('$status_update_time', 45),
    checkPollS: number('$check_poll_time', 45),
    logLevel: number('$loglevel', 0),
    maxLoad: max < 0 ? null : max,
  };
}

function parseDirectives(text: string): Map<string, string> {
  const directives = new Map<string, string>();
  for (const line of text.split('\n')) {
    const match = /^(\$\w+)\s+(\S.*?)\s*$/.exec(line);
    if (match?.[1] !== undefined && match[2] !== undefined) directives.set(match[1], match[2]);
  }
  return directives;
}

export function readIfThere(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
