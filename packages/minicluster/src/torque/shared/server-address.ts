import { readHosts, resolveHost } from './hosts.ts';
import type { Settings } from './settings.ts';
import type { Address } from './wire.ts';

/** Where pbs_server listens. */
export function serverAddress(home: string, settings: Settings): Address {
  const host = resolveHost(readHosts(home), settings.serverName);
  if (host === null) throw new Error(`hosts file: no address for the server, ${settings.serverName}`);
  return { host, port: settings.serverPort };
}
