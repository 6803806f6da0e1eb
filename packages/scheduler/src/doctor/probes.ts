/** What the checks ask of the world; each question has a limit of its own. */
import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import net from 'node:net';
import path from 'node:path';

export type Connected = { readonly kind: 'connected' } | { readonly kind: 'failed'; readonly code: string };

/** Opens a connection and closes it again. */
export function connectTo(
  where: { readonly host: string; readonly port: number } | { readonly path: string },
  timeoutMs: number,
): Promise<Connected> {
  return new Promise((resolve) => {
    const socket = net.connect(where);
    socket.setTimeout(timeoutMs);
    socket.once('connect', () => {
      socket.destroy();
      resolve({ kind: 'connected' });
    });
    socket.once('timeout', () => {
      socket.destroy();
      resolve({ kind: 'failed', code: `no answer within ${timeoutMs} ms` });
    });
    socket.once('error', (error) => {
      resolve({ kind: 'failed', code: codeOf(error) });
    });
  });
}

/** Whether something of ours could listen there: null if so, otherwise the reason. */
export function listenOn(host: string, port: number): Promise<string | null> {
  return new Promise((resolve) => {
    const server = net.createServer();
    server.once('error', (error) => {
      resolve(codeOf(error));
    });
    server.listen(port, host, () => {
      server.close(() => {
        resolve(null);
      });
    });
  });
}

/** The first folder that has the program; null where none has. */
export async function findProgram(program: string, folders: readonly string[]): Promise<string | null> {
  for (const folder of folders) {
    const file = path.join(folder, program);
    if (await isExecutable(file)) return file;
  }
  return null;
}

async function isExecutable(file: string): Promise<boolean> {
  try {
    await access(file, constants.X_OK);
    return (await stat(file)).isFile();
  } catch {
    return false;
  }
}

export function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const first: unknown = error instanceof AggregateError ? error.errors[0] : error;
  return first instanceof Error && 'code' in first ? String(first.code) : error.message;
}
