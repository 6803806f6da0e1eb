/** Where the Mesos masters are: a list that is gone through, or ZooKeeper, which knows who leads. */
import type { Clock } from '@mesos-torque/common/clock.ts';
import { readEndpoint } from '@mesos-torque/common/endpoint.ts';
import type { Endpoint } from '@mesos-torque/common/endpoint.ts';
import { inTurn } from '@mesos-torque/common/event-stream.ts';
import type { Log } from '@mesos-torque/common/logger.ts';
import { isZooAddress, readZooAddress } from '../zookeeper/address.ts';
import type { ZooAddress } from '../zookeeper/address.ts';
import { openZooSession } from '../zookeeper/session.ts';
import type { MesosAccess } from './access.ts';
import { watchLeadingMaster } from './leading-master.ts';
import type { LeaderWatch } from './leading-master.ts';

export type Masters =
  | { readonly kind: 'list'; readonly endpoints: readonly [Endpoint, ...Endpoint[]] }
  | { readonly kind: 'zookeeper'; readonly address: ZooAddress; readonly scheme: Endpoint['scheme'] };

export type MastersReading =
  { readonly ok: true; readonly masters: Masters } | { readonly ok: false; readonly why: string };

/** What the address itself does not tell. */
export type MastersAccess = Pick<MesosAccess, 'scheme' | 'zookeeperDigest'>;

const openAccess: MastersAccess = { scheme: 'http', zookeeperDigest: null };

/** Mesos' own port of a master. */
const masterPort = 5050;
/** More masters than any site has; a longer list is a mistake. */
const mastersMax = 32;
/** As Mesos' own libraries ask for it. Milliseconds. */
const sessionTimeoutMs = 10_000;
/** Half of the session's time to ask two servers. Milliseconds. */
const requestTimeMsMax = 2500;
const connectTimeMsMax = 5000;
/** Between two looks at who leads: a failover takes Mesos itself longer. Milliseconds. */
const lookIntervalMs = 1000;

/**
 * Reads `host:port[,host:port…]`, each also as `http(s)://host:port`: they are tried in turn, and one that
 * does not lead redirects to the one that does. Or `zk://host:port[,host:port…]/path`.
 */
export function readMasters(text: string, access: MastersAccess = openAccess): MastersReading {
  if (isZooAddress(text)) {
    const zoo = readZooAddress(text);
    if (!zoo.ok) return { ok: false, why: `masters: ${zoo.why}` };
    const digest = access.zookeeperDigest ?? zoo.address.digest;
    return {
      ok: true,
      masters: { kind: 'zookeeper', address: { ...zoo.address, digest }, scheme: access.scheme },
    };
  }
  const addresses = text.split(',').map((address) => address.trim());
  if (addresses.length > mastersMax) {
    return { ok: false, why: `masters: ${addresses.length} addresses, at most ${mastersMax} are taken` };
  }
  const endpoints: Endpoint[] = [];
  for (const address of addresses) {
    const reading = readEndpoint(address, masterPort, access.scheme);
    if (!reading.ok) return { ok: false, why: `masters: ${reading.why}` };
    endpoints.push(reading.endpoint);
  }
  const [first, ...others] = endpoints;
  return first === undefined
    ? {
        ok: false,
        why: 'masters: no address given; list the masters as host:5050, or name zk://host:2181/path',
      }
    : { ok: true, masters: { kind: 'list', endpoints: [first, ...others] } };
}

/** Begins to watch who leads where ZooKeeper tells; a list needs no watching. */
export function openMasters(masters: Masters, clock: Clock, log: Log): LeaderWatch {
  switch (masters.kind) {
    case 'list':
      return {
        ...inTurn(masters.endpoints),
        looked: Promise.resolve(),
        onChange: () => undefined,
        close: () => Promise.resolve(),
      };
    case 'zookeeper':
      return watchLeadingMaster({
        name: `zk://${masters.address.servers.join(',')}${masters.address.path}`,
        path: masters.address.path,
        scheme: masters.scheme,
        openSession: () =>
          openZooSession({
            address: masters.address,
            timeoutMs: sessionTimeoutMs,
            requestTimeMsMax,
            connectTimeMsMax,
            clock,
          }),
        intervalMs: lookIntervalMs,
        clock,
        log,
      });
  }
}
