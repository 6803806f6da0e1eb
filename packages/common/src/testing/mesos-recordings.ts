/** The recorded traffic of real Mesos masters and agents, for tests. */
import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Encoding } from '../encoding.ts';
import { defaultRecordLimits, RecordDecoder } from '../recordio.ts';

const folder = path.join(path.dirname(fileURLToPath(import.meta.url)), '../../../../fixtures/mesos');

export interface RecordedStream {
  /** Below the recordings' folder. */
  readonly file: string;
  readonly encoding: Encoding;
  readonly bytes: Buffer;
  readonly records: readonly Uint8Array[];
}

/** What schedulers were sent by masters. */
export function schedulerStreams(): RecordedStream[] {
  return streams('*/events*.recordio');
}

/** What executors were sent by agents. */
export function executorStreams(): RecordedStream[] {
  return streams('*/executor*/stream-*.recordio');
}

function streams(pattern: string): RecordedStream[] {
  return globSync(pattern, { cwd: folder })
    .sort()
    .map((file) => {
      const bytes = readFileSync(path.join(folder, file));
      const records = new RecordDecoder(defaultRecordLimits).push(bytes);
      return { file, encoding: file.includes('.pb.') ? 'protobuf' : 'json', bytes, records };
    });
}

export interface RecordedCall {
  readonly file: string;
  readonly type: string;
  /** As JSON, also where protobuf went over the wire. */
  readonly body: unknown;
  /** What went over the wire; null where that was the JSON. */
  readonly protobuf: Buffer | null;
  readonly headers: Readonly<Record<string, string>>;
  readonly status: number;
}

/** Calls of the scheduler API, as they were made; among them such as the master refused. */
export function schedulerCalls(): RecordedCall[] {
  return globSync('*/calls*.jsonl', { cwd: folder }).sort().flatMap(callsIn);
}

interface CallLine {
  readonly request: {
    readonly path: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly body?: unknown;
    readonly body_base64?: string;
  };
  readonly response: { readonly status: number };
}

function callsIn(file: string): RecordedCall[] {
  return linesOf(file).flatMap((line) => {
    const { request, response } = line as CallLine;
    const { type } = (request.body ?? {}) as { type?: unknown };
    if (request.path !== '/api/v1/scheduler' || typeof type !== 'string') return [];
    const { body, headers } = request;
    const isProtobuf = request.headers['Content-Type'] === 'application/x-protobuf';
    const protobuf = isProtobuf ? Buffer.from(request.body_base64 ?? '', 'base64') : null;
    return [{ file, type, body, protobuf, headers, status: response.status }];
  });
}

/** Calls of the executor API, as JSON. */
export function executorCalls(): { readonly file: string; readonly type: string; readonly body: unknown }[] {
  return globSync('*/executor*/timeline.jsonl', { cwd: folder })
    .sort()
    .flatMap((file) =>
      linesOf(file).flatMap((line) => {
        const { dir, type, call } = line as { dir: string; type: string; call: unknown };
        return dir === 'out' ? [{ file, type, body: call }] : [];
      }),
    );
}

function linesOf(file: string): unknown[] {
  return readFileSync(path.join(folder, file), 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as unknown);
}

/** Every place in a JSON value with its type: `a.b[].c: string`. Numbers may be written as strings. */
export function shapeOf(value: unknown, at = ''): Set<string> {
  if (Array.isArray(value)) return new Set(value.flatMap((item) => [...shapeOf(item, `${at}[]`)]));
  if (typeof value === 'object' && value !== null) {
    const inner = Object.entries(value).flatMap(([key, part]) => [
      ...shapeOf(part, at === '' ? key : `${at}.${key}`),
    ]);
    return new Set(inner.length === 0 ? [`${at}: empty`] : inner);
  }
  const isNumber = typeof value === 'number' || (typeof value === 'string' && /^-?\d+$/.test(value));
  return new Set([`${at}: ${isNumber ? 'number' : typeof value}`]);
}
