/** The checks of Mesos' side, which share what they read of the leading master. */
import { systemClock } from '@mesos-torque/common/clock.ts';
import { endpointText, type Endpoint } from '@mesos-torque/common/endpoint.ts';
import { unreachable } from '@mesos-torque/common/units.ts';
import type { Config } from '../config.ts';
import type { MesosAccess } from '../mesos/access.ts';
import { authorization } from '../mesos/authorization.ts';
import { readLeadingMaster } from '../mesos/leading-master.ts';
import { readMasters, type Masters } from '../mesos/master-detector.ts';
import type { NameLookup } from '../torque/name-lookup.ts';
import { openZooSession } from '../zookeeper/session.ts';
import { ok, wrong, type Check, type Verdict } from './check.ts';
import type { Ask, HttpSeen } from './http.ts';
import { askMaster, judgeCredential, judgeMasters, lookAtMasters, tryCredential } from './mesos-master.ts';
import { agentHostsIn, judgeAgents, judgeQuota, judgeRole } from './mesos-role.ts';
import { agentNamesCheck } from './names.ts';
import { once } from './torque-checks.ts';

/** The files with secrets, certificates and keys that the configuration names. */
export type AccessSeen =
  | { readonly kind: 'access'; readonly access: MesosAccess }
  | { readonly kind: 'unreadable'; readonly why: string };

export interface MesosParts {
  readonly config: Config;
  readonly seen: AccessSeen;
  readonly ask: Ask;
  readonly names: NameLookup;
  /** For one exchange. */
  readonly timeoutMs: number;
}

const master = 'Mesos master';
const sessionTimeoutMs = 10_000;

export function mesosChecks(parts: MesosParts): readonly Check[] {
  const { config, seen: files, ask, timeoutMs, names } = parts;
  const { role, user } = config.mesos;
  const access = files.kind === 'access' ? files.access : null;
  const credential = access?.credential ?? null;
  const masters = readMasters(config.mesos.master, access ?? undefined);
  if (!masters.ok)
    return [
      { name: master, needs: [], probe: () => Promise.resolve(wrong(masters.why, 'set mesos.master')) },
    ];
  const seen = once(async () =>
    lookAtMasters(ask, await mastersAt(masters.masters, timeoutMs), credential, timeoutMs),
  );
  const leader = async (): Promise<Endpoint> => {
    const leading = (await seen()).find((one) => one.leader !== null)?.leader ?? null;
    if (leading === null) throw new Error('no master leads');
    return leading;
  };
  const read = async (type: string): Promise<HttpSeen> =>
    askMaster(ask, await leader(), type, credential, timeoutMs);
  const flags = async (): Promise<HttpSeen> =>
    ask({
      url: `${endpointText(await leader())}/flags`,
      method: 'GET',
      headers: authorization(credential),
      body: null,
      timeoutMs,
    });
  const hosts = once(async () => agentHostsIn(await read('GET_AGENTS')));
  return [
    {
      name: 'Mesos secret',
      needs: [],
      probe: () => Promise.resolve(judgeAccess(files, config.mesos)),
    },
    { name: master, needs: [], probe: async () => judgeMasters(await seen()) },
    {
      name: 'Mesos principal',
      needs: ['Mesos secret', master],
      probe: async () =>
        judgeCredential(await tryCredential(ask, await leader(), credential, timeoutMs), credential),
    },
    {
      name: 'Mesos role',
      needs: [master],
      probe: async () => judgeRole(role, user, await flags(), await read('GET_FRAMEWORKS')),
    },
    {
      name: 'Mesos quota',
      needs: [master],
      probe: async () => judgeQuota(role, config.policy, await read('GET_QUOTA')),
    },
    { name: 'Mesos agents', needs: [master], probe: async () => judgeAgents(await hosts()) },
    agentNamesCheck(names, hosts, ['Mesos agents']),
  ];
}

/** Those that are listed, or the one that ZooKeeper says leads. */
async function mastersAt(masters: Masters, timeoutMs: number): Promise<readonly Endpoint[]> {
  if (masters.kind === 'list') return masters.endpoints;
  const { address } = masters;
  const session = await openZooSession({
    address,
    timeoutMs: sessionTimeoutMs,
    requestTimeMsMax: timeoutMs,
    connectTimeMsMax: timeoutMs,
    clock: systemClock,
  });
  if (!session.ok) throw new Error(`ZooKeeper at ${address.servers.join(', ')}: ${session.problem.detail}`);
  try {
    const leading = await readLeadingMaster(session.value, address.path, masters.scheme);
    if (!leading.ok) throw new Error(`ZooKeeper: ${leading.problem.detail}`);
    return leading.value === null ? [] : [leading.value];
  } finally {
    await session.value.close();
  }
}

export function judgeAccess(seen: AccessSeen, { principal }: { readonly principal: string | null }): Verdict {
  switch (seen.kind) {
    case 'unreadable':
      return wrong(seen.why, 'do what it says, as the user who runs mesos-torque or as root');
    case 'access': {
      const { credential, tls, scheme } = seen.access;
      const who = principal === null ? 'no principal is configured' : `principal ${principal}`;
      const secret = credential === null ? 'no secret' : 'its secret can be read by us alone';
      const proof = tls.identity === null ? '' : ', with a certificate of ours';
      const how =
        scheme === 'https' ? `over TLS${proof}` : 'without TLS where the address does not say https';
      const words = principal === null ? who : `${who}, ${secret}`;
      return ok(`${words}; masters are spoken to ${how}`);
    }
    default:
      return unreachable(seen);
  }
}
