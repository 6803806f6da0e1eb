/** The site's choice of TORQUE's scheduler. */
import type { RunCommand } from '@mesos-torque/common/run-command.ts';
import type { Clock } from '@mesos-torque/common/clock.ts';
import { unreachable } from '@mesos-torque/common/units.ts';
import type { StartRecord } from './start-record.ts';
import { commandScheduler, noScheduler } from './schedulers/command.ts';
import { maui } from './schedulers/maui.ts';
import { pbsSched } from './schedulers/pbs-sched.ts';
import type { SchedulerKind, TorqueScheduler } from './schedulers/torque-scheduler.ts';

export interface SchedulerChoice {
  readonly kind: SchedulerKind;
  readonly command: readonly string[];
  /** Of Maui's or Moab's programs; null: on the PATH. */
  readonly binDir: string | null;
  readonly releasesMax: number;
}

export interface SchedulerParts {
  readonly run: RunCommand;
  readonly env: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  readonly clock: Clock;
  readonly started: StartRecord;
  /** Null: it is not kept running by us. */
  readonly managed: {
    readonly home: string;
    readonly sbinDir: string | null;
    readonly isRoot: boolean;
  } | null;
}

export function chooseScheduler(choice: SchedulerChoice, parts: SchedulerParts): TorqueScheduler {
  const { kind } = choice;
  const isManaged = parts.managed !== null;
  switch (kind) {
    case 'pbs_sched':
      return pbsSched(parts.managed);
    case 'maui':
    case 'moab':
      return maui({ ...parts, kind, binDir: choice.binDir, releasesMax: choice.releasesMax, isManaged });
    case 'none':
      return noScheduler();
    case 'command': {
      const [program, ...args] = choice.command;
      return commandScheduler(isManaged && program !== undefined ? [program, ...args] : null, parts.started);
    }
    default:
      return unreachable(kind);
  }
}
