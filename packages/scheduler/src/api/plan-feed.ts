/**
 * The plans of whoever rules, from the first reign to the last: what is served of the scheduler's state subscribes here
 * once and need not know about reigns.
 */
import type { Sliced } from '../core/sliced.ts';
import type { Wishes } from '../core/wishes.ts';
import type { Outcome } from '../loop/ports.ts';
import { ControlError } from './control-error.ts';
import { planView, type Planned, type PlanView } from './plan-view.ts';

/** What is needed of the loop that rules. */
export interface FedLoop {
  latest(): Planned | null;
  onPlan(listener: (planned: Planned) => void): () => void;
  wish(change: (wishes: Wishes) => Wishes): Promise<Outcome<Wishes>>;
  confirmBrake(id: string): Promise<Outcome<readonly string[]>>;
  clearAgent(agentId: string): void;
  lookNow(): void;
}

/** Who rules, and the latest plan. */
export interface Ruling {
  readonly loop: FedLoop;
  readonly planned: Planned;
}

/** Runs sliced work without keeping others waiting. */
export type RunSliced = <T>(work: Sliced<T>) => Promise<T>;

export interface PlanFeed {
  /** `null` when nobody rules any more. */
  readonly attach: (loop: FedLoop | null) => void;
  readonly loop: () => FedLoop | null;
  /** Null before the first plan of a reign. */
  readonly latest: () => Planned | null;
  readonly onPlan: (listener: (planned: Planned) => void) => () => void;
  /** Throws UNAVAILABLE before the first plan of a reign, and when nobody rules here. */
  readonly ruling: () => Ruling;
  /** The latest plan as lists; null before the first. Made at most once for each plan. */
  view(): Promise<PlanView | null>;
}

export function createPlanFeed(sliced: RunSliced, phaseSinceMs: (taskId: string) => number | null): PlanFeed {
  const listeners = new Set<(planned: Planned) => void>();
  let attached: FedLoop | null = null;
  let detach = (): void => undefined;
  let viewed: { readonly planned: Planned; readonly view: Promise<PlanView> } | null = null;

  const latest = (): Planned | null => attached?.latest() ?? null;
  return {
    attach(loop) {
      detach();
      attached = loop;
      viewed = null;
      const stop = loop?.onPlan((planned) => {
        for (const listener of listeners) listener(planned);
      });
      detach = () => stop?.();
    },
    loop: () => attached,
    latest,
    ruling() {
      const planned = latest();
      if (attached !== null && planned !== null) return { loop: attached, planned };
      throw new ControlError(
        'UNAVAILABLE',
        'NOT_RULING',
        'no plan has been made yet, or another scheduler leads',
      );
    },
    onPlan(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    async view() {
      const planned = latest();
      if (planned === null) return null;
      if (viewed?.planned !== planned) {
        viewed = { planned, view: sliced(planView(planned, phaseSinceMs)) };
      }
      return viewed.view;
    },
  };
}
