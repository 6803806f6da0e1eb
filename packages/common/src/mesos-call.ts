/** Calls of the scheduler and executor APIs besides SUBSCRIBE, and what their answers mean. */
import { endpointText } from './endpoint.ts';
import type { MesosContentType } from './encoding.ts';
import type { Connection } from './event-stream.ts';
import type { Answer, HttpPoster } from './http-post.ts';
import type { TlsTrust } from './tls-trust.ts';

export interface MesosCall {
  readonly path: string;
  readonly contentType: MesosContentType;
  /** Further headers, such as Authorization. */
  readonly headers: Readonly<Record<string, string>>;
  readonly tls: TlsTrust;
  readonly body: Uint8Array;
  readonly timeoutMs: number;
}

export type CallResult =
  /** 202, or 200: taken, which does not mean that it had an effect. */
  | { readonly kind: 'taken' }
  /** The call is wrong or not allowed; it would be again. */
  | { readonly kind: 'refused'; readonly status: number; readonly why: string }
  /** Not now: it had no effect and may be repeated. */
  | { readonly kind: 'unavailable'; readonly why: string }
  /** Nobody answered in time: it may have had its effect. */
  | { readonly kind: 'no-answer'; readonly why: string }
  /** The server holds our subscription for ended: it had no effect, and we must subscribe again. */
  | { readonly kind: 'not-subscribed'; readonly why: string };

/** Posts a call to where the subscription is. Never rejects. */
export async function callMesos(
  poster: HttpPoster,
  connection: Connection,
  call: MesosCall,
): Promise<CallResult> {
  const { endpoint, streamId } = connection;
  const request = {
    endpoint,
    path: call.path,
    headers: {
      ...call.headers,
      'Content-Type': call.contentType,
      Accept: call.contentType,
      ...(streamId === null ? {} : { 'Mesos-Stream-Id': streamId }),
    },
    body: call.body,
    tls: call.tls,
  };
  const result = await poster.post(request, call.timeoutMs);
  const where = endpointText(endpoint);
  switch (result.kind) {
    case 'unreachable':
      return { kind: 'unavailable', why: `${where}: ${result.why}` };
    case 'no-answer':
      return { kind: 'no-answer', why: `${where}: ${result.why}` };
    case 'answer':
      return meaningOf(result.answer, where);
  }
}

/** What a master or agent says that does not know our subscription (1.12: 403 to the one, 400 to the other). */
const notSubscribed = /^"(Framework|Executor) (is not subscribed|cannot be found)/;
/** Another scheduler has subscribed; the stream says what is to be done about that. */
const otherStream = '"The stream ID ';

function meaningOf(answer: Answer, where: string): CallResult {
  const { status, said } = answer;
  const why = `${where} answered ${status}${said === '' ? '' : ` ${said}`}`;
  if (status === 200 || status === 202) return { kind: 'taken' };
  if (notSubscribed.test(said)) return { kind: 'not-subscribed', why };
  if (said.startsWith(otherStream)) return { kind: 'unavailable', why };
  // A redirect: another master leads, and our subscription is about to end.
  if (status >= 300 && status < 400) return { kind: 'unavailable', why };
  if (status === 429 || status >= 500) return { kind: 'unavailable', why };
  return { kind: 'refused', status, why };
}
