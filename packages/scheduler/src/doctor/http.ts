/** One HTTP exchange, whose whole answer is wanted, with limits of time and size. */
import http from 'node:http';
import https from 'node:https';
import { handshakeProblem, tlsOptions, type TlsTrust } from '@mesos-torque/common/tls-trust.ts';
import { codeOf } from './probes.ts';

export type HttpSeen =
  | {
      readonly kind: 'answer';
      readonly status: number;
      readonly location: string | null;
      readonly body: Buffer;
    }
  | { readonly kind: 'failed'; readonly why: string };

export interface HttpAsk {
  readonly url: string;
  readonly method: 'GET' | 'POST';
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
  readonly timeoutMs: number;
}

/** The port: tests give recorded answers. Never rejects. */
export type Ask = (request: HttpAsk) => Promise<HttpSeen>;

/** The Node that agents fetch has 120 MB. */
const bodyBytesMax = 512 * 1024 * 1024;

/** Redirects are answers, not followed. `tls` counts where the address begins with https. */
export function askHttp(tls: TlsTrust): Ask {
  return async (asked) => {
    try {
      const response = await responseTo(asked, tls);
      const location = response.headers.location ?? null;
      return {
        kind: 'answer',
        status: response.statusCode ?? 0,
        location,
        body: await bodyOf(response),
      };
    } catch (error) {
      return { kind: 'failed', why: whyOf(error, asked.timeoutMs) };
    }
  };
}

function responseTo(
  { url, method, headers, body, timeoutMs }: HttpAsk,
  tls: TlsTrust,
): Promise<http.IncomingMessage> {
  return new Promise((resolve, reject) => {
    const options = { method, headers, agent: false as const, signal: AbortSignal.timeout(timeoutMs) };
    const request = url.startsWith('https:')
      ? https.request(url, { ...options, ...tlsOptions(tls) })
      : http.request(url, options);
    request.once('response', resolve);
    request.on('error', reject);
    request.end(body ?? undefined);
  });
}

async function bodyOf(response: http.IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > bodyBytesMax) throw new Error(`the answer has more than ${bodyBytesMax} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function whyOf(error: unknown, timeoutMs: number): string {
  if (!(error instanceof Error)) return codeOf(error);
  if (error.name === 'AbortError' || error.name === 'TimeoutError') return `no answer within ${timeoutMs} ms`;
  return handshakeProblem(error) ?? codeOf(error);
}
