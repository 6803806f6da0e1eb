/** TORQUE's programs on this host: where they are, and of which version. */
import path from 'node:path';
import type { CommandResult, RunCommand } from '@mesos-torque/common/run-command.ts';
import { ok, unknown, warning, wrong, type Check, type Verdict } from './check.ts';
import { findProgram } from './probes.ts';

/** What the scheduler calls. */
const needed = ['qstat', 'pbsnodes', 'qmgr', 'qsub', 'qdel'] as const;

export interface ProgramsSeen {
  /** By name: where it is; null where it was not found. */
  readonly places: ReadonlyMap<string, string | null>;
  readonly lookedIn: readonly string[];
  /** What `qstat --version` did; qmgr and qdel have no such flag. */
  readonly version: CommandResult | null;
}

export function judgePrograms({ places, lookedIn, version }: ProgramsSeen): Verdict {
  const missing = [...places].filter(([, place]) => place === null).map(([name]) => name);
  if (missing.length > 0) {
    return wrong(
      `${missing.join(', ')} not found in ${lookedIn.join(':')}`,
      "set torque.binDir to the folder of TORQUE's commands, or install TORQUE's clients on this host",
    );
  }
  const folders = [...new Set([...places.values()].map((place) => path.dirname(place ?? '')))];
  const where = folders.join(', ');
  if (version === null) return unknown(`found in ${where}; their version was not asked`);
  const said = versionIn(version);
  if (said === null) {
    return warning(
      `found in ${where}, but qstat --version does not say which version they are`,
      'check that they are of TORQUE, 4.2 or later, and not of another PBS',
    );
  }
  return ok(`TORQUE ${said} in ${where}`);
}

/** 6.1.3 prints "Version: 6.1.3.h5" to standard output, 4.2.10 the like to standard error. */
function versionIn(result: CommandResult): string | null {
  if (result.kind !== 'exit') return null;
  const said = `${result.stdout.toString('utf8')}\n${result.stderr.toString('utf8')}`;
  return /^version: (?<version>[0-9][0-9A-Za-z._-]{0,40})/im.exec(said)?.groups?.['version'] ?? null;
}

/** `PATH` in pieces, or the one folder that is configured. */
export function programFolders(binDir: string | null, pathVariable: string): readonly string[] {
  return binDir === null ? pathVariable.split(path.delimiter).filter((folder) => folder !== '') : [binDir];
}

export function programsCheck(run: RunCommand, folders: readonly string[], timeoutMs: number): Check {
  return {
    name: 'TORQUE clients',
    needs: [],
    probe: async () => {
      const places = new Map<string, string | null>();
      for (const program of needed) places.set(program, await findProgram(program, folders));
      const qstat = places.get('qstat') ?? null;
      const version =
        qstat === null ? null : await run([qstat, '--version'], { timeoutMs, outputBytesMax: 64 * 1024 });
      return judgePrograms({ places, lookedIn: folders, version });
    },
  };
}
