/** Gets a file over HTTP with the two headers that Mesos' fetcher sends, `Host` and `Accept`. */
import { createWriteStream } from 'node:fs';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';

export interface DownloadLimits {
  /** Without a byte for so long, the download has failed. */
  readonly stallTimeoutMs: number;
  readonly bytesMax: number;
}

const redirectsMax = 5;

/** Rejects with a reason when the file cannot be had whole. */
export async function download(url: string, target: string, limits: DownloadLimits): Promise<void> {
  const response = await followed(url, limits, redirectsMax);
  await pipeline(response, atMost(limits.bytesMax), createWriteStream(target, { mode: 0o644 }));
}

async function followed(
  url: string,
  limits: DownloadLimits,
  redirectsLeft: number,
): Promise<IncomingMessage> {
  const response = await get(url, limits);
  const { statusCode = 0, headers } = response;
  if (statusCode === 200) return response;
  response.destroy();
  const isRedirect = statusCode >= 300 && statusCode < 400 && headers.location !== undefined;
  if (!isRedirect) throw new Error(`HTTP response status ${statusCode}`);
  if (redirectsLeft === 0) throw new Error(`more than ${redirectsMax} redirects`);
  return followed(new URL(headers.location ?? '', url).href, limits, redirectsLeft - 1);
}

function get(url: string, limits: DownloadLimits): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    if (!/^https?:\/\//.test(url)) {
      reject(new Error('only http, https and file URIs are fetched'));
      return;
    }
    const start = url.startsWith('https:') ? httpsRequest : httpRequest;
    const request = start(url, {
      agent: false,
      headers: { Host: new URL(url).host, Accept: '*/*' },
      timeout: limits.stallTimeoutMs,
    });
    request.removeHeader('Connection');
    request.on('timeout', () => {
      request.destroy(new Error(`no byte came for ${limits.stallTimeoutMs} ms`));
    });
    request.on('response', resolve);
    request.on('error', reject);
    request.end();
  });
}

function atMost(bytesMax: number): Transform {
  let size = 0;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      size += chunk.length;
      if (size > bytesMax) done(new Error(`more than ${bytesMax} bytes`));
      else done(null, chunk);
    },
  });
}
