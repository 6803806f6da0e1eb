import { renameSync, writeFileSync } from 'node:fs';

/** Replaces a file as a whole: readers see the old text or the new one, also after a crash in between. */
export function writeFileAtomically(file: string, text: string, mode = 0o644): void {
  const half = `${file}.${process.pid}.new`;
  writeFileSync(half, text, { mode });
  renameSync(half, file);
}
