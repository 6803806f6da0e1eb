/**
 * What set-ups of pbs_server have changed, in the state directory: the values found before, so that
 * `setup --undo` can bring them back. A state directory may have served several servers, one after the other.
 */
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { messageOf } from '@mesos-torque/common/text.ts';
import { replaceFile, textIn } from '../loop/durable-file.ts';
import { takeLock } from '../loop/state-lock.ts';
import type { SetupRecord, SetupRecords } from '../torque/server-apply.ts';
import type { SetupChange } from '../torque/server-setup.ts';

const version = 1;
/** A set-up makes about ten; more come from changes of the safe allocation. */
const changesMax = 10_000;

const target = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('server'), attribute: z.string().min(1) }),
  z.strictObject({ kind: z.literal('manager'), user: z.string().min(1) }),
  z.strictObject({ kind: z.literal('queue'), queue: z.string().min(1) }),
  z.strictObject({ kind: z.literal('node'), node: z.string().min(1) }),
]);

const shape = z.strictObject({
  version: z.literal(version),
  changes: z
    .array(
      z.strictObject({
        /** When it was about to be made; for people. */
        at: z.string(),
        /** Which one was changed; null of a server that does not name itself. */
        server: z.string().min(1).nullable().default(null),
        target,
        before: z.string().nullable(),
        after: z.string().nullable(),
      }),
    )
    .max(changesMax),
});

type Kept = z.infer<typeof shape>['changes'][number];

export interface SetupRecordFile extends SetupRecord {
  /** Forgets all changes but these. */
  keepOnly(left: readonly SetupChange[]): Promise<void>;
}

export interface SetupRecordFiles extends SetupRecords {
  of(server: string | null): SetupRecordFile;
}

/** `setup.json` in the directory, which is made when something is kept. */
export function setupRecords(directory: string, nowMs: () => number): SetupRecordFiles {
  const file = path.join(directory, 'setup.json');
  const write = async (change: (kept: readonly Kept[]) => readonly Kept[]): Promise<void> => {
    await mkdir(directory, { recursive: true, mode: 0o700 });
    const release = await takeLock(path.join(directory, 'setup.lock'));
    try {
      const changes = change(await keptIn(file));
      if (changes.length > changesMax) throw new Error(`${file}: it has ${changesMax} changes already`);
      await replaceFile(file, `${JSON.stringify({ version, changes }, null, 1)}\n`);
    } finally {
      await release();
    }
  };
  return {
    of: (server) => {
      const stamped = ({ target, before, after }: SetupChange): Kept => {
        return { at: new Date(nowMs()).toISOString(), server, target, before, after };
      };
      return {
        load: async () => (await keptIn(file)).filter((one) => one.server === server),
        append: (changes) => write((kept) => [...kept, ...changes.map(stamped)]),
        keepOnly: (left) =>
          write((kept) =>
            kept.filter((one) => one.server !== server || left.some((change) => isSame(change, one))),
          ),
      };
    },
  };
}

function isSame(a: SetupChange, b: SetupChange): boolean {
  const textOf = ({ target, before, after }: SetupChange): string => JSON.stringify([target, before, after]);
  return textOf(a) === textOf(b);
}

async function keptIn(file: string): Promise<readonly Kept[]> {
  const text = await textIn(file);
  if (text === null) return [];
  const read = shape.safeParse(parsed(file, text));
  if (read.success) return read.data.changes;
  throw unreadable(file, z.prettifyError(read.error).replaceAll('\n', ' '));
}

function parsed(file: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw unreadable(file, messageOf(error));
  }
}

function unreadable(file: string, detail: string): Error {
  return new Error(
    `reading ${file}: ${detail}. It says what pbs_server had before we changed it; restore it from a copy, ` +
      'or move it away to give up undoing those changes',
  );
}
