/** The Mesos master: which of those configured leads, whether it lets us in, and what it tells of itself. */
import { endpointText, redirectTarget, type Endpoint } from '@mesos-torque/common/endpoint.ts';
import { messageOf, quote } from '@mesos-torque/common/text.ts';
import { z } from 'zod';
import { authorization, type Credential } from '../mesos/authorization.ts';
import type { Ask, HttpSeen } from './http.ts';
import { ok, unknown, warning, wrong, type Verdict } from './check.ts';

/** One configured master: what it answered, and where that led. */
export interface MasterSeen {
  readonly asked: Endpoint;
  /** The leader that it is, or redirects to; null where it does not tell. */
  readonly leader: Endpoint | null;
  readonly answer: HttpSeen;
}

/** Asks each configured master who leads. */
export async function lookAtMasters(
  ask: Ask,
  masters: readonly Endpoint[],
  credential: Credential | null,
  timeoutMs: number,
): Promise<readonly MasterSeen[]> {
  return Promise.all(
    masters.map(async (asked) => {
      const answer = await askMaster(ask, asked, 'GET_VERSION', credential, timeoutMs);
      if (answer.kind !== 'answer') return { asked, leader: null, answer };
      if (answer.status !== 307) return { asked, leader: answer.status < 500 ? asked : null, answer };
      const target = redirectTarget(asked, answer.location ?? undefined);
      if (!target.ok) return { asked, leader: null, answer };
      const led = await askMaster(ask, target.endpoint, 'GET_VERSION', credential, timeoutMs);
      const leads = led.kind === 'answer' && led.status < 300;
      return { asked, leader: leads ? target.endpoint : null, answer: led };
    }),
  );
}

/** One reading call of the operator API. */
export function askMaster(
  ask: Ask,
  master: Endpoint,
  type: string,
  credential: Credential | null,
  timeoutMs: number,
): Promise<HttpSeen> {
  return ask({
    url: `${endpointText(master)}/api/v1`,
    method: 'POST',
    headers: { 'Content-Type': 'application/json', Accept: 'application/json', ...authorization(credential) },
    body: JSON.stringify({ type }),
    timeoutMs,
  });
}

export function judgeMasters(seen: readonly MasterSeen[]): Verdict {
  const leading = seen.find(({ leader }) => leader !== null);
  const silent = seen.filter(({ leader }) => leader === null);
  const complaints = silent.map(({ asked, answer }) => `${endpointText(asked)}: ${answerText(answer)}`);
  if (leading?.leader === undefined || leading.leader === null) {
    return wrong(
      `no Mesos master leads: ${complaints.length === 0 ? 'none is known' : complaints.join('; ')}`,
      'set mesos.master to the addresses of the masters (host:5050, separated by commas, or zk://…), and check that they run',
    );
  }
  const led = endpointText(leading.leader);
  const version = versionOf(leading.answer);
  const via = endpointText(leading.asked) === led ? '' : ` (${endpointText(leading.asked)} redirects there)`;
  const found = `${led} leads${via}${version === null ? '' : `, Mesos ${version}`}`;
  return complaints.length === 0
    ? ok(found)
    : warning(`${found}; but ${complaints.join('; ')}`, 'take the others off mesos.master, or start them');
}

export function answerText(seen: HttpSeen): string {
  if (seen.kind === 'failed') return seen.why;
  const said = seen.body.toString('utf8').trim();
  return `answered ${seen.status}${said === '' ? '' : ` ${quote(said, 200)}`}`;
}

const versionShape = z.object({
  get_version: z.object({ version_info: z.object({ version: z.string() }) }),
});

function versionOf(seen: HttpSeen): string | null {
  const read = readJson(seen, versionShape);
  return read.ok ? read.value.get_version.version_info.version : null;
}

export type JsonSeen<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly why: string };

/** A JSON answer of a known shape; fields beyond it are passed over. */
export function readJson<T>(seen: HttpSeen, shape: z.ZodType<T>): JsonSeen<T> {
  if (seen.kind === 'failed' || seen.status !== 200) return { ok: false, why: answerText(seen) };
  try {
    const read = shape.safeParse(JSON.parse(seen.body.toString('utf8')));
    return read.success
      ? { ok: true, value: read.data }
      : { ok: false, why: z.prettifyError(read.error).replaceAll('\n', ' ') };
  } catch (error) {
    return { ok: false, why: messageOf(error) };
  }
}

/**
 * A framework call that can have no effect: its framework does not exist. The master looks at who asks
 * before it looks for the framework, so "Framework cannot be found" means that we were let in.
 */
export function tryCredential(
  ask: Ask,
  leader: Endpoint,
  credential: Credential | null,
  timeoutMs: number,
): Promise<HttpSeen> {
  return ask({
    url: `${endpointText(leader)}/api/v1/scheduler`,
    method: 'POST',
    headers: {
      'Content-Type': 'application/json',
      Accept: 'application/json',
      'Mesos-Stream-Id': '00000000-0000-4000-8000-000000000000',
      ...authorization(credential),
    },
    body: JSON.stringify({ type: 'REVIVE', framework_id: { value: 'mesos-torque-doctor-trial' } }),
    timeoutMs,
  });
}

export function judgeCredential(tried: HttpSeen, credential: Credential | null): Verdict {
  if (tried.kind === 'failed') return unknown(`could not be tried: ${tried.why}`);
  const as = credential === null ? 'frameworks without a principal' : `the principal ${credential.principal}`;
  if (tried.status === 401) {
    return credential === null
      ? wrong(
          'the master wants frameworks to authenticate, and no principal is configured',
          'set mesos.principal and mesos.secretFile to credentials that the master knows (its flag --credentials)',
        )
      : wrong(
          `the master does not accept ${as} with the secret of mesos.secretFile (401)`,
          "compare both with the master's credentials file; it answers the same to an unknown principal and a wrong secret",
        );
  }
  if (tried.status === 400 || tried.status === 403 || tried.status === 202)
    return ok(`the master lets ${as} in (tried)`);
  return unknown(`could not be tried: ${answerText(tried)}`);
}
