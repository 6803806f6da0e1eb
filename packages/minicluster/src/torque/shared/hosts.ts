/**
 * The stand-in's name service: a file of `ADDRESS NAME…` lines, like /etc/hosts. Only names in it
 * resolve, so that "Unknown node" can be had, and only to the loopback, so that nothing leaves the machine.
 */
import { readFileSync } from 'node:fs';
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
    if (address === undefined) continue;
    if (!/^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(address) || names.length === 0) {
      throw new Error(`hosts file: not "127.x.y.z NAME…": ${JSON.stringify(line)}`);
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
  return /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(name) ? name : null;
}
