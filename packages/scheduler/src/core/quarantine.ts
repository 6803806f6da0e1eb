/**
 * Agents on which launches fail: left alone for a time that doubles with each failure in a row, and, after so
 * many, in quarantine: for long, with the evidence shown. Then they are on probation: one launch, which there
 * can only be of one mom per agent; success clears the agent, failure puts it back.
 */
import type { AgentTrouble } from './facts.ts';
import type { Policy } from './policy.ts';

export interface Quarantine {
  readonly agentId: string;
  readonly failures: number;
  /** `resting`: nothing is launched there until `untilMs`. `probation`: the next launch decides. */
  readonly state: 'resting' | 'probation';
  readonly untilMs: number;
  /** The last failures, the oldest first. */
  readonly evidence: AgentTrouble['evidence'];
}

/** Failures whose words are kept. */
export const evidenceMax = 5;

/** When an agent is tried again. */
export function restEndsAtMs({ failures, lastMs }: AgentTrouble, policy: Policy): number {
  const doubled = policy.agentBackoffMs * 2 ** Math.min(failures - 1, 50);
  const restMs = Math.min(doubled, policy.agentBackoffMsMax);
  return lastMs + (failures >= policy.quarantineFailures ? Math.max(policy.quarantineMs, restMs) : restMs);
}

/** Null for an agent that has not failed often enough. */
export function quarantineOf(trouble: AgentTrouble, policy: Policy, nowMs: number): Quarantine | null {
  const { agentId, failures, evidence } = trouble;
  if (failures < policy.quarantineFailures) return null;
  const untilMs = restEndsAtMs(trouble, policy);
  return { agentId, failures, state: nowMs < untilMs ? 'resting' : 'probation', untilMs, evidence };
}
