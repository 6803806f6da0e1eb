/** One HTTP exchange, whose whole answer is wanted, with limits of time and size. */
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

/** Redirects are answers, not followed. */
export const askHttp: Ask = async ({ url, method, headers, body, timeoutMs }) => {
  try {
    const response = await fetch(url, {
      method,
      headers,
      body,
      redirect: 'manual',
      signal: AbortSignal.timeout(timeoutMs),
    });
    const location = response.headers.get('location');
    return { kind: 'answer', status: response.status, location, body: await bodyOf(response) };
  } catch (error) {
    return { kind: 'failed', why: whyOf(error, timeoutMs) };
  }
};

async function bodyOf({ body }: Response): Promise<Buffer> {
  const reader = body?.getReader() as ReadableStreamDefaultReader<Uint8Array> | undefined;
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for (;;) {
    const read = await reader?.read();
    if (read?.value === undefined) return Buffer.concat(chunks);
    bytes += read.value.length;
    if (bytes > bodyBytesMax) throw new Error(`the answer has more than ${bodyBytesMax} bytes`);
    chunks.push(read.value);
  }
}

/** fetch says "fetch failed", and keeps the reason beside it. */
function whyOf(error: unknown, timeoutMs: number): string {
  if (error instanceof Error && error.name === 'TimeoutError') return `no answer within ${timeoutMs} ms`;
  return codeOf(error instanceof Error && error.cause instanceof Error ? error.cause : error);
}
