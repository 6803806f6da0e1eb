/**
 * What must not be forgotten about `scheduling` of pbs_server: whether it is wanted, and whether it is us who
 * switched it off. Written before the switch, so that a scheduler that was killed in between puts it right.
 */
import { mkdir, open, readFile, rename } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';

const shape = z.strictObject({
  version: z.literal(1),
  /** Scheduling is to be on whenever it is safe. */
  wanted: z.boolean(),
  /** We have switched it off, or are about to, and shall switch it on. */
  offByUs: z.boolean(),
  /** Which life of the server this was said of; null where it cannot be told. */
  life: z.string().nullable(),
});

export type GuardRecord = Readonly<Omit<z.infer<typeof shape>, 'version'>>;

export interface GuardRecordPort {
  /** Null when nothing was ever said, or it cannot be read: then nothing is known of our own doing. */
  load(): Promise<GuardRecord | null>;
  /** Resolves once it is on disk. */
  save(record: GuardRecord): Promise<void>;
}

/** Null when it is no record. */
export function readGuard(text: string): GuardRecord | null {
  try {
    const read = shape.safeParse(JSON.parse(text));
    if (!read.success) return null;
    const { wanted, offByUs, life } = read.data;
    return { wanted, offByUs, life };
  } catch {
    return null;
  }
}

export function guardText(record: GuardRecord): string {
  return `${JSON.stringify({ version: 1, ...record })}\n`;
}

export function guardRecordIn(directory: string): GuardRecordPort {
  const file = path.join(directory, 'server-guard.json');
  return {
    async load() {
      try {
        return readGuard(await readFile(file, 'utf8'));
      } catch {
        return null;
      }
    },
    async save(record) {
      await mkdir(directory, { recursive: true, mode: 0o700 });
      const handle = await open(`${file}.new`, 'w', 0o600);
      try {
        await handle.writeFile(guardText(record));
        await handle.sync();
      } finally {
        await handle.close();
      }
      await rename(`${file}.new`, file);
    },
  };
}
