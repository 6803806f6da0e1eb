/** Commands that end as a script says, for tests of what is made of their ends. */
import type { Argv, CommandResult, RunCommand } from '@mesos-torque/common/run-command.ts';

export interface ScriptedRun {
  readonly run: RunCommand;
  /** The command lines run so far, as one text each. */
  readonly lines: readonly string[];
}

/** Answers the command lines in turn; one too many throws. */
export function scriptedRun(...script: readonly CommandResult[]): ScriptedRun {
  const lines: string[] = [];
  const run = (argv: Argv) => {
    const result = script[lines.length];
    lines.push(argv.join(' '));
    return result === undefined
      ? Promise.reject(new Error(`nothing was scripted for ${argv.join(' ')}`))
      : Promise.resolve(result);
  };
  return { run, lines };
}

/** A program that exited. */
export function exited(code: number, stdout = '', stderr = ''): CommandResult {
  return { kind: 'exit', code, stdout: Buffer.from(stdout), stderr: Buffer.from(stderr), durationMs: 5 };
}

/** What `pbsnodes -x NAME` of 6.1.3 prints of one node. */
export function shown(name: string, state: string, requestId = ''): CommandResult {
  const mark = requestId === '' ? '' : `<requestid>${requestId}</requestid>`;
  return exited(
    0,
    `<Data><Node><name>${name}</name><state>${state}</state><np>2</np>${mark}</Node></Data>\n`,
  );
}
