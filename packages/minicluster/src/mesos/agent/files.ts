/**
 * `/files/read`: a piece of a file in a sandbox, as 1.12 gives it to its own web interface. Sandboxes have their folder as
 * name, and `/frameworks/…/executors/…/runs/latest`; they stay when their executors have ended.
 */
import { closeSync, fstatSync, openSync, readSync, realpathSync } from 'node:fs';
import { join, sep } from 'node:path';
import { badRequest, refused, type Reply } from '../wire/http.ts';
import { jsonText } from '../wire/json-text.ts';
import { type Agent } from './agent.ts';

/** 16 pages of memory. */
const bytesAtOnceMax = 16 * 4096;
/** A file that is not there is answered with an empty body. */
const noSuchFile = refused(404, '');

export function readFilePiece(agent: Agent, query: URLSearchParams): Reply {
  const path = query.get('path');
  if (path === null) return badRequest("Expecting 'path=value' in query.");
  const offset = wholeNumber(query.get('offset') ?? '-1');
  const length = wholeNumber(query.get('length') ?? '-1');
  if (offset === null || length === null) return badRequest("Failed to parse 'offset' or 'length'.");
  const file = fileInSandbox(agent, path);
  return file === null ? noSuchFile : pieceOf(file, offset, length);
}

function wholeNumber(text: string): number | null {
  return /^-?\d{1,15}$/.test(text) ? Number(text) : null;
}

/** The file itself, links followed; null for one that is not there, or not in a sandbox. */
function fileInSandbox({ options: { workDir }, id }: Agent, path: string): string | null {
  const ofAgent = join(workDir, 'slaves', id ?? '');
  const name = path.startsWith('/frameworks/') ? join(ofAgent, path) : path;
  try {
    const file = realpathSync(name);
    const inAgent = file.slice(realpathSync(ofAgent).length);
    const isInside = file.startsWith(realpathSync(ofAgent) + sep);
    return isInside && /^\/frameworks\/[^/]+\/executors\/[^/]+\/runs\/[^/]+\/./.test(inAgent) ? file : null;
  } catch {
    return null;
  }
}

/** From offset -1 on there is nothing, and the answer's offset is the file's length. */
function pieceOf(file: string, offset: number, length: number): Reply {
  const handle = openSync(file, 'r');
  try {
    const stat = fstatSync(handle);
    if (stat.isDirectory()) return badRequest('Cannot read a directory.');
    if (offset < 0) return { kind: 'json', text: jsonText({ data: '', offset: stat.size }) };
    const wanted = length < 0 ? stat.size - offset : length;
    const buffer = Buffer.alloc(Math.max(0, Math.min(wanted, stat.size - offset, bytesAtOnceMax)));
    const bytes = readSync(handle, buffer, 0, buffer.length, offset);
    return { kind: 'json', text: jsonText({ data: buffer.toString('utf8', 0, bytes), offset }) };
  } finally {
    closeSync(handle);
  }
}
