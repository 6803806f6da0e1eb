/** The scheduler's HTTP API over a cluster that is made up, and the dashboard's own files: for tests in a browser. */
import { createReadStream, existsSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { Entry, Job, Node, Offer } from '@mesos-torque/proto/gen/control/v1/facts.ts';
import {
  ExplainResponse,
  GetHistoryResponse,
  GetNodeLogResponse,
  GetSettingsResponse,
  GetStatusResponse,
  ListDecisionsResponse,
  ListJobsResponse,
  ListNodesResponse,
  ListOffersResponse,
  RepairResponse,
} from '@mesos-torque/proto/gen/control/v1/messages.ts';
import { explanationOf } from './sample-explanation.ts';
import { nodeName, type SampleCluster } from './sample-cluster.ts';
import { sampleLog, silentNode } from './sample-log.ts';

export interface FakeApi {
  readonly url: string;
  /** What was asked of it so far: `GET /api/v1/status`. */
  readonly asked: readonly string[];
  /** Bodies of the changes that were ordered, with their paths. */
  readonly ordered: readonly { readonly path: string; readonly body: unknown }[];
  /** The cluster is another one from now on, and watchers hear of it. */
  become(cluster: SampleCluster): void;
  /** A new entry of the journal. */
  tell(entry: Entry): void;
  /** Gone as a killed process is: connections break, new ones are refused. */
  vanish(): Promise<void>;
  /** Back at the same address. */
  comeBack(): Promise<void>;
  close(): Promise<void>;
}

export const adminToken = 'an-admins-token-0123456789';
export const operatorToken = 'operator-of-the-test';

/** `dist` is the folder of the built dashboard. */
export async function serveFakeApi(dist: string, first: SampleCluster): Promise<FakeApi> {
  let cluster = first;
  const asked: string[] = [];
  const ordered: { path: string; body: unknown }[] = [];
  const watchers = new Set<ServerResponse>();
  const answer = (request: IncomingMessage, response: ServerResponse): void => {
    const url = new URL(request.url ?? '/', 'http://fake');
    asked.push(`${request.method ?? ''} ${url.pathname}`);
    if (url.pathname === '/api/v1/events') watch(response, watchers, cluster);
    else if (request.method === 'POST') void order(request, response, url, ordered);
    else if (url.pathname.startsWith('/api/v1/')) sendJson(response, request, url, cluster);
    else sendFile(response, dist, url.pathname);
  };
  let server = createServer(answer);
  await listen(server, 0);
  const { port } = server.address() as AddressInfo;
  const vanish = async (): Promise<void> => {
    watchers.clear();
    const closed = new Promise((resolve) => server.close(resolve));
    server.closeAllConnections();
    await closed;
  };
  return {
    url: `http://127.0.0.1:${String(port)}/`,
    asked,
    ordered,
    become(next) {
      cluster = next;
      for (const watcher of watchers) send(watcher, 'status', GetStatusResponse.toJSON(cluster.status), '');
    },
    tell(entry) {
      cluster = { ...cluster, entries: [...cluster.entries, entry] };
      for (const watcher of watchers) send(watcher, 'entry', Entry.toJSON(entry), String(entry.sequence));
    },
    vanish,
    async comeBack() {
      server = createServer(answer);
      await listen(server, port);
    },
    close: vanish,
  };
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
}

function watch(response: ServerResponse, watchers: Set<ServerResponse>, cluster: SampleCluster): void {
  response.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' });
  response.on('close', () => watchers.delete(response));
  watchers.add(response);
  send(response, 'status', GetStatusResponse.toJSON(cluster.status), '');
}

function send(watcher: ServerResponse, event: string, data: unknown, id: string): void {
  watcher.write(`event: ${event}\n${id === '' ? '' : `id: ${id}\n`}data: ${JSON.stringify(data)}\n\n`);
}

function sendJson(
  response: ServerResponse,
  request: IncomingMessage,
  url: URL,
  cluster: SampleCluster,
): void {
  const asked = url.pathname.slice('/api/v1/'.length);
  const name = asked.split('/')[0] ?? '';
  const answer = answers[name];
  if (answer !== undefined) json(response, answer(cluster, url));
  else if (name === 'whoami') whoAmI(response, request);
  else if (name === 'explain') explain(response, cluster, asked);
  else if (name === 'log') log(response, cluster, url);
  else json(response, { code: 'NOT_FOUND', reason: 'CALL_UNKNOWN', message: `nothing at ${asked}` }, 404);
}

const answers: Readonly<Record<string, (cluster: SampleCluster, url: URL) => unknown>> = {
  status: ({ status }) => GetStatusResponse.toJSON(status),
  jobs({ jobs }, url) {
    const { items, ...rest } = pageOf(url)(jobs, jobFields);
    return ListJobsResponse.toJSON(ListJobsResponse.fromPartial({ jobs: items, ...rest }));
  },
  nodes({ nodes }, url) {
    const { items, ...rest } = pageOf(url)(nodes, nodeFields);
    return ListNodesResponse.toJSON(ListNodesResponse.fromPartial({ nodes: items, ...rest }));
  },
  offers({ offers }, url) {
    const { items, ...rest } = pageOf(url)(offers, offerFields);
    return ListOffersResponse.toJSON(ListOffersResponse.fromPartial({ offers: items, ...rest }));
  },
  decisions({ entries }, url) {
    const beforeMs = Number(url.searchParams.get('before_ms') ?? '0');
    const wanted = beforeMs === 0 ? entries : entries.filter(({ atMs }) => Number(atMs) <= beforeMs);
    const { items, ...rest } = pageOf(url)(wanted.toReversed(), entryFields);
    return ListDecisionsResponse.toJSON(ListDecisionsResponse.fromPartial({ entries: items, ...rest }));
  },
  history: (cluster, url) => historySince(cluster, Number(url.searchParams.get('from_ms') ?? 0)),
  settings: ({ settings }) => GetSettingsResponse.toJSON(settings),
  repair: ({ repair }) => RepairResponse.toJSON(repair),
};

function whoAmI(response: ServerResponse, request: IncomingMessage): void {
  const said = request.headers.authorization;
  if (said === undefined) json(response, { role: 'viewer' });
  else if (said === `Bearer ${operatorToken}`) json(response, { role: 'operator' });
  else if (said === `Bearer ${adminToken}`) json(response, { role: 'admin' });
  else
    json(
      response,
      { code: 'UNAUTHENTICATED', reason: 'TOKEN_UNKNOWN', message: 'the token is not known' },
      401,
    );
}

function explain(response: ServerResponse, cluster: SampleCluster, path: string): void {
  const [, kind = '', id = ''] = path.split('/').map(decodeURIComponent);
  const explanation = explanationOf(cluster, kind, id);
  if (explanation !== null) json(response, ExplainResponse.toJSON(explanation));
  else json(response, { code: 'NOT_FOUND', reason: 'NOT_FOUND', message: `there is no ${kind} ${id}` }, 404);
}

function log(response: ServerResponse, cluster: SampleCluster, url: URL): void {
  const node = decodeURIComponent(url.pathname.split('/').at(-1) ?? '');
  const found = sampleLog(cluster, node, url.searchParams.get('file') ?? '');
  if (found === null) {
    json(response, { code: 'NOT_FOUND', reason: 'NODE_UNKNOWN', message: `there is no node ${node}` }, 404);
  } else if (node === nodeName(silentNode)) {
    const message = `the log of ${node} could not be read: reading stderr from the agent on ${node} (http://10.0.0.9:5051): no answer within 3000 ms`;
    json(response, { code: 'UNAVAILABLE', reason: 'AGENT_SILENT', message }, 503);
  } else json(response, GetNodeLogResponse.toJSON(found));
}

function historySince(cluster: SampleCluster, fromMs: number): unknown {
  const { atMs, series } = cluster.history;
  const first = atMs.findIndex((at) => Number(at) >= fromMs);
  const from = first < 0 ? atMs.length : first;
  return GetHistoryResponse.toJSON({
    atMs: atMs.slice(from),
    series: series.map((one) => ({ ...one, values: one.values.slice(from) })),
  });
}

type Fields = Readonly<Record<string, readonly string[]>>;

const jobFields = (job: Job): Fields => ({
  id: [job.id],
  verdict: [job.verdict],
  state: [job.state],
  code: [job.whyCode],
  owner: [job.owner],
  queue: [job.queue],
  name: [job.name],
});
const nodeFields = (node: Node): Fields => ({
  name: [node.name],
  phase: [node.phase],
  code: [node.whyCode],
  property: node.properties,
});
const offerFields = (offer: Offer): Fields => ({
  id: [offer.id],
  host: [offer.host],
  verdict: [offer.verdict],
  code: [offer.whyCode],
});
const entryFields = (entry: Entry): Fields => ({
  event: [entry.event],
  node: [entry.node],
  task: [entry.taskId],
});

type PageOf = <T>(
  all: readonly T[],
  fieldsOf: (item: T) => Fields,
) => { readonly items: T[]; readonly nextPageToken: string; readonly totalSize: number };

function pageOf(url: URL): PageOf {
  const size = Number(url.searchParams.get('page_size') ?? 100);
  const from = Number(url.searchParams.get('page_token') ?? 0);
  const words = (url.searchParams.get('filter') ?? '').split(' ').filter((word) => word !== '');
  return (all, fieldsOf) => {
    const found =
      words.length === 0 ? all : all.filter((item) => words.every((word) => matches(fieldsOf(item), word)));
    return {
      items: found.slice(from, from + size),
      nextPageToken: from + size < found.length ? String(from + size) : '',
      totalSize: found.length,
    };
  };
}

function matches(fields: Fields, word: string): boolean {
  const [, minus = '', field = '', value = ''] = /^(-?)([a-z]+):(.*)$/.exec(word) ?? [];
  if (field === '')
    return Object.values(fields)
      .flat()
      .some((text) => text.includes(word));
  const isIt = (text: string): boolean =>
    value.endsWith('*') ? text.startsWith(value.slice(0, -1)) : text === value;
  return (fields[field] ?? []).some(isIt) === (minus === '');
}

function json(response: ServerResponse, body: unknown, code = 200): void {
  response.writeHead(code, { 'Content-Type': 'application/json' });
  response.end(JSON.stringify(body));
}

async function order(
  request: IncomingMessage,
  response: ServerResponse,
  url: URL,
  ordered: { path: string; body: unknown }[],
): Promise<void> {
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(piece as Buffer);
  const tokens = [operatorToken, adminToken].map((token) => `Bearer ${token}`);
  if (!tokens.includes(request.headers.authorization ?? '')) {
    json(response, { code: 'PERMISSION_DENIED', reason: 'ROLE', message: 'an operator may do that' }, 403);
    return;
  }
  ordered.push({ path: url.pathname, body: JSON.parse(Buffer.concat(pieces).toString()) as unknown });
  json(response, {});
}

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
};

/** With the scheduler's own Content-Security-Policy, which the page has to live with. */
function sendFile(response: ServerResponse, dist: string, pathname: string): void {
  const file = path.join(dist, pathname === '/' ? 'index.html' : path.normalize(pathname));
  if (!file.startsWith(dist) || !existsSync(file)) {
    response.writeHead(404).end();
    return;
  }
  response.writeHead(200, {
    'Content-Type': types[path.extname(file)] ?? 'application/octet-stream',
    'Content-Security-Policy':
      "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'",
  });
  createReadStream(file).pipe(response);
}
