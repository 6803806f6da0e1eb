/** The orders that go with a launch: what the executor needs to know of us and of the configuration. */
import { JobHookPoint, MomOrders } from '@mesos-torque/proto/gen/torque/v1/orders.ts';
import type { LaunchDecision } from '../core/decisions.ts';

/** The part of the configuration that moms are made of. */
export interface MomSettings {
  readonly pbsServer: string;
  readonly pbsMom: string;
  readonly momctl: string;
  readonly path: string;
  readonly momConfigLines: readonly string[];
  /** Null: below the sandbox. */
  readonly torqueHome: string | null;
  /** Whether `torqueHome` is the host's own, to be used as it is. */
  readonly hostHome: boolean;
  readonly healthIntervalMs: number;
  /** Null where nothing is prepared for MPI. */
  readonly mpi: {
    readonly pbsdsh: string;
    readonly environment: readonly string[];
    readonly mpd: boolean;
  } | null;
  readonly hooks: readonly HookSetting[];
  readonly restartsMax: number;
  readonly waitForJobs: boolean;
  readonly momLayoutLines: readonly string[];
}

export interface HookSetting {
  readonly script: 'prologue' | 'prologue.parallel' | 'epilogue' | 'epilogue.parallel';
  readonly point: 'before' | 'after';
  readonly lines: readonly string[];
}

export function momOrders({ intent }: LaunchDecision, settings: MomSettings): MomOrders {
  return MomOrders.create({
    nodeName: intent.nodeName,
    pbsServer: settings.pbsServer,
    np: intent.np,
    momServicePort: intent.ports?.service ?? 0,
    momManagerPort: intent.ports?.manager ?? 0,
    momConfigLines: [...settings.momConfigLines],
    healthIntervalMs: settings.healthIntervalMs,
    pbsMom: settings.pbsMom,
    momctl: settings.momctl,
    path: settings.path,
    torqueHome: settings.torqueHome ?? '',
    hostHome: settings.hostHome && settings.torqueHome !== null,
    ...(settings.mpi === null
      ? {}
      : { mpi: { ...settings.mpi, environment: [...settings.mpi.environment] } }),
    jobHooks: settings.hooks
      .filter(({ lines }) => lines.length > 0)
      .map(({ script, point, lines }) => ({ script, point: pointOf(point), lines: [...lines] })),
    restartsMax: settings.restartsMax,
    waitForJobs: settings.waitForJobs,
    momLayoutLines: [...settings.momLayoutLines],
  });
}

function pointOf(point: HookSetting['point']): JobHookPoint {
  return point === 'before' ? JobHookPoint.JOB_HOOK_POINT_BEFORE : JobHookPoint.JOB_HOOK_POINT_AFTER;
}
