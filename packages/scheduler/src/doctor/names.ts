/**
 * Host names as this host resolves them. TORQUE takes a node by the address of its name and knows a mom by
 * the name of its address: where the two do not agree, a node stays down and says nothing of why.
 */
import type { NameLookup } from '../torque/name-lookup.ts';
import { ok, unknown, warning, wrong, type Check, type Verdict } from './check.ts';

export interface NameSeen {
  readonly name: string;
  /** IPv4, as TORQUE takes them. Empty where the name does not resolve, or nothing answered in time. */
  readonly addresses: readonly string[];
  /** By address: the name that it resolves back to; null where it has none. */
  readonly reverse: ReadonlyMap<string, string | null>;
}

/** Resolves the name, and each of its addresses back. */
export async function lookAtName(names: NameLookup, name: string): Promise<NameSeen> {
  const addresses = (await names.addressesOf(name)) ?? [];
  const reverse = new Map<string, string | null>();
  for (const address of addresses) reverse.set(address, await names.nameOf(address));
  return { name, addresses, reverse };
}

/** `isReached`: other hosts come to us under this name, so that a loopback address would send them to themselves. */
export function judgeName(seen: NameSeen, isReached: boolean): Verdict {
  const { name, addresses, reverse } = seen;
  const list = addresses.join(', ');
  const hosts = 'in the DNS, or in /etc/hosts of this host and of all agents';
  if (addresses.length === 0)
    return wrong(`${name} does not resolve to an IPv4 address on this host`, `give it one ${hosts}`);
  const loopback = addresses.find(isLoopback);
  if (loopback !== undefined && isReached) {
    return wrong(
      `${name} resolves to ${loopback} here, where other hosts cannot reach it`,
      `give it its address in the network ${hosts}; Debian writes 127.0.1.1 there`,
    );
  }
  const nameless = addresses.find((address) => (reverse.get(address) ?? null) === null);
  if (nameless !== undefined)
    return warning(
      `${name} is ${list}, and ${nameless} resolves back to no name`,
      `enter ${nameless} ${name} ${hosts}`,
    );
  const other = addresses.find((address) => !isSameHost(reverse.get(address) ?? '', name));
  if (other !== undefined) {
    return wrong(
      `${name} is ${list}, but ${other} resolves back to ${reverse.get(other) ?? ''}`,
      `let both agree: enter "${other} ${name}" with this name first, ${hosts}, or use the other name`,
    );
  }
  return ok(`${name} is ${list}, and back`);
}

/** The names of many hosts in one verdict: the first few that do not agree are named with both sides. */
export function judgeNames(what: string, seen: readonly NameSeen[], sharesHost: boolean): Verdict {
  if (seen.length === 0) return unknown(`no ${what} is known yet`);
  const judged = seen.map((name) => ({ name: name.name, verdict: judgeName(name, !sharesHost) }));
  const bad = judged.filter(({ verdict }) => verdict.status === 'wrong');
  const doubtful = judged.filter(({ verdict }) => verdict.status === 'warning');
  const first = (bad.length > 0 ? bad : doubtful)[0];
  if (first === undefined) return ok(`${seen.length} ${what}: all resolve, and back`);
  const others = (bad.length > 0 ? bad : doubtful).slice(1, 4).map(({ verdict }) => verdict.found);
  const count = `${bad.length > 0 ? bad.length : doubtful.length} of ${seen.length} ${what}`;
  const found = [`${count}: ${first.verdict.found}`, ...others].join('; ');
  return { status: first.verdict.status, found, remedy: first.verdict.remedy };
}

export function nameCheck(title: string, names: NameLookup, name: string, isReached: boolean): Check {
  return { name: title, needs: [], probe: async () => judgeName(await lookAtName(names, name), isReached) };
}

/** Agents looked at, at the most; of a large cluster the first ones tell enough. */
const hostsMax = 500;
const atOnce = 16;

/** Agents on our own host (a mini-cluster) may well be on the loopback. */
export function agentNamesCheck(
  names: NameLookup,
  agentHosts: () => Promise<readonly string[]>,
  needs: readonly string[],
): Check {
  return {
    name: 'agent names',
    needs,
    probe: async () => {
      const hosts = [...new Set(await agentHosts())].slice(0, hostsMax);
      const seen: NameSeen[] = [];
      for (let i = 0; i < hosts.length; i += atOnce) {
        const few = hosts.slice(i, i + atOnce);
        seen.push(...(await Promise.all(few.map((host) => lookAtName(names, host)))));
      }
      const allOnLoopback = seen.every(
        ({ addresses }) => addresses.length > 0 && addresses.every(isLoopback),
      );
      return judgeNames('agents', seen, allOnLoopback);
    },
  };
}

function isLoopback(address: string): boolean {
  return address.startsWith('127.');
}

/** Not only the short form: TORQUE compares whole names. */
function isSameHost(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}
