/** What Mesos says about tasks, for stories of the loop. */
import type { StatusFacts } from '../ports.ts';

/** An update of the executor of `mom.n1.1`, which runs and answers; without a uuid. */
export function aStatus(parts: Partial<StatusFacts> = {}): StatusFacts {
  return {
    taskId: 'mom.n1.1',
    agentId: 'a1',
    state: 'TASK_RUNNING',
    reason: null,
    source: 'executor',
    message: '',
    healthy: true,
    stage: 'answering',
    momName: 'n1',
    trusted: null,
    addresses: [],
    ackToken: null,
    ...parts,
  };
}

/** As Mesos answers to RECONCILE: no uuid, and nothing of what the executor reported (labels, data). */
export function anAnswer(state: StatusFacts['state'], parts: Partial<StatusFacts> = {}): StatusFacts {
  const bare = { reason: 'RECONCILIATION', source: 'master', stage: 'unknown', momName: null } as const;
  return aStatus({ ...bare, state, healthy: null, ...parts });
}
