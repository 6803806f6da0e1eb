/** Says which agents come into quarantine, with the evidence, when they are tried again, and which leave it. */
import type { Log } from '@mesos-torque/common/logger.ts';
import type { Quarantine } from '../core/quarantine.ts';
import type { JournalPort } from './ports.ts';

export interface QuarantineWatch {
  /** To be called after each plan. */
  look(quarantined: readonly Quarantine[], nowMs: number): void;
}

export function createQuarantineWatch(journal: JournalPort, log: Log): QuarantineWatch {
  let seen = new Map<string, Quarantine['state']>();

  function say({ agentId, state, failures, evidence, untilMs }: Quarantine, nowMs: number): void {
    const why = evidence.map(({ atMs, message }) => `${new Date(atMs).toISOString()} ${message}`).join('; ');
    const data = { agentId, failures, untilMs };
    if (state === 'resting') log.warn('agent quarantined', { ...data, why });
    else log.info('agent on probation', data);
    const event = state === 'resting' ? 'agent quarantined' : 'agent on probation';
    journal.append({ atMs: nowMs, event, why, data });
  }

  return {
    look(quarantined, nowMs) {
      for (const one of quarantined) if (seen.get(one.agentId) !== one.state) say(one, nowMs);
      const now = new Map(quarantined.map(({ agentId, state }) => [agentId, state]));
      for (const agentId of seen.keys()) {
        if (now.has(agentId)) continue;
        log.info('agent left quarantine', { agentId });
        journal.append({ atMs: nowMs, event: 'agent left quarantine', data: { agentId } });
      }
      seen = now;
    },
  };
}
