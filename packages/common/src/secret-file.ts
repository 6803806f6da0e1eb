/** Files with secrets: read only when nobody but us could read or exchange them, as ssh does with its keys. */
import { open, type FileHandle } from 'node:fs/promises';
import process from 'node:process';
import { quote } from './text.ts';

/** More than any secret or key has; a larger file was named by mistake. Bytes. */
const secretBytesMax = 64 * 1024;

export type SecretReading =
  { readonly ok: true; readonly text: string } | { readonly ok: false; readonly why: string };

/** `what` names the option. The content is never part of `why`. */
export async function readSecretFile(file: string, what: string): Promise<SecretReading> {
  const refused = (why: string): SecretReading => ({ ok: false, why: `${what}: ${quote(file)} ${why}` });
  let handle: FileHandle;
  try {
    handle = await open(file, 'r');
  } catch (error) {
    return refused(openingProblem(error));
  }
  try {
    // The file that is open is looked at, which nobody can exchange in between.
    const { mode, uid, size, isFile } = await statOf(handle);
    if (!isFile) return refused('is no file');
    const problem = accessProblem(file, mode, uid);
    if (problem !== null) return refused(problem);
    if (size > secretBytesMax) return refused(`has ${size} bytes, at most ${secretBytesMax} are read`);
    const text = await handle.readFile('utf8');
    return text.trim() === '' ? refused('is empty') : { ok: true, text };
  } catch (error) {
    return refused(openingProblem(error));
  } finally {
    await handle.close();
  }
}

async function statOf(
  handle: FileHandle,
): Promise<{ mode: number; uid: number; size: number; isFile: boolean }> {
  const seen = await handle.stat();
  return { mode: seen.mode & 0o777, uid: seen.uid, size: seen.size, isFile: seen.isFile() };
}

/** Why others could read or change it, with what to type; null when they could not. */
function accessProblem(file: string, mode: number, uid: number): string | null {
  if ((mode & 0o077) !== 0) {
    const shown = mode.toString(8).padStart(4, '0');
    return `has mode ${shown}, so others than its owner can read or write it: chmod 600 ${shellWord(file)}`;
  }
  const ourUid = process.getuid?.() ?? uid;
  if (uid === ourUid || uid === 0) return null;
  return `belongs to user id ${uid}, who could exchange it: chown ${ourUid} ${shellWord(file)}`;
}

/** For a line that a person types, not for a shell of ours. */
function shellWord(file: string): string {
  return /^[A-Za-z0-9_./-]+$/.test(file) ? file : `'${file.replaceAll("'", "'\\''")}'`;
}

function openingProblem(error: unknown): string {
  const code = (error as NodeJS.ErrnoException).code ?? String(error);
  switch (code) {
    case 'ENOENT':
      return 'does not exist';
    case 'EACCES':
      return `may not be read by the user that we run as${userText()}`;
    default:
      return `cannot be read: ${code}`;
  }
}

function userText(): string {
  const uid = process.getuid?.();
  return uid === undefined ? '' : ` (user id ${uid})`;
}
