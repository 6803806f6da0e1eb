/**
 * The dashboard's files. All of the folder is looked through once at the start, so no path of a request ever reaches the
 * file system; a path that names no file is a page of the dashboard's own.
 */
import { createReadStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { Handler } from './http-server.ts';

const filesMax = 1_000;

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.json': 'application/json',
  '.woff2': 'font/woff2',
  '.txt': 'text/plain; charset=utf-8',
  '.webmanifest': 'application/manifest+json',
};

const securityHeaders = {
  'Content-Security-Policy':
    "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; frame-ancestors 'self'; base-uri 'self'; form-action 'self'",
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'same-origin',
};

interface Page {
  readonly file: string;
  readonly bytes: number;
  readonly type: string;
}

/** `directory` need not exist: a plain page then says that the dashboard was not built. */
export async function httpPages(directory: string): Promise<Handler> {
  const pages = await pagesIn(directory);
  return async (request, response, { pathname }) => {
    if (request.method !== 'GET' && request.method !== 'HEAD') return false;
    if (['/api/', '/metrics'].some((start) => pathname.startsWith(start))) return false;
    const page =
      pages.get(pathname) ?? (path.extname(pathname) === '' ? pages.get('/index.html') : undefined);
    if (page === undefined && (pathname === '/' || pathname === '/index.html'))
      sendPlain(response, directory);
    else if (page === undefined) return false;
    else await send(page, pathname, request.method === 'HEAD', response);
    return true;
  };
}

async function pagesIn(directory: string): Promise<ReadonlyMap<string, Page>> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true }).catch(() => []);
  const files = entries.filter((entry) => entry.isFile()).slice(0, filesMax);
  const pages = new Map<string, Page>();
  for (const entry of files) {
    const file = path.join(entry.parentPath, entry.name);
    const type = types[path.extname(file)];
    if (type === undefined) continue;
    const name = `/${path.relative(directory, file).split(path.sep).join('/')}`;
    pages.set(name, { file, type, bytes: (await stat(file)).size });
  }
  return pages;
}

async function send(page: Page, pathname: string, isHead: boolean, response: ServerResponse): Promise<void> {
  const isLasting = pathname.startsWith('/assets/');
  response.writeHead(200, {
    ...securityHeaders,
    'Content-Type': page.type,
    'Content-Length': page.bytes,
    'Cache-Control': isLasting ? 'public, max-age=31536000, immutable' : 'no-cache',
  });
  if (isHead) response.end();
  else await pipeline(createReadStream(page.file), response);
}

function sendPlain(response: ServerResponse, directory: string): void {
  const text = directory.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
  response.writeHead(200, { ...securityHeaders, 'Content-Type': 'text/html; charset=utf-8' });
  response.end(
    `<!doctype html><html lang="en"><title>mesos-torque</title><h1>mesos-torque</h1>` +
      `<p>The scheduler runs. Its dashboard is not there: <code>${text}</code> has no index.html ` +
      `(it is made by <code>npm run build</code>; http.dashboardDir says where it is).</p>` +
      `<p><a href="/api/v1/status">status</a>, <a href="/metrics">metrics</a>, <a href="/readyz">readiness</a></p></html>\n`,
  );
}
