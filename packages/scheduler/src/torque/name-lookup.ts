/**
 * What names of nodes lead to, asked of this host's resolver as TORQUE's programs do (getaddrinfo). Slow
 * or failing lookups tell nothing: the port answers null then, and nobody concludes anything from it.
 */
import { lookup, lookupService } from 'node:dns/promises';
import { isIPv4 } from 'node:net';
import type { Clock } from '@mesos-torque/common/clock.ts';

export interface NameLookup {
  /** IPv4 addresses of a name, each once, in the resolver's order; null when it gave none in time. */
  addressesOf(name: string): Promise<readonly string[] | null>;
  /** The name of an address, null when it has none. */
  nameOf(address: string): Promise<string | null>;
}

/** A resolver that hangs may not hang us; creating a node waits for at most two of these. */
const lookupTimeMsMax = 2000;

export function systemNameLookup(clock: Clock): NameLookup {
  return {
    addressesOf: (name) =>
      inTime(clock, async () => {
        const found = await lookup(name, { all: true, family: 4 });
        return [...new Set(found.map(({ address }) => address).filter((address) => isIPv4(address)))];
      }),
    nameOf: (address) =>
      inTime(clock, async () => {
        const { hostname } = await lookupService(address, 0);
        return isIPv4(hostname) ? null : hostname.toLowerCase();
      }),
  };
}

async function inTime<T>(clock: Clock, ask: () => Promise<T>): Promise<T | null> {
  const late = Promise.withResolvers<null>();
  const cancel = clock.after(lookupTimeMsMax, () => {
    late.resolve(null);
  });
  try {
    return await Promise.race([ask(), late.promise]);
  } catch {
    return null;
  } finally {
    cancel();
  }
}
