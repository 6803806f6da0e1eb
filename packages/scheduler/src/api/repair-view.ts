/** What contradicts itself, what is held back and which agents are left alone, in the words of the control API. */
import { unreachable } from '@mesos-torque/common/units.ts';
import type { Brake as BrakeMessage, QuarantinedAgent } from '@mesos-torque/proto/gen/control/v1/facts.ts';
import type { RepairStep } from '@mesos-torque/proto/gen/control/v1/messages.ts';
import type { Brake } from '../core/brake.ts';
import type { Quarantine } from '../core/quarantine.ts';
import { sentence } from '../core/reasons.ts';
import type { Repair } from '../core/repair.ts';
import { ms } from './facts-view.ts';

export function repairMessage({ difference, node, taskId, evidence, action, when }: Repair): RepairStep {
  return {
    what: action,
    why: whyOf(when),
    node,
    taskId: taskId ?? '',
    difference,
    evidence: [...evidence],
    when: when.kind,
  };
}

function whyOf(when: Repair['when']): string {
  switch (when.kind) {
    case 'now':
      return '';
    case 'waits':
    case 'by-hand':
      return when.why;
    default:
      return unreachable(when);
  }
}

export function brakeMessage(brake: Brake | null | undefined): BrakeMessage | undefined {
  if (brake === null || brake === undefined) return undefined;
  const { id, stopped, affected, standing, allowed, why } = brake;
  return {
    id,
    why: sentence(why),
    stopped: stopped.map(({ node, taskId, cause }) => ({ node, taskId, cause })),
    affected,
    standing,
    allowed,
  };
}

export function quarantineMessage({
  agentId,
  failures,
  state,
  untilMs,
  evidence,
}: Quarantine): QuarantinedAgent {
  return {
    agentId,
    failures,
    state,
    untilMs: ms(untilMs),
    evidence: evidence.map(({ message }) => message),
  };
}
