/** What `ps` prints on a machine, and what of it is the machine itself. */
import type { Argv } from '@mesos-torque/common/run-command.ts';
import type { ProcessSeen } from '../site.ts';

export interface ProcessLine extends ProcessSeen {
  readonly parent: number;
  /** The first process, what it waits with, and the look itself. */
  readonly isHousekeeping: boolean;
}

export const listProcesses: Argv = ['ps', '-ww', '-eo', 'pid=,ppid=,stat=,user:32=,args='];

/** Zombies are left out: they have ended. Throws on a line that is none of ps'. */
export function processesIn(printed: string): readonly ProcessLine[] {
  return printed
    .split('\n')
    .filter((line) => line.trim() !== '')
    .flatMap((line) => {
      const groups = /^\s*(?<pid>\d+)\s+(?<parent>\d+)\s+(?<stat>\S+)\s+(?<user>\S+)\s+(?<command>.*)$/.exec(
        line,
      )?.groups;
      if (groups === undefined) throw new Error(`not a line of ps: ${JSON.stringify(line)}`);
      const { stat = '', user = '', command = '' } = groups;
      if (stat.startsWith('Z')) return [];
      const [pid, parent] = [Number(groups['pid']), Number(groups['parent'])];
      return [{ pid, parent, user, command, isHousekeeping: isHousekeeping(pid, parent, command) }];
    });
}

function isHousekeeping(pid: number, parent: number, command: string): boolean {
  return (
    pid === 1 ||
    (parent === 1 && command === 'sleep 3600') ||
    command.startsWith(listProcesses.slice(0, 3).join(' '))
  );
}

/**
 * Processes of the program, by its name as the first word or, where an interpreter runs it, as the second:
 * `node /…/bin/pbs_server -D`.
 */
export function ofProgram(lines: readonly ProcessLine[], name: string): readonly ProcessLine[] {
  return lines.filter(({ command }) =>
    command
      .split(' ')
      .slice(0, 2)
      .some((word) => word === name || word.endsWith(`/${name}`)),
  );
}
