/** The recorded output of real TORQUE, for tests. */
import { readFileSync } from 'node:fs';
import type { CommandResult } from '@mesos-torque/common/run-command.ts';

export type Version = '6.1' | '4.2';

/** One run of a command; `index.json` beside the recordings describes each. */
export interface Recording {
  readonly version: Version;
  readonly name: string;
  readonly command: string;
  readonly exitCode: number | 'timeout';
  readonly stdout: Buffer;
  readonly stderr: Buffer;
}

interface IndexEntry {
  readonly name: string;
  readonly file: string;
  readonly stderrFile: string;
  readonly command: string;
  readonly exitCode: number | 'timeout';
}

const fixtures = new URL('../../../../../fixtures/', import.meta.url);

export function recordings(version: Version): readonly Recording[] {
  const folder = new URL(`torque-${version}/`, fixtures);
  const index = JSON.parse(readFileSync(new URL('index.json', folder), 'utf8')) as readonly IndexEntry[];
  return index.map(({ name, file, stderrFile, command, exitCode }) => ({
    version,
    name,
    command,
    exitCode,
    stdout: readFileSync(new URL(file, folder)),
    stderr: readFileSync(new URL(stderrFile, folder)),
  }));
}

/** The recording of that name; an error if there is none. */
export function recording(name: string, version: Version = '6.1'): Recording {
  const found = recordings(version).find((candidate) => candidate.name === name);
  if (found === undefined) throw new Error(`no recording ${name} of TORQUE ${version}`);
  return found;
}

/** How running the recorded command ended. */
export function resultOf({ exitCode, stdout, stderr }: Recording): CommandResult {
  return exitCode === 'timeout'
    ? { kind: 'timed-out', timeoutMs: 120_000, stdout, stderr, durationMs: 120_000 }
    : { kind: 'exit', code: exitCode, stdout, stderr, durationMs: 10 };
}
