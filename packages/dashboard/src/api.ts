/** Asks the scheduler: `GET /api/v1/…`, and the few changes that an operator may make. */
import { object, text, type Json } from './decode.ts';

/** What the scheduler answered that was not success, or that it did not answer. */
export class ApiError extends Error {
  /** HTTP's code; 0 where there was no answer. */
  readonly status: number;
  /** Stable, such as `JOB_UNKNOWN`; empty where it gave none. */
  readonly reason: string;

  constructor(status: number, reason: string, message: string) {
    super(message);
    this.status = status;
    this.reason = reason;
  }
}

/** Where no answer takes longer. */
const answerMsMax = 15_000;

export async function ask(path: string, signal?: AbortSignal): Promise<Json> {
  return answerOf(path, { headers: authorization(), ...(signal === undefined ? {} : { signal }) });
}

/** A change: the scheduler notes who, why and when. */
export async function order(path: string, body: Json): Promise<Json> {
  const headers = { ...authorization(), 'Content-Type': 'application/json' };
  return answerOf(path, { method: 'POST', headers, body: JSON.stringify(body) });
}

async function answerOf(path: string, init: RequestInit): Promise<Json> {
  const limit = AbortSignal.timeout(answerMsMax);
  const signal = init.signal instanceof AbortSignal ? AbortSignal.any([init.signal, limit]) : limit;
  const response = await answered(fetch(`api/v1/${path}`, { ...init, signal }));
  noteClock(response);
  const body = await answered(response.text());
  const parsed = jsonIn(body, path);
  if (response.ok) return object(parsed, path);
  throw refusal(response.status, parsed);
}

/** The browser's own words for a lost connection differ, and say no more than these. */
async function answered<T>(promise: Promise<T>): Promise<T> {
  try {
    return await promise;
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    throw new ApiError(0, '', 'no connection to it');
  }
}

function jsonIn(body: string, path: string): unknown {
  try {
    return JSON.parse(body) as unknown;
  } catch {
    throw new ApiError(0, '', `${path}: the answer is not JSON: ${JSON.stringify(body.slice(0, 60))}`);
  }
}

function refusal(status: number, parsed: unknown): ApiError {
  const said = object(parsed, 'error');
  return new ApiError(status, text(said, 'reason'), text(said, 'message') || `HTTP ${status}`);
}

/** The stream of events, from after this entry of the journal on (`now`: new ones alone). */
export async function openEvents(after: string, signal: AbortSignal): Promise<ReadableStream<Uint8Array>> {
  const response = await answered(
    fetch(`api/v1/events?after=${encodeURIComponent(after)}`, {
      headers: { ...authorization(), Accept: 'text/event-stream' },
      cache: 'no-store',
      signal,
    }),
  );
  noteClock(response);
  if (!response.ok || response.body === null) {
    throw new ApiError(response.status, '', `it answered HTTP ${response.status}`);
  }
  return response.body;
}

let token = '';

/** Sent with every request from now on; empty: none. Kept for as long as the page is open, and nowhere else. */
export function setToken(given: string): void {
  token = given;
}

function authorization(): Record<string, string> {
  return token === '' ? {} : { Authorization: `Bearer ${token}` };
}

/** What the token allows: viewer, operator or admin. */
export async function roleOf(): Promise<string> {
  return text(await ask('whoami'), 'role');
}

let clockAheadMs = 0;
/** `Date` has whole seconds; differences below this are taken for the way. */
const clockDifferenceMsMin = 3_000;

/** Ages are counted on the scheduler's clock, or a laptop that is wrong by minutes would show wrong ages. */
function noteClock(response: Response): void {
  const date = Date.parse(response.headers.get('Date') ?? '');
  if (Number.isNaN(date)) return;
  const ahead = date - Date.now();
  clockAheadMs = Math.abs(ahead) < clockDifferenceMsMin ? 0 : ahead;
}

/** Now, on the scheduler's clock. */
export function schedulerNow(): number {
  return Date.now() + clockAheadMs;
}

/** `page_size` and `filter` of a list, and from where on. `bounds`: what else narrows it, such as `before_ms`. */
export function listPath(
  list: string,
  filter: string,
  pageSize: number,
  pageToken: string,
  bounds: Readonly<Record<string, string>> = {},
): string {
  const search = new URLSearchParams({ page_size: String(pageSize), ...bounds });
  if (filter !== '') search.set('filter', filter);
  if (pageToken !== '') search.set('page_token', pageToken);
  return `${list}?${search.toString()}`;
}
