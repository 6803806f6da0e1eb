/** What stands between a need and the nodes that would meet it. */
import type { ResourceVector } from '@mesos-torque/common/units.ts';
import type { Reason } from './reasons.ts';

export interface Obstacle {
  readonly why: Reason;
  /** What is missing, in nodes of ours. */
  readonly asked: { readonly each: ResourceVector; readonly nodes: number };
  /**
   * - `offers`: more or other offers would help.
   * - `starting`: something of ours must end first (launches in flight, a reading that fails).
   * - `allocation`: the safe allocation is used up; offers would not help.
   */
  readonly blockedBy: 'offers' | 'starting' | 'allocation';
}
