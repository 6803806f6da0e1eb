/**
 * A file that agents fetch, as it was when we started. It is held open: a new version that is put in its
 * place changes nothing for us, and one written over it is noticed and not given out.
 */
import { createHash } from 'node:crypto';
import { open, type FileHandle } from 'node:fs/promises';
import path from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

/** 100 MB and more; small pieces cost more time than the network. */
const chunkBytes = 1024 * 1024;

export class Artifact {
  /** Under which it is served: agents keep what they fetched by its address, so the content is part of it. */
  readonly name: string;
  readonly file: string;
  readonly bytes: number;
  /** Of the whole content, in hexadecimal. */
  readonly sha256: string;
  readonly #handle: FileHandle;
  readonly #changedMs: number;

  private constructor(file: string, handle: FileHandle, sha256: string, seen: Seen) {
    this.file = file;
    this.name = nameOf(file, sha256);
    this.bytes = seen.size;
    this.sha256 = sha256;
    this.#handle = handle;
    this.#changedMs = seen.mtimeMs;
  }

  /** Rejects when the file cannot be read, or changes while it is. */
  static async open(file: string): Promise<Artifact> {
    const handle = await open(file, 'r');
    try {
      const before = await handle.stat();
      const hash = createHash('sha256');
      await pipeline(readAll(handle), hash);
      const artifact = new Artifact(file, handle, hash.digest('hex'), before);
      if (!(await artifact.isUnchanged())) throw new Error(`${file} is being written`);
      return artifact;
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  async isUnchanged(): Promise<boolean> {
    const { size, mtimeMs } = await this.#handle.stat();
    return size === this.bytes && mtimeMs === this.#changedMs;
  }

  read(): Readable {
    return readAll(this.#handle);
  }

  close(): Promise<void> {
    return this.#handle.close();
  }
}

interface Seen {
  readonly size: number;
  readonly mtimeMs: number;
}

/**
 * By position, so that many may read at once. Not a file stream: one that is destroyed, as when an agent
 * hangs up, closes the file under all others, whatever it was told about closing.
 */
function readAll(handle: FileHandle): Readable {
  return Readable.from(pieces(handle), { objectMode: false });
}

async function* pieces(handle: FileHandle): AsyncGenerator<Buffer> {
  for (let position = 0; ;) {
    const { buffer, bytesRead } = await handle.read(Buffer.allocUnsafe(chunkBytes), 0, chunkBytes, position);
    if (bytesRead === 0) return;
    position += bytesRead;
    yield buffer.subarray(0, bytesRead);
  }
}

/** The fetcher of Mesos knows an archive by its ending. */
function nameOf(file: string, sha256: string): string {
  const [stem = '', ending = ''] = /^(.+?)(\.tar\.gz|\.tgz)?$/.exec(path.basename(file))?.slice(1) ?? [];
  return `${stem.replaceAll(/[^A-Za-z0-9._-]/g, '_')}-${sha256.slice(0, 16)}${ending}`;
}
