/** Reads where a ZooKeeper ensemble is, in the form that Mesos uses: `zk://user:secret@h1:2181,h2/path`. */
import { readEndpoint } from '@mesos-torque/common/endpoint.ts';
import { quote } from '@mesos-torque/common/text.ts';

export interface ZooAddress {
  /** `host:port` of each server; at least one. */
  readonly servers: readonly string[];
  /** Absolute, without a slash at its end: `/mesos`, `/a/b`. */
  readonly path: string;
  /** For the scheme `digest`: `user:secret`; null where nothing is to be shown. */
  readonly digest: string | null;
}

export type ZooAddressReading =
  { readonly ok: true; readonly address: ZooAddress } | { readonly ok: false; readonly why: string };

const scheme = 'zk://';
const zooKeeperPort = 2181;
/** More servers than any ensemble has; a longer list is a mistake. */
const serversMax = 32;
/** Names of znodes as we use them; ZooKeeper itself would take nearly any character. */
const pathPattern = /^(?:\/[A-Za-z0-9._-]{1,100}){1,20}$/;

export function isZooAddress(text: string): boolean {
  return text.startsWith(scheme);
}

/** `zk://host1:2181,host2:2181/path`; the port may be left out, a path is needed. Secrets are never quoted. */
export function readZooAddress(text: string): ZooAddressReading {
  if (!isZooAddress(text)) return refused(`${quote(text)} does not begin with ${scheme}`);
  const rest = text.slice(scheme.length);
  const slash = rest.indexOf('/');
  if (slash < 0) return refused('the address has no path; write zk://host1:2181,host2:2181/path');
  const authority = rest.slice(0, slash);
  const at = authority.lastIndexOf('@');
  const digest = at < 0 ? null : authority.slice(0, at);
  if (digest !== null && !/^[^:]+:.+$/.test(digest)) {
    return refused('what comes before @ is not user:secret');
  }
  const path = rest.slice(slash).replace(/\/$/, '');
  if (!pathPattern.test(path)) {
    return refused(`${quote(rest.slice(slash))} is no path such as /mesos (the root itself is not taken)`);
  }
  const servers = serversOf(authority.slice(at + 1).split(','));
  return servers.ok ? { ok: true, address: { servers: servers.servers, path, digest } } : servers;
}

function serversOf(
  hosts: readonly string[],
): { readonly ok: true; readonly servers: readonly string[] } | { readonly ok: false; readonly why: string } {
  if (hosts.length > serversMax) return refused(`${hosts.length} servers, at most ${serversMax} are taken`);
  const servers: string[] = [];
  for (const host of hosts) {
    const reading = readEndpoint(host.trim(), zooKeeperPort);
    if (!reading.ok || host.includes('://')) return refused(`${quote(host)} is not host or host:port`);
    // The client library cuts an address at its first colon.
    if (reading.endpoint.host.includes(':'))
      return refused(`${quote(host)}: give a name for an IPv6 address`);
    servers.push(`${reading.endpoint.host}:${reading.endpoint.port}`);
  }
  return { ok: true, servers };
}

function refused(why: string): { readonly ok: false; readonly why: string } {
  return { ok: false, why };
}
