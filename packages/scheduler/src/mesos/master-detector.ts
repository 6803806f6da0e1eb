/** Reads where the Mesos masters are. */
import { readEndpoint } from '@mesos-torque/common/endpoint.ts';
import type { Endpoint } from '@mesos-torque/common/endpoint.ts';
import { quote } from '@mesos-torque/common/text.ts';

export type Masters = readonly [Endpoint, ...Endpoint[]];

export type MastersReading =
  { readonly ok: true; readonly masters: Masters } | { readonly ok: false; readonly why: string };

/** Mesos' own port of a master. */
const masterPort = 5050;
/** More masters than any site has; a longer list is a mistake. */
const mastersMax = 32;

/**
 * Reads `host:port[,host:port…]`, each also as `http(s)://host:port`. They are tried in turn; one that
 * does not lead redirects to the one that does.
 */
export function readMasters(text: string): MastersReading {
  const addresses = text.split(',').map((address) => address.trim());
  if (addresses.some((address) => address.startsWith('zk://'))) {
    return {
      ok: false,
      why: `masters ${quote(text)}: finding the leader through ZooKeeper is not supported yet; list the masters themselves, host:5050,host:5050 (each of them redirects to the leader)`,
    };
  }
  if (addresses.length > mastersMax) {
    return { ok: false, why: `masters: ${addresses.length} addresses, at most ${mastersMax} are taken` };
  }
  const masters: Endpoint[] = [];
  for (const address of addresses) {
    const reading = readEndpoint(address, masterPort);
    if (!reading.ok) return { ok: false, why: `masters: ${reading.why}` };
    masters.push(reading.endpoint);
  }
  const [first, ...others] = masters;
  return first === undefined
    ? { ok: false, why: 'masters: no address given; list the masters as host:5050' }
    : { ok: true, masters: [first, ...others] };
}
