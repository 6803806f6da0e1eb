/**
 * The control API over HTTP, as the JSON of the same messages: what the dashboard asks. Looking takes no token, changing
 * takes an operator's.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import * as m from '@mesos-torque/proto/gen/control/v1/messages.ts';
import type { Control } from './control.ts';
import { asControlError, ControlError, httpCode } from './control-error.ts';
import { serveEvents, type EventFeed } from './http-events.ts';
import type { Handler } from './http-server.ts';
import { anybody, bearerToken, type Caller, type Tokens } from './tokens.ts';

const base = '/api/v1/';
const bodyBytesMax = 64 * 1024;

export interface HttpApiParts {
  readonly control: Control;
  readonly tokens: Tokens;
  readonly events: EventFeed;
}

type Get = (control: Control, query: URLSearchParams) => Promise<unknown>;

const lookups: Readonly<Record<string, Get>> = {
  status: async (control, query) =>
    m.GetStatusResponse.toJSON(await control.getStatus({ summary: query.get('full') !== '1' })),
  jobs: async (control, query) => m.ListJobsResponse.toJSON(await control.listJobs(pageRequest(query))),
  nodes: async (control, query) => m.ListNodesResponse.toJSON(await control.listNodes(pageRequest(query))),
  offers: async (control, query) => m.ListOffersResponse.toJSON(await control.listOffers(pageRequest(query))),
  tasks: async (control, query) => m.ListTasksResponse.toJSON(await control.listTasks(pageRequest(query))),
  decisions: async (control, query) =>
    m.ListDecisionsResponse.toJSON(
      await control.listDecisions({
        ...pageRequest(query),
        beforeMs: BigInt(whole(query, 'before_ms')),
      }),
    ),
  history: (control, query) => {
    const request = { fromMs: BigInt(whole(query, 'from_ms')), pointsMax: whole(query, 'points_max') };
    return Promise.resolve(m.GetHistoryResponse.toJSON(control.getHistory(request)));
  },
  // What there is to repair; only POST repairs.
  repair: async (control) =>
    m.RepairResponse.toJSON(await control.repair(m.RepairRequest.fromPartial({ dryRun: true }), anybody)),
  settings: (control) => Promise.resolve(m.GetSettingsResponse.toJSON(control.getSettings())),
};

type Post = (control: Control, body: unknown, caller: Caller) => Promise<unknown>;

const changes: Readonly<Record<string, Post>> = {
  hold: async (control, body, caller) =>
    m.HoldGrowthResponse.toJSON(await control.holdGrowth(m.HoldGrowthRequest.fromJSON(body), caller)),
  release: async (control, body, caller) => {
    await control.releaseGrowth(m.ReleaseGrowthRequest.fromJSON(body), caller);
    return {};
  },
  drain: async (control, body, caller) =>
    m.DrainResponse.toJSON(await control.drain(m.DrainRequest.fromJSON(body), caller)),
  undrain: async (control, body, caller) => {
    await control.undrain(m.UndrainRequest.fromJSON(body), caller);
    return {};
  },
  repair: async (control, body, caller) =>
    m.RepairResponse.toJSON(await control.repair(m.RepairRequest.fromJSON(body), caller)),
  policy: async (control, body, caller) =>
    m.SetPolicyResponse.toJSON(await control.setPolicy(m.SetPolicyRequest.fromJSON(body), caller)),
};

export function httpApi(parts: HttpApiParts): Handler {
  return async (request, response, url) => {
    if (!url.pathname.startsWith(base)) return false;
    try {
      await serve(parts, request, response, url);
    } catch (error) {
      sendError(response, asControlError(error));
    }
    return true;
  };
}

async function serve(
  { control, tokens, events }: HttpApiParts,
  request: IncomingMessage,
  response: ServerResponse,
  { pathname, searchParams }: URL,
): Promise<void> {
  const caller = tokens.callerOf(bearerToken(request.headers.authorization));
  const name = pathname.slice(base.length);
  if (request.method === 'POST') {
    const change = ownOf(changes, name);
    if (change === null) throw nothingAt(pathname, changes);
    sendJson(response, 200, await change(control, await bodyOf(request), caller));
    return;
  }
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    throw new ControlError(
      'INVALID_ARGUMENT',
      'METHOD_UNKNOWN',
      `${request.method ?? ''}: GET and POST are possible`,
    );
  }
  if (name === 'events') {
    serveEvents(events, request, response, searchParams.get('after'));
    return;
  }
  if (name === 'whoami') {
    sendJson(response, 200, { role: caller.role });
    return;
  }
  const logged = /^log\/(.+)$/.exec(name)?.[1];
  if (logged !== undefined) {
    sendJson(response, 200, await nodeLog(control, logged, searchParams));
    return;
  }
  const explained = /^explain\/(job|node|offer|agent)\/(.+)$/.exec(name);
  const lookup =
    explained === null ? ownOf(lookups, name) : explainWith(explained[1] ?? '', explained[2] ?? '');
  if (lookup === null) throw nothingAt(pathname, lookups);
  sendJson(response, 200, await lookup(control, searchParams));
}

/** Own properties alone: `constructor` is no call. */
function ownOf<T>(table: Readonly<Record<string, T>>, name: string): T | null {
  return Object.hasOwn(table, name) ? (table[name] ?? null) : null;
}

function nothingAt(pathname: string, table: object): ControlError {
  const names = Object.keys(table).join(', ');
  return new ControlError('NOT_FOUND', 'CALL_UNKNOWN', `nothing at ${pathname}; there are ${names}`);
}

async function nodeLog(control: Control, escaped: string, query: URLSearchParams): Promise<unknown> {
  const node = decoded(escaped);
  const request = { node, file: query.get('file') ?? '', linesMax: whole(query, 'lines_max') };
  return m.GetNodeLogResponse.toJSON(await control.getNodeLog(request));
}

function explainWith(kind: string, escaped: string): Get {
  return async (control) => {
    const value = decoded(escaped);
    return m.ExplainResponse.toJSON(await control.explain({ subject: subjectOf(kind, value) }));
  };
}

function subjectOf(kind: string, value: string): m.ExplainRequest['subject'] {
  switch (kind) {
    case 'job':
    case 'node':
    case 'offer':
    case 'agent':
      return { $case: kind, value };
    default:
      return undefined;
  }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new ControlError('INVALID_ARGUMENT', 'PATH_UNREADABLE', `"${text}" is not an escaped id`);
  }
}

function pageRequest(query: URLSearchParams): m.ListJobsRequest {
  return {
    pageSize: whole(query, 'page_size'),
    pageToken: query.get('page_token') ?? '',
    filter: query.get('filter') ?? '',
  };
}

function whole(query: URLSearchParams, name: string): number {
  const text = query.get(name) ?? '0';
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw new ControlError('INVALID_ARGUMENT', 'NUMBER_UNREADABLE', `${name}: "${text}" is not a whole number`);
}

/** JSON alone: a form of another site's page cannot send it without asking the browser first. */
async function bodyOf(request: IncomingMessage): Promise<unknown> {
  const type = request.headers['content-type'] ?? '';
  if (!/^application\/json\b/i.test(type)) {
    throw new ControlError('INVALID_ARGUMENT', 'BODY_NOT_JSON', 'content-type: give application/json');
  }
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request) {
    const piece = Buffer.from(chunk as Uint8Array);
    bytes += piece.length;
    if (bytes > bodyBytesMax) {
      throw new ControlError(
        'INVALID_ARGUMENT',
        'BODY_TOO_LARGE',
        `the body has more than ${String(bodyBytesMax)} bytes`,
      );
    }
    chunks.push(piece);
  }
  try {
    const value: unknown = JSON.parse(Buffer.concat(chunks).toString());
    if (typeof value === 'object' && value !== null) return value;
  } catch {
    // Said below.
  }
  throw new ControlError('INVALID_ARGUMENT', 'BODY_NOT_JSON', 'the body is no JSON object');
}

function sendError(response: ServerResponse, { code, reason, message }: ControlError): void {
  if (response.headersSent) response.destroy();
  else sendJson(response, httpCode(code), { code, reason, message });
}

function sendJson(response: ServerResponse, status: number, value: unknown): void {
  const body = JSON.stringify(value);
  response.writeHead(status, {
    'Content-Type': 'application/json; charset=utf-8',
    'Content-Length': Buffer.byteLength(body),
    'Cache-Control': 'no-store',
    'X-Content-Type-Options': 'nosniff',
  });
  response.end(body);
}
