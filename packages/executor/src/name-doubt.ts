/**
 * What speaks against the name of our node, as this agent sees it. pbs_server trusts a mom by the address that
 * the node's name has: where the agent's own address is another, the mom runs, answers, and its node stays
 * down. The scheduler looks from the head's side; this is the other end.
 */
import type { NameFacts } from './check/facts.ts';

/**
 * A sentence with both sides; null if nothing does. A name that does not resolve here ends pbs_mom, whose exit
 * code then says so. `own`: addresses of this machine without loopback, none where they are not known.
 */
export function nameDoubt({ name, addresses, namesOf }: NameFacts, own: readonly string[]): string | null {
  if (!addresses.ok || addresses.value.length === 0 || own.length === 0) return null;
  const shared = addresses.value.find((address) => own.includes(address));
  if (shared === undefined)
    return `${name} resolves to ${addresses.value.join(', ')} on this agent, whose own addresses are ${own.join(', ')}: where pbs_server finds another address than the mom's, the node stays down`;
  const back = namesOf.get(shared);
  if (back?.ok !== true || back.value.some((other) => isSameHost(other, name))) return null;
  return `${name} resolves to ${shared} on this agent, and ${shared} back to ${back.value.join(', ')}: pbs_server may know the mom by that name, and the node stays down`;
}

/** `node1` and `node1.example.org` are one host. */
export function isSameHost(one: string, other: string): boolean {
  const [a, b] = [one.toLowerCase(), other.toLowerCase()];
  return a === b || a.startsWith(`${b}.`) || b.startsWith(`${a}.`);
}
