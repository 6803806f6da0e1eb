/**
 * What operators asked for, and not the configuration: growth held, nodes and agents drained, other limits. A
 * wish stands until it is taken back, restarts included; the planner obeys it, and every reason names who and why.
 */
import type { Intent } from './facts.ts';
import type { Policy } from './policy.ts';

export interface Wish {
  readonly who: string;
  readonly why: string;
  readonly sinceMs: number;
}

export type DrainTarget =
  { readonly kind: 'node'; readonly node: string } | { readonly kind: 'agent'; readonly agentId: string };

/** A node, or what runs on an agent, is to leave; nothing new is launched there. */
export interface DrainWish extends Wish {
  readonly target: DrainTarget;
  /** When its jobs should have ended; null: whenever they do. */
  readonly deadlineMs: number | null;
  /** Whether jobs are ended at the deadline. Without it a deadline only shows who is late. */
  readonly force: boolean;
}

/** Null: as configured. Both stay within the configuration, see `policyInForce`. */
export interface LimitsWish extends Wish {
  readonly nodesMin: number | null;
  readonly nodesMax: number | null;
}

export interface Wishes {
  readonly growthHeld: Wish | null;
  /** At most one for each target. */
  readonly drains: readonly DrainWish[];
  readonly limits: LimitsWish | null;
}

export const noWishes: Wishes = { growthHeld: null, drains: [], limits: null };

/** The wish that a node leaves: the one that was uttered first. */
export function drainOf(
  { nodeName, agentId }: Pick<Intent, 'nodeName' | 'agentId'>,
  { drains }: Wishes,
): DrainWish | null {
  return drains.find(({ target }) => concerns(target, nodeName, agentId)) ?? null;
}

function concerns(target: DrainTarget, nodeName: string, agentId: string): boolean {
  return target.kind === 'node' ? target.node === nodeName : target.agentId === agentId;
}

export function sameTarget(one: DrainTarget, other: DrainTarget): boolean {
  if (one.kind === 'node') return other.kind === 'node' && one.node === other.node;
  return other.kind === 'agent' && one.agentId === other.agentId;
}

/** Whether its jobs may be ended now. */
export function isForcedNow(wish: DrainWish, nowMs: number): boolean {
  return wish.force && wish.deadlineMs !== null && nowMs >= wish.deadlineMs;
}

/** The configured policy with the wishes in it. The configuration may have become narrower since they were uttered. */
export function policyInForce(policy: Policy, { limits }: Wishes): Policy {
  if (limits === null) return policy;
  const configured = policy.safeAllocation.nodes;
  const nodes = Math.min(configured ?? Infinity, limits.nodesMax ?? Infinity);
  return {
    ...policy,
    minSlotsHeld: Math.min(limits.nodesMin ?? policy.minSlotsHeld, nodes),
    safeAllocation: { ...policy.safeAllocation, nodes: nodes === Infinity ? null : nodes },
  };
}
