/**
 * A plan is made of a snapshot, and making it takes time in which Mesos may take offers back. What has
 * become void is not sent: a launch on an offer that is gone would look like a failure of its agent.
 */
import type { Decision } from '../core/decisions.ts';
import type { Memory } from './memory.ts';

/** The decisions whose offers are all still in hand; a decline is narrowed to those that are. */
export function stillPossible(decisions: readonly Decision[], { offers }: Memory): readonly Decision[] {
  return decisions.flatMap((decision): readonly Decision[] => {
    switch (decision.kind) {
      case 'launch':
        return decision.offerIds.every((id) => offers.has(id)) ? [decision] : [];
      case 'decline': {
        const offerIds = decision.offerIds.filter((id) => offers.has(id));
        return offerIds.length === 0 ? [] : [{ ...decision, offerIds }];
      }
      case 'create-node':
      case 'start-mom':
      case 'offline':
      case 'online':
      case 'delete-node':
      case 'kill-task':
      case 'forget':
      case 'suppress':
      case 'revive':
      case 'kick-scheduler':
        return [decision];
    }
  });
}
