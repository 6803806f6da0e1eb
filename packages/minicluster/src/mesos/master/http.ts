/** Which path leads where. Every endpoint is there with and without `/master`, as in 1.12. */
import { mesosVersion } from '../version.ts';
import { type IncomingMessage } from 'node:http';
import { joinPath, reportPath } from '../link.ts';
import { badRequest, notFound, ok, readBody, refused, type Handler, type Reply } from '../wire/http.ts';
import { jsonText, type JsonValue } from '../wire/json-text.ts';
import { joinApi, reportApi } from './agent-link.ts';
import { schedulerApi } from './calls.ts';
import { type Master } from './master.ts';
import { operatorApi } from './operator-api.ts';
import { elsewhere } from './elsewhere.ts';
import { removeFramework } from './frameworks.ts';
import { offersWhere, rescind } from './offers.ts';
import { agentsJson, flagsJson, frameworkJson, stateJson } from './state-json.ts';

export function masterHandler(master: Master): Handler {
  return async (request) => {
    const url = new URL(request.url ?? '/', 'http://master');
    const path = url.pathname.replace(/^\/master(?=\/|$)/, '');
    const other = elsewhere(master.standing(), path, url.search);
    if (other !== null) return other;
    if (path === '/api/v1/scheduler') return schedulerApi(master, request);
    // A misspelt path under /api/v1 lands in the operator API, as in 1.12.
    if (path === '/api/v1' || path.startsWith('/api/v1/')) return operatorApi(master, request);
    if (path === joinPath) return joinApi(master, request);
    if (path === reportPath) return reportApi(master, request);
    if (path === '/teardown' && request.method === 'POST') return teardown(master, request);
    if (path === '/test/rescind' && master.options.testCalls) return rescindAll(master);
    return read(master, request, path, url.searchParams);
  };
}

function read(master: Master, request: IncomingMessage, path: string, query: URLSearchParams): Reply {
  if (path === '/health') return ok;
  if (path === '/redirect') return { kind: 'redirect', location: `//localhost:${master.port}` };
  const content = request.method === 'GET' ? reads[path]?.(master, query) : undefined;
  return content === undefined ? notFound : { kind: 'json', text: jsonText(content) };
}

const reads: Readonly<Record<string, (master: Master, query: URLSearchParams) => JsonValue>> = {
  '/state': stateJson,
  '/state.json': stateJson,
  '/slaves': (master, query) => {
    const wanted = query.get('slave_id');
    const slaves = agentsJson(master).filter(({ id }) => wanted === null || id === wanted);
    return { slaves, recovered_slaves: [] };
  },
  '/frameworks': (master) => ({
    frameworks: [...master.frameworks.values()].map((framework) => frameworkJson(master, framework)),
    completed_frameworks: [...master.completedFrameworks.values()].map((f) => frameworkJson(master, f)),
    unregistered_frameworks: [],
  }),
  '/flags': (master) => ({ flags: flagsJson(master) }),
  '/version': () => ({ version: mesosVersion }),
  '/quota': () => ({}),
  '/weights': () => [],
};

/** `frameworkId=…` in the body: its tasks end, and it cannot come back. */
async function teardown(master: Master, request: IncomingMessage): Promise<Reply> {
  const body = await readBody(request, master.options.bodyBytesMax);
  if (body.kind !== 'whole') return refused(413, 'The body is too large or broke off');
  const id = new URLSearchParams(body.bytes.toString('utf8')).get('frameworkId');
  if (id === null) return badRequest("Missing 'frameworkId' query parameter");
  const framework = master.frameworks.get(id);
  if (framework === undefined) return badRequest('No framework found with specified ID');
  removeFramework(master, framework);
  return ok;
}

/** For tests: takes back every open offer, as a master may at any moment. */
function rescindAll(master: Master): Reply {
  const offers = offersWhere(master, () => true);
  rescind(master, offers);
  return { kind: 'json', text: jsonText({ rescinded: offers.length }) };
}
