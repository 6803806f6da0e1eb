/** The machine as it is: the ports of the executor, but for the agent, on the real system. */
import type os from 'node:os';
import { systemClock } from '@mesos-torque/common/clock.ts';
import type { Log } from '@mesos-torque/common/logger.ts';
import { runCommand } from '@mesos-torque/common/run-command.ts';
import { lookAtName } from './check/probe.ts';
import { adoptMom } from './adopted-mom.ts';
import { startGuardian } from './guardian.ts';
import { homeFilesPort, linkDirsFor, linksOf } from './home-files.ts';
import { markOf, type HomeOwner } from './mom-home.ts';
import { followMomLog } from './mom-log.ts';
import { startMomProcess } from './mom-process.ts';
import type { ExecutorPorts } from './ports.ts';
import { processTable } from './process-table.ts';
import { findProgram } from './programs.ts';

export interface MachineOptions {
  readonly owner: HomeOwner;
  readonly log: Log;
  readonly isRoot: boolean;
  /** The folder for temporary files. */
  readonly tmpDir: string;
}

export function machinePorts({ owner, log, isRoot, tmpDir }: MachineOptions): Omit<ExecutorPorts, 'agent'> {
  const linkDirs = linkDirsFor(isRoot, tmpDir);
  return {
    clock: systemClock,
    log,
    home: homeFilesPort({ owner, log, linkDirs }),
    lookUpName: lookAtName,
    findProgram,
    startMom: (argv, options) =>
      startMomProcess(argv, options, { stdout: process.stdout, stderr: process.stderr }),
    adoptMom,
    guard: () =>
      process.platform === 'linux'
        ? startGuardian(markOf(owner), linksOf(owner, linkDirs), (why) => {
            log.warn('guardian not started', { why });
          })
        : { release: () => undefined },
    followLog: (home) =>
      followMomLog(home.folder, (level, line) => {
        process.stdout.write(`pbs_mom ${level} ${line}\n`);
      }),
    run: runCommand,
    processes: processTable(process.platform, runCommand),
  };
}

/** Addresses under which others may reach this machine. */
export function ownAddresses(interfaces: ReturnType<typeof os.networkInterfaces>): readonly string[] {
  return Object.values(interfaces)
    .flatMap((list) => list ?? [])
    .filter((one) => !one.internal && one.family === 'IPv4')
    .map((one) => one.address);
}

/**
 * What children may see of our environment. Mesos' own variables are for the executor alone: the token
 * with which it speaks to the agent is among them, and everything that a mom has, its jobs have.
 */
export function childEnvironment(env: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const kept = Object.entries(env).filter(
    (entry): entry is [string, string] => entry[1] !== undefined && !/^(?:MESOS|LIBPROCESS)_/.test(entry[0]),
  );
  return Object.fromEntries(kept);
}
