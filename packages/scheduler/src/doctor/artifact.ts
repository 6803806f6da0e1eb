/** The executor that agents fetch: built, and given out under the address that they are told. */
import { createHash } from 'node:crypto';
import { silentLog } from '@mesos-torque/common/logger.ts';
import { messageOf } from '@mesos-torque/common/text.ts';
import type { Artifact } from '../api/artifact.ts';
import { serveHttp } from '../api/http-server.ts';
import type { ExecutorConfig } from '../config.ts';
import { openExecutors, type Executors } from '../serve-executor.ts';
import { ok, unknown, wrong, type Check, type Verdict } from './check.ts';
import type { Ask, HttpSeen } from './http.ts';
import { answerText } from './mesos-master.ts';

export interface ArtifactSeen {
  readonly url: string;
  /** Of the file here. */
  readonly sha256: string;
  readonly fetched: HttpSeen;
  /** Who gave it out: the scheduler that runs, or we for this moment. */
  readonly by: 'scheduler' | 'doctor';
}

export function judgeArtifact({ url, sha256, fetched, by }: ArtifactSeen): Verdict {
  if (fetched.kind === 'failed')
    return wrong(
      `${url} cannot be fetched from here: ${fetched.why}`,
      'set http.advertise to a name or address under which agents reach this host, and http.host to 0.0.0.0',
    );
  if (fetched.status === 404 && by === 'scheduler')
    return wrong(
      `the scheduler that runs gives out another executor than the one that is here (${url}: 404)`,
      'restart the scheduler, so that new nodes get the executor that was built last',
    );
  if (fetched.status !== 200)
    return wrong(
      `${url}: ${answerText(fetched)}`,
      'set http.advertise and http.port to the address of the scheduler',
    );
  const got = createHash('sha256').update(fetched.body).digest('hex');
  if (got !== sha256)
    return wrong(
      `${url} is not the file that is here: sha256 ${got.slice(0, 16)}… instead of ${sha256.slice(0, 16)}…`,
      'look for a proxy between (http_proxy), or another server at this address',
    );
  const how = by === 'scheduler' ? 'from the scheduler that runs' : 'given out by us for this moment';
  return ok(
    `${url} fetched from here, ${how}; its checksum is right. That agents reach it can only be tried on them`,
  );
}

/** A site's own address: what agents get there is for the site to say; that it answers can be tried. */
export function judgeSiteUri(url: string, fetched: HttpSeen): Verdict {
  if (fetched.kind === 'failed')
    return wrong(
      `${url} cannot be fetched from here: ${fetched.why}`,
      'set executor.uri to an address that agents reach',
    );
  if (fetched.status === 200) return ok(`${url} answers here, ${fetched.body.length} bytes`);
  return wrong(`${url} ${answerText(fetched)}`, 'put the executor there, or set executor.uri');
}

export interface ArtifactParts {
  readonly ask: Ask;
  readonly executor: ExecutorConfig;
  readonly http: { readonly host: string; readonly port: number; readonly advertise: string };
  readonly schedulerAnswers: () => Promise<boolean>;
  readonly timeoutMs: number;
}

export function artifactCheck(parts: ArtifactParts, needs: readonly string[]): Check {
  return { name: 'executor artifact', needs, probe: () => tryExecutors(parts) };
}

async function tryExecutors(parts: ArtifactParts): Promise<Verdict> {
  const opened = await openExecutors(parts.executor).catch((error: unknown) => messageOf(error));
  if (typeof opened === 'string') return wrong(opened, 'npm run build, or set executor.file');
  try {
    const [artifact] = opened.artifacts;
    return artifact === undefined ? await trySiteUri(parts, opened) : await tryOwn(parts, artifact);
  } catch (error) {
    return unknown(`could not be tried: ${messageOf(error)}`);
  } finally {
    await opened.close();
  }
}

async function trySiteUri({ ask, timeoutMs }: ArtifactParts, executors: Executors): Promise<Verdict> {
  const choice = executors.programFor({}, '');
  if (!choice.ok) return wrong(choice.why, 'set executor.arch');
  const url = choice.program.uris[0]?.value ?? '';
  if (!/^https?:/.test(url)) return unknown(`${url} is read by the agents, which only they can try`);
  return judgeSiteUri(url, await ask({ url, method: 'GET', headers: {}, body: null, timeoutMs }));
}

/** From the scheduler that runs, or from a server of ours that is there for this one fetch. */
async function tryOwn(parts: ArtifactParts, artifact: Artifact): Promise<Verdict> {
  if (await parts.schedulerAnswers())
    return judgeArtifact(await fetched(parts, artifact, parts.http.port, 'scheduler'));
  const server = await serveHttp({
    ...parts.http,
    artifacts: [artifact],
    alive: () => ({ ok: true, why: '' }),
    ready: () => ({ ok: false, why: 'only the doctor runs' }),
    handlers: [],
    log: silentLog,
  });
  try {
    return judgeArtifact(await fetched(parts, artifact, server.port, 'doctor'));
  } finally {
    await server.close();
  }
}

async function fetched(
  { ask, http, timeoutMs }: ArtifactParts,
  artifact: Artifact,
  port: number,
  by: ArtifactSeen['by'],
): Promise<ArtifactSeen> {
  const url = `http://${http.advertise}:${port}/artifact/${artifact.name}`;
  const answer = await ask({ url, method: 'GET', headers: {}, body: null, timeoutMs });
  return { url, sha256: artifact.sha256, fetched: answer, by };
}
