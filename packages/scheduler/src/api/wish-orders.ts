/** The changing calls: each is checked, becomes a durable wish that the planner obeys, and is journaled with who and why. */
import { unreachable } from '@mesos-torque/common/units.ts';
import type {
  DrainRequest,
  DrainResponse,
  HoldGrowthRequest,
  HoldGrowthResponse,
  ReleaseGrowthRequest,
  SetPolicyRequest,
  SetPolicyResponse,
  UndrainRequest,
} from '@mesos-torque/proto/gen/control/v1/messages.ts';
import type { Policy } from '../core/policy.ts';
import {
  policyInForce,
  sameTarget,
  type DrainTarget,
  type DrainWish,
  type Wish,
  type Wishes,
} from '../core/wishes.ts';
import type { JournalEntry } from '../loop/ports.ts';
import { ControlError } from './control-error.ts';
import { drainMessage, wishMessage } from './facts-view.ts';
import { invalid, whoWhy, wishOf } from './order-words.ts';
import type { FedLoop, Ruling } from './plan-feed.ts';
import type { Planned } from './plan-view.ts';
import { mustBe, type Caller } from './tokens.ts';

/** More drains than this stand only by mistake. */
const drainsMax = 10_000;
const deadlineMsMax = 365 * 24 * 3_600_000;

export interface OrderParts {
  readonly ruling: () => Ruling;
  readonly policy: Policy;
  readonly nowMs: () => number;
  readonly record: (entry: JournalEntry) => void;
  /** The id of the agent that is called so, be it by its host. */
  readonly agentNamed: (name: string, planned: Planned) => string;
}

export interface Orders {
  holdGrowth(request: HoldGrowthRequest, caller: Caller): Promise<HoldGrowthResponse>;
  releaseGrowth(request: ReleaseGrowthRequest, caller: Caller): Promise<void>;
  drain(request: DrainRequest, caller: Caller): Promise<DrainResponse>;
  undrain(request: UndrainRequest, caller: Caller): Promise<void>;
  setPolicy(request: SetPolicyRequest, caller: Caller): Promise<SetPolicyResponse>;
}

export function createOrders(parts: OrderParts): Orders {
  const { ruling } = parts;

  async function change(
    loop: FedLoop,
    wish: Wish,
    event: string,
    by: (wishes: Wishes) => Wishes,
    details: Pick<JournalEntry, 'node' | 'data'> = {},
  ): Promise<Wishes> {
    const outcome = await loop.wish(by);
    if (!outcome.ok) throw new ControlError('UNAVAILABLE', 'NOT_SAVED', outcome.problem.detail);
    const { node, data } = details;
    parts.record({
      atMs: wish.sinceMs,
      event,
      why: whoWhy(wish),
      ...(node === undefined ? {} : { node }),
      data: { who: wish.who, ...data },
    });
    return outcome.value;
  }

  function named(target: DrainTarget, planned: Planned): DrainTarget {
    if (target.kind === 'node') return target;
    return { kind: 'agent', agentId: parts.agentNamed(target.agentId, planned) };
  }

  return {
    async holdGrowth(request, caller) {
      mustBe('operator', caller, 'holding growth');
      const wish = wishOf(request, caller, parts.nowMs());
      const { loop } = ruling();
      await change(loop, wish, 'growth held', (wishes) => ({ ...wishes, growthHeld: wish }));
      return { growthHeld: wishMessage(wish) };
    },
    async releaseGrowth(request, caller) {
      mustBe('operator', caller, 'releasing growth');
      const wish = wishOf(request, caller, parts.nowMs());
      const { loop, planned } = ruling();
      if (planned.snapshot.wishes.growthHeld === null) {
        throw new ControlError('FAILED_PRECONDITION', 'GROWTH_NOT_HELD', 'growth is not held');
      }
      await change(loop, wish, 'growth released', (wishes) => ({ ...wishes, growthHeld: null }));
    },
    async drain(request, caller) {
      mustBe(
        request.force ? 'admin' : 'operator',
        caller,
        request.force ? 'draining with force' : 'draining',
      );
      const wanted = wishOf(request, caller, parts.nowMs());
      const target = targetOf(request.target);
      const { loop, planned } = ruling();
      const wish = drainWishOf(request, { ...wanted, target: named(target, planned) });
      const nodes = nodesOf(wish.target, planned);
      await change(
        loop,
        wish,
        'drain ordered',
        (wishes) => {
          const others = wishes.drains.filter(({ target }) => !sameTarget(target, wish.target));
          if (others.length >= drainsMax) {
            throw new ControlError(
              'RESOURCE_EXHAUSTED',
              'TOO_MANY_DRAINS',
              `${String(drainsMax)} drains stand already`,
            );
          }
          return { ...wishes, drains: [...others, wish] };
        },
        targetDetails(wish.target, { deadlineMs: wish.deadlineMs, force: wish.force }),
      );
      return { drain: drainMessage(wish), nodes: [...nodes] };
    },
    async undrain(request, caller) {
      mustBe('operator', caller, 'taking a drain back');
      const wish = wishOf(request, caller, parts.nowMs());
      const asked = targetOf(request.target);
      const { loop, planned } = ruling();
      const target = named(asked, planned);
      if (!planned.snapshot.wishes.drains.some((one) => sameTarget(one.target, target))) {
        throw new ControlError(
          'FAILED_PRECONDITION',
          'NOT_DRAINED',
          `${targetText(target)} is not drained by an operator`,
        );
      }
      const without = (wishes: Wishes): Wishes => ({
        ...wishes,
        drains: wishes.drains.filter((one) => !sameTarget(one.target, target)),
      });
      await change(loop, wish, 'drain taken back', without, targetDetails(target, {}));
    },
    async setPolicy(request, caller) {
      mustBe('operator', caller, 'changing the policy');
      const wish = wishOf(request, caller, parts.nowMs());
      const { minNodes, maxNodes, reset } = request;
      if (reset && (minNodes !== undefined || maxNodes !== undefined)) {
        throw invalid('RESET_AND_MORE', 'reset: give it alone');
      }
      if (!reset && minNodes === undefined && maxNodes === undefined) {
        throw invalid('NOTHING_TO_SET', 'nothing is given to set: give min_nodes, max_nodes or reset');
      }
      const { loop, planned } = ruling();
      const before = planned.snapshot.wishes.limits;
      const limits = reset
        ? null
        : {
            ...wish,
            nodesMin: minNodes ?? before?.nodesMin ?? null,
            nodesMax: maxNodes ?? before?.nodesMax ?? null,
          };
      if (limits !== null) mustBeWithin(limits, parts.policy);
      const after = await change(loop, wish, 'policy changed', (wishes) => ({ ...wishes, limits }), {
        data: { minNodes: minNodes ?? null, maxNodes: maxNodes ?? null, reset },
      });
      const inForce = policyInForce(parts.policy, after);
      return { minNodes: inForce.minSlotsHeld, maxNodes: inForce.safeAllocation.nodes ?? undefined };
    },
  };
}

function drainWishOf(request: DrainRequest, wish: Wish & Pick<DrainWish, 'target'>): DrainWish {
  const afterMs = Number(request.deadlineAfterMs);
  if (afterMs < 0 || afterMs > deadlineMsMax) {
    throw invalid('DEADLINE_INVALID', `deadline_after_ms: 0 to ${String(deadlineMsMax)} (a year)`);
  }
  if (request.force && afterMs === 0)
    throw invalid('FORCE_WITHOUT_DEADLINE', 'force: give a deadline with it');
  const deadlineMs = afterMs === 0 ? null : wish.sinceMs + afterMs;
  return { ...wish, deadlineMs, force: request.force };
}

function targetOf(target: DrainRequest['target']): DrainTarget {
  if (target === undefined) throw invalid('TARGET_MISSING', 'target: name a node or an agent');
  switch (target.$case) {
    case 'node':
      if (target.value === '') throw invalid('TARGET_MISSING', 'node: empty');
      return { kind: 'node', node: target.value.toLowerCase() };
    case 'agentId':
      if (target.value === '') throw invalid('TARGET_MISSING', 'agent_id: empty');
      return { kind: 'agent', agentId: target.value };
    default:
      return unreachable(target);
  }
}

function targetText(target: DrainTarget): string {
  return target.kind === 'node' ? `node ${target.node}` : `agent ${target.agentId}`;
}

function targetDetails(
  target: DrainTarget,
  data: NonNullable<JournalEntry['data']>,
): Pick<JournalEntry, 'node' | 'data'> {
  if (target.kind === 'node') return { node: target.node, data };
  return { data: { agentId: target.agentId, ...data } };
}

/** Our nodes that a drain concerns now. Nodes of the administrator's are theirs to set offline. */
function nodesOf(target: DrainTarget, { snapshot, plan }: Planned): readonly string[] {
  switch (target.kind) {
    case 'agent': {
      const isKnown = [...snapshot.offers, ...snapshot.intents, ...snapshot.trouble].some(
        ({ agentId }) => agentId === target.agentId,
      );
      const nodes = snapshot.intents.filter(({ agentId }) => agentId === target.agentId);
      if (!isKnown) {
        throw new ControlError(
          'NOT_FOUND',
          'AGENT_UNKNOWN',
          `agent ${target.agentId} neither offers nor has a node of ours`,
        );
      }
      return nodes.map(({ nodeName }) => nodeName);
    }
    case 'node': {
      const isOurs = snapshot.intents.some(({ nodeName }) => nodeName === target.node);
      if (isOurs) return [target.node];
      const verdict = plan.report.nodes.find(({ node }) => node === target.node);
      if (verdict !== undefined) {
        throw new ControlError(
          'FAILED_PRECONDITION',
          'NODE_NOT_OURS',
          `node ${target.node} is not ours (${verdict.phase}): set it offline with pbsnodes -o`,
        );
      }
      const isOffered = snapshot.offers.some(({ host }) => host.toLowerCase() === target.node);
      if (isOffered) return [];
      throw new ControlError('NOT_FOUND', 'NODE_UNKNOWN', `there is no node ${target.node}`);
    }
    default:
      return unreachable(target);
  }
}

/** The configuration is the bound: nodes up to its safe allocation, and the floor within that. */
function mustBeWithin(
  { nodesMin, nodesMax }: { readonly nodesMin: number | null; readonly nodesMax: number | null },
  policy: Policy,
): void {
  const configured = policy.safeAllocation.nodes ?? Infinity;
  const most = nodesMax ?? configured;
  const least = nodesMin ?? policy.minSlotsHeld;
  if (most > configured) {
    throw outOfRange(
      `max_nodes: ${String(most)} is more than policy.safeAllocation.nodes, which is ${String(configured)}`,
    );
  }
  if (least > most)
    throw outOfRange(`min_nodes: ${String(least)} is more than the ${String(most)} nodes that may be held`);
}

function outOfRange(message: string): ControlError {
  return new ControlError('OUT_OF_RANGE', 'BEYOND_BOUNDS', message);
}
