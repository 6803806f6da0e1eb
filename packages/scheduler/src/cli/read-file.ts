/** Files given on the command line: read whole, within a limit, as bytes or as text. */
import { open } from 'node:fs/promises';
import { decodeUtf8, quote, quoteBytes } from '@mesos-torque/common/text.ts';

export type Input<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: string };

export async function readBytes(file: string, bytesMax: number): Promise<Input<Buffer>> {
  try {
    const handle = await open(file, 'r');
    try {
      const { size } = await handle.stat();
      if (size > bytesMax) return failed(file, `${size} bytes are more than the ${bytesMax} that are read`);
      return { ok: true, value: await handle.readFile() };
    } finally {
      await handle.close();
    }
  } catch (error) {
    return failed(file, `cannot be read (${codeOf(error)}); give a file that you may read`);
  }
}

export async function readText(file: string, bytesMax: number): Promise<Input<string>> {
  const bytes = await readBytes(file, bytesMax);
  if (!bytes.ok) return bytes;
  const decoded = decodeUtf8(bytes.value);
  if (decoded.ok) return { ok: true, value: decoded.text };
  const { offset } = decoded;
  const piece = quoteBytes(bytes.value.subarray(offset, offset + 20));
  return failed(file, `at byte ${offset}: this is not UTF-8: ${piece}; save the file as UTF-8`);
}

export function failed(file: string, what: string): { readonly ok: false; readonly error: string } {
  return { ok: false, error: `${quote(file, 500).slice(1, -1)}: ${what}` };
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error);
}
