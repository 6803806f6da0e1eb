/** Brings an executor's URIs into its sandbox, as the fetcher of 1.12 does, and logs on the executor's stderr. */
import { createHash } from 'node:crypto';
import { appendFileSync, existsSync } from 'node:fs';
import { chmod, copyFile, mkdir, rename } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runCommand } from '@mesos-torque/common/run-command.ts';
import { type CommandInfo_URI } from '@mesos-torque/proto/gen/mesos/v1/mesos.ts';
import { messageOf } from '@mesos-torque/common/text.ts';
import { download, type DownloadLimits } from './download.ts';

export interface FetchRequest {
  readonly uris: readonly CommandInfo_URI[];
  readonly sandbox: string;
  /** One copy of each URI that asks for `cache` is kept here. */
  readonly cacheDirectory: string;
  readonly limits: DownloadLimits;
}

export type FetchResult = { readonly kind: 'fetched' } | { readonly kind: 'failed'; readonly error: string };

/** One URI after the other; the first that fails ends it. Never rejects. */
export async function fetchAll(request: FetchRequest): Promise<FetchResult> {
  const { uris, sandbox } = request;
  if (uris.length === 0) return { kind: 'fetched' };
  for (const uri of uris) {
    const error = await fetchOne(request, uri);
    if (error === null) continue;
    log(sandbox, 'E', `Failed to fetch '${uri.value ?? ''}': ${error}`);
    return { kind: 'failed', error: `${uri.value ?? ''}: ${error}` };
  }
  log(sandbox, 'I', `Successfully fetched all URIs into '${sandbox}'`);
  return { kind: 'fetched' };
}

async function fetchOne(request: FetchRequest, uri: CommandInfo_URI): Promise<string | null> {
  const { sandbox } = request;
  const value = uri.value ?? '';
  log(sandbox, 'I', `Fetching URI '${value}'`);
  const name = uri.outputFile ?? nameOf(value);
  if (name === null || !isInside(name)) return 'the URI gives no file name that lies within the sandbox';
  const target = join(sandbox, name);
  try {
    await mkdir(dirname(target), { recursive: true });
    const source = uri.cache === true ? await cached(request, value) : null;
    const file = source !== null && isArchive(value) && mayExtract(uri) ? source : target;
    if (source === null) await bring(request, value, target);
    else if (file === target) await copyFile(source, target);
    const error = await finish(request, uri, value, file);
    if (error !== null) return error;
  } catch (error) {
    return messageOf(error);
  }
  log(sandbox, 'I', `Fetched '${value}' to '${target}'`);
  return null;
}

async function finish(
  { sandbox }: FetchRequest,
  uri: CommandInfo_URI,
  value: string,
  file: string,
): Promise<string | null> {
  if (uri.executable === true) {
    await chmod(file, 0o755);
    return null;
  }
  return mayExtract(uri) ? extract(value, file, sandbox) : null;
}

function mayExtract(uri: CommandInfo_URI): boolean {
  return uri.executable !== true && (uri.extract ?? true);
}

/** Several executors may ask for the same URI at once; it comes once. */
const coming = new Map<string, Promise<void>>();

async function cached(request: FetchRequest, value: string): Promise<string> {
  const file = join(request.cacheDirectory, createHash('sha256').update(value).digest('hex'));
  if (existsSync(file)) return file;
  await mkdir(request.cacheDirectory, { recursive: true });
  const fetching = coming.get(file) ?? bring(request, value, file);
  coming.set(file, fetching);
  try {
    await fetching;
  } finally {
    coming.delete(file);
  }
  return file;
}

/** A file is under its name when it is whole, not before. */
async function bring(request: FetchRequest, value: string, target: string): Promise<void> {
  const part = `${target}.part`;
  const path = localPath(value);
  if (path !== null) await copyFile(path, part);
  else {
    log(request.sandbox, 'I', `Downloading resource from '${value}' to '${target}'`);
    await download(value, part, request.limits);
  }
  await chmod(part, 0o644);
  await rename(part, target);
}

function localPath(value: string): string | null {
  if (value.startsWith('/')) return value;
  return value.startsWith('file://') ? fileURLToPath(value) : null;
}

function nameOf(value: string): string | null {
  const path = localPath(value) ?? (URL.canParse(value) ? decodeURIComponent(new URL(value).pathname) : '');
  const name = basename(path);
  return name === '' ? null : name;
}

function isInside(name: string): boolean {
  return !name.startsWith('/') && !name.split('/').includes('..') && !name.includes('\0');
}

const tarEndings = ['.tar', '.tar.gz', '.tgz', '.tar.bz2', '.tbz2', '.tar.xz', '.txz'];

function isArchive(value: string): boolean {
  return [...tarEndings, '.zip'].some((ending) => value.endsWith(ending));
}

/** What is no archive is left as it is. */
async function extract(value: string, file: string, sandbox: string): Promise<string | null> {
  if (!isArchive(value)) return null;
  const argv: readonly [string, ...string[]] = value.endsWith('.zip')
    ? ['unzip', '-o', '-q', '-d', sandbox, file]
    : ['tar', '-C', sandbox, '-xf', file];
  const result = await runCommand(argv, { timeoutMs: 300_000, outputBytesMax: 1024 * 1024 });
  if (result.kind === 'exit' && result.code === 0) return null;
  const said = result.kind === 'spawn-failed' ? result.error : result.stderr.toString('utf8').trim();
  return `Failed to extract: ${argv[0]} ended with ${result.kind}: ${said}`;
}

function log(sandbox: string, level: 'I' | 'E', text: string): void {
  const stamp = new Date().toISOString().replace(/^(\d+)-(\d+)-(\d+)T([\d:.]+)Z$/, '$1$2$3 $4');
  appendFileSync(join(sandbox, 'stderr'), `${level}${stamp} ${process.pid} fetcher] ${text}\n`);
}
