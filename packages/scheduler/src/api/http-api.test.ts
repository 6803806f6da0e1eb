import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { systemClock } from '@mesos-torque/common/clock.ts';
import { silentLog } from '@mesos-torque/common/logger.ts';
import {
  ExplainResponse,
  GetHistoryResponse,
  GetStatusResponse,
  ListJobsResponse,
} from '@mesos-torque/proto/gen/control/v1/messages.ts';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createMetrics } from '../metrics/metrics.ts';
import { readScenario } from '../core/testing/scenario.ts';
import { momentOf } from './history.ts';
import { httpApi } from './http-api.ts';
import { createEventFeed, type EventFeed } from './http-events.ts';
import { httpMetrics } from './http-metrics.ts';
import { httpPages } from './http-pages.ts';
import { serveHttp, type HttpServer } from './http-server.ts';
import { aControlStory, type ControlStory } from './testing/control-story.ts';
import { tokensOf } from './tokens.ts';

const scenario = 'policy minSlotsHeld=0 nodes=4\njob 1 nodes=1:ppn=8\nnode n1 np=2 phase=up\noffer a cpus=4';
const token = '0123456789abcdefghij';

let dir: string;
let story: ControlStory;
let server: HttpServer;
let events: EventFeed;

beforeEach(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'http-api-'));
  await mkdir(path.join(dir, 'assets'));
  await writeFile(path.join(dir, 'index.html'), '<p>dashboard</p>');
  await writeFile(path.join(dir, 'assets/a.js'), 'let a;');
  story = aControlStory(scenario, systemClock);
  const { control, feed } = story;
  const statusJson = async (): Promise<string> =>
    JSON.stringify(GetStatusResponse.toJSON(await control.getStatus({ summary: true })));
  events = createEventFeed(control.journal, statusJson, feed.onPlan, systemClock);
  const { policy } = readScenario(scenario);
  server = await serveHttp({
    host: '127.0.0.1',
    port: 0,
    artifacts: [],
    alive: () => ({ ok: true, why: '' }),
    ready: () => ({ ok: true, why: '' }),
    handlers: [
      httpApi({ control, tokens: tokensOf(`operator olga ${token}`, 'tokens'), events }),
      httpMetrics(createMetrics('1.2.3', policy), feed, () => ({ isLeading: true, isReady: true })),
      await httpPages(dir),
    ],
    log: silentLog,
  });
});

afterEach(async () => {
  events.end();
  await server.close();
  await rm(dir, { recursive: true });
});

const at = (pathname: string): string => `http://127.0.0.1:${String(server.port)}${pathname}`;
const get = (pathname: string): Promise<Response> => fetch(at(pathname));

function post(pathname: string, body: unknown, headers: Record<string, string>): Promise<Response> {
  const json = { 'content-type': 'application/json', ...headers };
  return fetch(at(pathname), { method: 'POST', body: JSON.stringify(body), headers: json });
}

describe('looking takes no token', () => {
  it('and gives the JSON of the same messages', async () => {
    const jobs = ListJobsResponse.fromJSON(await (await get('/api/v1/jobs?filter=verdict:waiting')).json());
    const explanation = ExplainResponse.fromJSON(await (await get('/api/v1/explain/job/1')).json());
    const status = GetStatusResponse.fromJSON(await (await get('/api/v1/status')).json());

    expect(jobs.jobs).toMatchObject([{ id: '1.head', whyCode: 'short-cpus' }]);
    expect(explanation).toMatchObject({ kind: 'job', id: '1.head' });
    expect(explanation.conclusion).toContain(jobs.jobs[0]?.why ?? '?');
    expect(status).toMatchObject({ role: 'leading', jobsByVerdict: { waiting: 1 }, jobs: [] });
  });

  it('nor does the history, in columns', async () => {
    const view = await story.feed.view();
    const { policy } = readScenario(scenario);
    for (const atMs of [1_000, 6_000, 11_000])
      story.history.add(atMs, momentOf(view!, policy, { declined: 2 }));

    const history = GetHistoryResponse.fromJSON(await (await get('/api/v1/history?points_max=2')).json());

    expect(history.atMs).toEqual([1_000n, 11_000n]);
    const waiting = history.series.find(({ group, name }) => group === 'jobs' && name === 'waiting');
    expect(waiting?.values).toEqual([1, 1]);
    expect(history.series.map(({ group }) => group)).toContain('safe');
  });

  it('nor does what there is to repair, nor the journal up to a moment', async () => {
    story.ring.append({ atMs: 1_000, event: 'node created' });
    story.ring.append({ atMs: 2_000, event: 'node deleted' });

    expect(await (await get('/api/v1/repair')).json()).toEqual({});
    expect(await (await get('/api/v1/decisions?before_ms=1500')).json()).toMatchObject({
      entries: [{ event: 'node created' }],
    });
    expect((await post('/api/v1/repair', { why: 'x' }, { authorization: `Bearer ${token}` })).status).toBe(
      403,
    );
  });

  it.each([
    ['/api/v1/nothing', 404, 'CALL_UNKNOWN'],
    ['/api/v1/constructor', 404, 'CALL_UNKNOWN'],
    ['/api/v1/jobs?page_size=many', 400, 'NUMBER_UNREADABLE'],
    ['/api/v1/explain/node/n9', 404, 'NODE_UNKNOWN'],
    ['/api/v1/explain/job/%zz', 400, 'PATH_UNREADABLE'],
    ['/api/v1/events?after=soon', 400, 'PLACE_UNREADABLE'],
  ])('and what is wrong is said as JSON: %s', async (pathname, code, reason) => {
    const response = await get(pathname);

    expect(response.status).toBe(code);
    expect(await response.json()).toMatchObject({ reason });
  });
});

describe('changing takes a token', () => {
  const change = { why: 'power cut' };

  it('of an operator, whose name is kept', async () => {
    const response = await post('/api/v1/hold', change, { authorization: `Bearer ${token}` });

    expect(response.status).toBe(200);
    expect(story.wishes().growthHeld).toMatchObject({ who: 'olga', why: 'power cut' });
  });

  it('drains and sets limits', async () => {
    const headers = { authorization: `Bearer ${token}` };

    const drained = await post(
      '/api/v1/drain',
      { why: 'disk', node: 'n1', deadline_after_ms: '60000' },
      headers,
    );
    const limited = await post('/api/v1/policy', { why: 'night', max_nodes: 2 }, headers);

    expect([drained.status, limited.status]).toEqual([200, 200]);
    expect(story.wishes().drains).toMatchObject([{ target: { kind: 'node', node: 'n1' } }]);
    expect(story.wishes().limits).toMatchObject({ nodesMax: 2 });
  });

  it.each([
    ['without one', {}, 403],
    ['with a wrong one', { authorization: 'Bearer wrong' }, 401],
    ['as a form of another page', { authorization: `Bearer ${token}`, 'content-type': 'text/plain' }, 400],
  ])('and is refused %s', async (_what, headers, code) => {
    const response = await post('/api/v1/hold', change, headers);

    expect(response.status).toBe(code);
    expect(story.wishes().growthHeld).toBeNull();
  });
});

describe('events', () => {
  /** Reads until the text holds all of the words. */
  async function read(
    pathname: string,
    words: readonly string[],
    then = (): void => undefined,
  ): Promise<string> {
    const stop = new AbortController();
    const response = await fetch(at(pathname), { signal: stop.signal });
    let text = '';
    const decoder = new TextDecoder();
    then();
    for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
      text += decoder.decode(chunk, { stream: true });
      if (words.every((word) => text.includes(word))) break;
    }
    stop.abort();
    return text;
  }

  it('come with their places, from where the browser left off, and with the status', async () => {
    story.ring.append({ atMs: 1, event: 'node created' });
    story.ring.append({ atMs: 2, event: 'node deleted' });

    const text = await read('/api/v1/events?after=1', ['node deleted', 'event: status'], () => {
      story.ring.append({ atMs: 3, event: 'offer declined' });
    });

    expect(text).toContain('event: entry\nid: 2\ndata: {"sequence":"2","at_ms":"2","event":"node deleted"');
    expect(text).not.toContain('node created');
  });

  it('tell the status again when it has changed', async () => {
    const text = await read('/api/v1/events?after=now', ['growth_held'], () => {
      void story.control.holdGrowth({ who: 'ada', why: 'power cut' }, { role: 'admin', name: null });
    });

    expect(text.match(/event: status/g)?.length).toBe(2);
  });
});

describe('pages', () => {
  it('are the dashboard’s, whatever its own paths are', async () => {
    expect(await (await get('/')).text()).toBe('<p>dashboard</p>');
    expect(await (await get('/nodes/n1')).text()).toBe('<p>dashboard</p>');
    const script = await get('/assets/a.js');
    expect(script.headers.get('cache-control')).toContain('immutable');
    expect(script.headers.get('content-security-policy')).toContain("default-src 'self'");
  });

  it('are no other files', async () => {
    for (const pathname of ['/assets/../../x.js', '/..%2f..%2fetc/passwd.txt', '/no.js']) {
      expect((await get(pathname)).status).toBe(404);
    }
  });

  it('say so when nothing was built', async () => {
    const handler = await httpPages(path.join(dir, 'not-there'));
    const other = await serveHttp({
      host: '127.0.0.1',
      port: 0,
      artifacts: [],
      alive: () => ({ ok: true, why: '' }),
      ready: () => ({ ok: true, why: '' }),
      handlers: [handler],
      log: silentLog,
    });
    const text = await (await fetch(`http://127.0.0.1:${String(other.port)}/`)).text();
    await other.close();
    expect(text).toContain('Its dashboard is not there');
  });
});

describe('metrics', () => {
  it('are of the latest plan', async () => {
    const response = await get('/metrics');
    const text = await response.text();

    expect(response.headers.get('content-type')).toContain('text/plain');
    expect(text).toContain('mesos_torque_jobs{state="queued"} 1');
    expect(text).toContain('mesos_torque_jobs_waiting{reason="short-cpus"} 1');
    expect(text).toContain('mesos_torque_nodes{phase="up"} 1');
    expect(text).toContain('mesos_torque_limit_nodes 4');
    expect(text).not.toMatch(/^mesos_torque_limit_cpus /m);
  });
});
