/**
 * What `momctl -d 3` prints, as data. The text is read as TORQUE 6.1.3 and 4.2.10 print it; lines that
 * we have no use for are skipped, so a line more in another version does no harm.
 */
import { quote } from '@mesos-torque/common/text.ts';

/** A pbs_server as the mom sees it. */
export interface MomServer {
  /** The name as `$pbsserver` or `server_name` gave it to the mom. */
  readonly name: string;
  /** `address:port` that the mom resolved it to. */
  readonly address: string;
  /** Seconds since the last message from the server; null when there was none yet. */
  readonly heardS: number | null;
  /** Seconds since the last message to the server; null when there was none yet. */
  readonly toldS: number | null;
  /** Warnings that name a fault, such as "could not open connection to server, …". */
  readonly warnings: readonly string[];
}

export interface MomDiagnosis {
  /** The name that the mom goes by. */
  readonly host: string;
  readonly version: string;
  readonly pid: number;
  /** The folder mom_priv, by the path with which the mom was started. */
  readonly homeDirectory: string;
  /** Empty when the mom knows no server: none configured, or its name does not resolve. */
  readonly servers: readonly MomServer[];
  /** Hosts that the mom talks to, as `address:port`; port 0 stands for any. Empty below level 1. */
  readonly trustedClients: readonly string[];
  /** Ids of the jobs on this mom. */
  readonly jobIds: readonly string[];
}

export type ParsedDiagnosis =
  { readonly ok: true; readonly diagnosis: MomDiagnosis } | { readonly ok: false; readonly error: string };

const hostLine = /^Host: (?<host>[^/\s]+)\/\S+\s+Version: (?<version>\S+)\s.*\bPID: (?<pid>\d{1,10})\s*$/;
const homeLine = /^HomeDirectory:\s+(?<home>\S.*?)\s*$/;
const serverLine = /^Server\[\d+\]: (?<name>\S+) \((?<address>[^)]*)\)\s*$/;
const heardLine = /^ {2}Last Msg From Server:\s+(?<s>\d{1,12}) seconds/;
const toldLine = /^ {2}Last Msg To Server:\s+(?<s>\d{1,12}) seconds/;
const warningLine = /^ {2}WARNING:\s+(?<text>\S.*?)\s*$/;
const clientsLine = /^Trusted Client List:\s+(?<list>\S*?)(?::\s+\d+)?\s*$/;
const jobLine = /^job\[(?<id>\S+)\]\s/;
const lastLine = 'diagnostics complete';
/** Said of a mom that has just started, too: it tells nothing that `heardS` and `toldS` do not. */
const silence = /^no messages (?:received from|sent to) server$/;

/** Reads the diagnosis of one mom. The error quotes what was there instead. */
export function parseDiagnosis(text: string): ParsedDiagnosis {
  const lines = text.split('\n');
  const host = firstMatch(lines, hostLine);
  if (host === null) return { ok: false, error: `momctl printed no "Host:" line: ${quote(text.trim())}` };
  const home = firstMatch(lines, homeLine);
  if (home === null)
    return { ok: false, error: `momctl printed no "HomeDirectory:" line: ${quote(text.trim())}` };
  if (!lines.includes(lastLine)) {
    return { ok: false, error: `momctl stopped before "${lastLine}", after ${quote(lines.at(-1) ?? '')}` };
  }
  const clients = firstMatch(lines, clientsLine);
  return {
    ok: true,
    diagnosis: {
      host: host['host'] ?? '',
      version: host['version'] ?? '',
      pid: Number(host['pid']),
      homeDirectory: home['home'] ?? '',
      servers: serversOf(lines),
      trustedClients: (clients?.['list'] ?? '').split(',').filter((client) => client !== ''),
      jobIds: lines.map((line) => jobLine.exec(line)?.groups?.['id']).filter((id) => id !== undefined),
    },
  };
}

type Groups = Readonly<Record<string, string>>;

function firstMatch(lines: readonly string[], pattern: RegExp): Groups | null {
  for (const line of lines) {
    const groups = pattern.exec(line)?.groups;
    if (groups !== undefined) return groups;
  }
  return null;
}

/** Each `Server[n]` line with the indented lines below it. */
function serversOf(lines: readonly string[]): readonly MomServer[] {
  return lines.flatMap((line, index): readonly MomServer[] => {
    const server = serverLine.exec(line)?.groups;
    if (server === undefined) return [];
    const below = lines.slice(index + 1);
    const end = below.findIndex((next) => !next.startsWith('  '));
    const details = end < 0 ? below : below.slice(0, end);
    return [
      {
        name: server['name'] ?? '',
        address: server['address'] ?? '',
        heardS: secondsOf(firstMatch(details, heardLine)),
        toldS: secondsOf(firstMatch(details, toldLine)),
        warnings: details
          .map((detail) => warningLine.exec(detail)?.groups?.['text'])
          .filter((text) => text !== undefined)
          .filter((text) => !silence.test(text)),
      },
    ];
  });
}

function secondsOf(groups: Groups | null): number | null {
  return groups === null ? null : Number(groups['s']);
}
