/**
 * The stand-in's name service: a file of `ADDRESS NAME…` lines, like /etc/hosts. Only names in it
 * resolve, so that "Unknown node" can be had, and only to the loopback or to private addresses (network
 * namespaces of this machine), so that nothing leaves it.
 */
import { readFileSync } from 'node:fs';
import net from 'node:net';
import path from 'node:path';

export type Hosts = ReadonlyMap<string, string>;

export function hostsPath(home: string): string {
  return path.join(home, 'hosts');
}

/** Throws an error that quotes the line it cannot take. */
export function parseHosts(text: string): Hosts {
  const hosts = new Map<string, string>();
  for (const line of text.split('\n')) {
    const words = (line.split('#')[0] ?? '').trim().split(/\s+/).filter(Boolean);
    const [address, ...names] = words;
    // A machine's own /etc/hosts may serve; the stand-in speaks IPv4 alone.
    if (address === undefined || net.isIPv6(address)) continue;
    if (!isLocalAddress(address) || names.length === 0) {
      throw new Error(
        `hosts file: not "ADDRESS NAME…" with a loopback or private address: ${JSON.stringify(line)}`,
      );
    }
    for (const name of names) if (!hosts.has(name)) hosts.set(name, address);
  }
  return hosts;
}

/** Read anew at every use: hosts may be added while daemons run. */
export function readHosts(home: string): Hosts {
  return parseHosts(readFileSync(hostsPath(home), 'utf8'));
}

/** The address of a host name or of an address in text form; null if it does not resolve. */
export function resolveHost(hosts: Hosts, name: string): string | null {
  if (name === 'localhost') return '127.0.0.1';
  const known = hosts.get(name);
  if (known !== undefined) return known;
  return isLocalAddress(name) ? name : null;
}

function isLocalAddress(text: string): boolean {
  return net.isIPv4(text) && /^(?:127|10|192\.168|172\.(?:1[6-9]|2\d|3[01]))\./.test(text);
}
