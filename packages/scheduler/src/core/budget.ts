/** What is left of the safe allocation while launches are planned. */
import { add, resourceKinds, subtract, type ResourceVector } from '@mesos-torque/common/units.ts';
import type { Policy } from './policy.ts';
import type { Reason } from './reasons.ts';
import { safeAllocationNodes, safeAllocationShort } from './reasons-demand.ts';

/** What nodes give back when they are gone. */
export interface Freed {
  readonly resources: ResourceVector;
  readonly nodes: number;
}

/** The part of the policy that bounds what is held. */
export type Limits = Pick<Policy, 'safeAllocation' | 'limitedBy'>;

export class Budget {
  readonly #safe: Policy['safeAllocation'];
  readonly #limitedBy: Policy['limitedBy'];
  #held: ResourceVector;
  #nodes: number;

  /** `held` and `nodes`: everything that we hold, launches in flight included. */
  constructor(limits: Limits, held: ResourceVector, nodes: number) {
    this.#safe = limits.safeAllocation;
    this.#limitedBy = limits.limitedBy;
    this.#held = held;
    this.#nodes = nodes;
  }

  /** Why `nodes` more that take `resources` together are too much, or null when they are allowed. */
  shortOf(resources: ResourceVector, nodes: number): Reason | null {
    const { nodes: nodesMax } = this.#safe;
    if (nodesMax !== null && this.#nodes + nodes > nodesMax) {
      return safeAllocationNodes(nodes, nodesMax - this.#nodes, nodesMax);
    }
    return this.#shortOfAmount(resources);
  }

  /** Whether `nodes` more that take `resources` together would be allowed once `freed` is back. */
  wouldAllow(resources: ResourceVector, nodes: number, freed: Freed): boolean {
    const limits = { safeAllocation: this.#safe, limitedBy: this.#limitedBy };
    const after = new Budget(limits, subtract(this.#held, freed.resources), this.#nodes - freed.nodes);
    return after.shortOf(resources, nodes) === null;
  }

  /** Whether a node that takes `from` now may take `to`. */
  allowsChange(from: ResourceVector, to: ResourceVector): boolean {
    return this.#shortOfAmount(subtract(to, from)) === null;
  }

  spend(resources: ResourceVector, nodes: number): void {
    this.#held = add(this.#held, resources);
    this.#nodes += nodes;
  }

  giveBack(resources: ResourceVector, nodes: number): void {
    this.#held = subtract(this.#held, resources);
    this.#nodes -= nodes;
  }

  #shortOfAmount(asked: ResourceVector): Reason | null {
    for (const kind of resourceKinds) {
      const allowed = this.#safe[kind];
      if (allowed === null || asked[kind] <= 0) continue;
      const left = allowed - this.#held[kind];
      if (asked[kind] > left) {
        const by = this.#limitedBy[kind] ?? null;
        return safeAllocationShort({ kind, asked: asked[kind], left, allowed, by });
      }
    }
    return null;
  }
}
