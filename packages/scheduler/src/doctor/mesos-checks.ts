/** The checks of Mesos' side, which share what they read of the leading master. */
import { systemClock } from '@mesos-torque/common/clock.ts';
import { endpointText, type Endpoint } from '@mesos-torque/common/endpoint.ts';
import type { Config } from '../config.ts';
import { readLeadingMaster } from '../mesos/leading-master.ts';
import { readMasters, type Masters } from '../mesos/master-detector.ts';
import type { NameLookup } from '../torque/name-lookup.ts';
import { openZooSession } from '../zookeeper/session.ts';
import { ok, warning, wrong, type Check, type Verdict } from './check.ts';
import type { Ask, HttpSeen } from './http.ts';
import {
  askMaster,
  authorization,
  judgeCredential,
  judgeMasters,
  lookAtMasters,
  tryCredential,
  type Credential,
} from './mesos-master.ts';
import { agentHostsIn, judgeAgents, judgeQuota, judgeRole } from './mesos-role.ts';
import { agentNamesCheck } from './names.ts';
import { once } from './torque-checks.ts';

export type SecretSeen =
  | { readonly kind: 'none' }
  | { readonly kind: 'credential'; readonly credential: Credential; readonly isOpenToOthers: boolean }
  | { readonly kind: 'unreadable'; readonly why: string };

export interface MesosParts {
  readonly config: Config;
  readonly secret: SecretSeen;
  readonly ask: Ask;
  readonly names: NameLookup;
  /** For one exchange. */
  readonly timeoutMs: number;
}

const master = 'Mesos master';
const sessionTimeoutMs = 10_000;

export function mesosChecks(parts: MesosParts): readonly Check[] {
  const { config, secret, ask, timeoutMs, names } = parts;
  const { role, user, principal, secretFile } = config.mesos;
  const credential = secret.kind === 'credential' ? secret.credential : null;
  const masters = readMasters(config.mesos.master);
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
      probe: () => Promise.resolve(judgeSecret(secret, principal, secretFile)),
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
    const leading = await readLeadingMaster(session.value, address.path, 'http');
    if (!leading.ok) throw new Error(`ZooKeeper: ${leading.problem.detail}`);
    return leading.value === null ? [] : [leading.value];
  } finally {
    await session.value.close();
  }
}

export function judgeSecret(secret: SecretSeen, principal: string | null, file: string | null): Verdict {
  switch (secret.kind) {
    case 'none':
      return ok(principal === null ? 'none is configured' : `principal ${principal} without a secret`);
    case 'unreadable':
      return wrong(
        `mesos.secretFile cannot be read: ${secret.why}`,
        'let the user who runs mesos-torque read it',
      );
    case 'credential':
      return secret.isOpenToOthers
        ? warning(`${file ?? ''} can be read by others`, `chmod 600 ${file ?? ''}`)
        : ok(`${file ?? ''} can be read by us alone`);
  }
}
