/**
 * The end of a file in an executor's sandbox, read from its agent: `GET /files/read`, the way that Mesos' own web
 * interface takes. Only on demand, and within limits.
 *
 * 1.12 answers `{"data":"…","offset":0}`; asked for offset -1 it gives no data and the file's length as the offset. A file
 * that is not there is 404 with an empty body. It never gives more than 16 pages of memory (64 KiB) at once.
 */
import type { Clock } from '@mesos-torque/common/clock.ts';
import { endpointText, type Endpoint } from '@mesos-torque/common/endpoint.ts';
import type { Connection } from '@mesos-torque/common/event-stream.ts';
import { HttpPoster } from '@mesos-torque/common/http-post.ts';
import type { TlsTrust } from '@mesos-torque/common/tls-trust.ts';
import { z } from 'zod';
import type { FileTail, Outcome, SandboxFile, SandboxPort } from '../loop/ports.ts';
import { AgentAddresses, readAgentAddress, type AgentAddress } from './agent-addresses.ts';
import { authorization, type Credential } from './authorization.ts';
import { problem, unsubscribed } from './outcomes.ts';
import { readJson } from './read-json.ts';

export interface SandboxLogsOptions {
  readonly connection: () => Connection | null;
  /** For the master. */
  readonly headers: Readonly<Record<string, string>>;
  /** What agents are shown; null: nothing. */
  readonly agentCredential: Credential | null;
  readonly tls: TlsTrust;
  readonly clock: Clock;
}

/** For each of the at most four questions; somebody waits. Milliseconds. */
const answerMsMax = 3_000;
const bytesAtOnceMax = 64 * 1024;

const piece = z.object({ data: z.string(), offset: z.number().int().min(0) });

export class SandboxLogs implements SandboxPort {
  readonly addresses = new AgentAddresses();
  readonly #options: SandboxLogsOptions;
  readonly #poster: HttpPoster;

  constructor(options: SandboxLogsOptions) {
    this.#options = options;
    this.#poster = new HttpPoster(options.clock);
  }

  async readTail(wanted: SandboxFile): Promise<Outcome<FileTail>> {
    const address = await this.#addressOf(wanted.agentId);
    if (!address.ok) return address;
    const path = sandboxPath(wanted);
    const tail = await this.#tailAt(address.value, `${path}/${wanted.file}`, wanted);
    if (tail.ok || tail.problem.kind !== 'not-found') return tail;
    // Agents before Mesos 1.5 know sandboxes by their folders alone.
    const folder = await this.#folderOf(address.value, path);
    return folder === null ? tail : this.#tailAt(address.value, `${folder}/${wanted.file}`, wanted);
  }

  close(): void {
    this.#poster.close();
  }

  async #addressOf(agentId: string): Promise<Outcome<AgentAddress>> {
    const known = this.addresses.find(agentId);
    if (known !== null) return { ok: true, value: known };
    const doing = `asking the master where agent ${agentId} is`;
    const connection = this.#options.connection();
    if (connection === null) return unsubscribed(doing);
    const { endpoint } = connection;
    const path = `/slaves?slave_id=${encodeURIComponent(agentId)}`;
    const answer = await this.#get(doing, endpoint, path, this.#options.headers, this.#options.tls);
    if (!answer.ok) return answer;
    const reading = readAgentAddress(answer.value, agentId, endpoint.scheme);
    if (!reading.ok) return problem('garbled', `${doing}: ${reading.why}`);
    if (reading.value === null) return problem('not-found', `the master has no agent ${agentId} any more`);
    this.addresses.keep(agentId, reading.value);
    return { ok: true, value: reading.value };
  }

  async #tailAt(
    address: AgentAddress,
    path: string,
    { file, bytesMax }: SandboxFile,
  ): Promise<Outcome<FileTail>> {
    const doing = `reading ${file} from the agent on ${nameOf(address)}`;
    const end = await this.#readPiece(doing, address, path, -1, 0);
    if (!end.ok) return end;
    const bytes = end.value.offset;
    const length = Math.min(bytes, bytesMax, bytesAtOnceMax);
    const offset = bytes - length;
    const agent = endpointText(address.endpoint);
    if (length === 0) return { ok: true, value: { agent, text: '', bytes, offset } };
    const read = await this.#readPiece(doing, address, path, offset, length);
    return read.ok ? { ok: true, value: { agent, text: read.value.data, bytes, offset } } : read;
  }

  async #readPiece(
    doing: string,
    address: AgentAddress,
    path: string,
    offset: number,
    length: number,
  ): Promise<Outcome<z.infer<typeof piece>>> {
    const query = new URLSearchParams({ path, offset: String(offset) });
    if (length > 0) query.set('length', String(length));
    const answer = await this.#ask(doing, address, `/files/read?${query.toString()}`);
    if (!answer.ok) return answer;
    const read = readJson(answer.value, piece);
    return read.ok ? read : problem('garbled', `${doing}: ${read.why}`);
  }

  /** The attached folder of that executor; null where the agent does not tell, or tells of several. */
  async #folderOf(address: AgentAddress, path: string): Promise<string | null> {
    const answer = await this.#ask('listing sandboxes', address, '/files/debug');
    const read = answer.ok ? readJson(answer.value, z.record(z.string(), z.string())) : answer;
    if (!read.ok) return null;
    const runs = path.replace(/latest$/, '');
    const folders = new Set(
      Object.entries(read.value).flatMap(([key, to]) => (key.includes(runs) ? [to] : [])),
    );
    const [folder] = folders;
    return folder === undefined || folders.size > 1 ? null : folder;
  }

  #ask(doing: string, { endpoint, hostName }: AgentAddress, path: string): Promise<Outcome<string>> {
    const { tls, agentCredential } = this.#options;
    return this.#get(doing, endpoint, path, authorization(agentCredential), {
      ...tls,
      names: [...tls.names, hostName],
    });
  }

  async #get(
    doing: string,
    endpoint: Endpoint,
    path: string,
    headers: Readonly<Record<string, string>>,
    tls: TlsTrust,
  ): Promise<Outcome<string>> {
    const wants = { ...headers, Accept: 'application/json' };
    const result = await this.#poster.get({ endpoint, path, headers: wants, tls }, answerMsMax);
    if (result.kind === 'unreachable') return problem('unreachable', `${doing}: ${result.why}`);
    if (result.kind === 'no-answer') return problem('timed-out', `${doing}: ${result.why}`);
    const { status, said, body } = result.answer;
    if (status === 200) return { ok: true, value: Buffer.from(body).toString('utf8') };
    if (status === 404) return problem('not-found', `${doing}: it is not there (any more)`);
    return problem('refused', `${doing}: ${refusal(status, said)}`);
  }
}

function refusal(status: number, said: string): string {
  if (status === 401) {
    return 'it wants to know who asks (401): give mesos.agentSecretFile a principal and secret that agents know';
  }
  if (status === 403) {
    return 'it does not let us (403): its ACL access_sandboxes has to allow the principal of mesos.agentSecretFile';
  }
  return `answered ${String(status)} ${said}`.trimEnd();
}

/** The agent's own name for the newest sandbox of an executor, whatever its work_dir is. */
function sandboxPath({ frameworkId, executorId }: SandboxFile): string {
  return `/frameworks/${frameworkId}/executors/${executorId}/runs/latest`;
}

function nameOf({ hostName, endpoint }: AgentAddress): string {
  return hostName === endpoint.host ? endpointText(endpoint) : `${hostName} (${endpointText(endpoint)})`;
}
