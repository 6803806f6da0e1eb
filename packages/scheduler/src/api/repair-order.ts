/**
 * Repair: shows what contradicts itself between TORQUE, Mesos and us, and takes a person's word for what the scheduler does
 * not do on its own: removing many nodes at once, and trying an agent again that is in quarantine.
 */
import { unreachable } from '@mesos-torque/common/units.ts';
import type { RepairRequest, RepairResponse } from '@mesos-torque/proto/gen/control/v1/messages.ts';
import type { Policy } from '../core/policy.ts';
import { repairsOf } from '../core/repair.ts';
import type { JournalEntry, Outcome } from '../loop/ports.ts';
import { ControlError } from './control-error.ts';
import { invalid, whoWhy, wishOf } from './order-words.ts';
import type { Ruling } from './plan-feed.ts';
import type { Planned } from './plan-view.ts';
import { brakeMessage, quarantineMessage, repairMessage } from './repair-view.ts';
import { mustBe, type Caller } from './tokens.ts';

export interface RepairParts {
  /** Throws UNAVAILABLE when nobody rules here. */
  readonly ruling: () => Ruling;
  readonly policy: Policy;
  readonly nowMs: () => number;
  readonly record: (entry: JournalEntry) => void;
  /** The id of the agent that is called so, be it by its host. */
  readonly agentNamed: (name: string, planned: Planned) => string;
}

export type RepairOrder = (request: RepairRequest, caller: Caller) => Promise<RepairResponse>;

export function createRepair({ ruling, policy, nowMs, record, agentNamed }: RepairParts): RepairOrder {
  const shown = ({ planned }: Ruling, confirmedNodes: readonly string[]): RepairResponse => {
    const { brake, quarantined } = planned.plan.report;
    return {
      steps: repairsOf(planned, policy).map(repairMessage),
      brake: confirmedNodes.length > 0 ? undefined : brakeMessage(brake),
      confirmedNodes: [...confirmedNodes],
      quarantined: quarantined.map(quarantineMessage),
    };
  };

  return async (request, caller) => {
    const { dryRun, confirmBrake } = request;
    if (dryRun) {
      if (confirmBrake !== '' || request.clearAgentId !== '') {
        throw invalid('DRY_RUN_AND_MORE', 'dry_run: it confirms and clears nothing; give it alone');
      }
      return shown(ruling(), []);
    }
    mustBe('admin', caller, 'repairing');
    const wish = wishOf(request, caller, nowMs());
    const now = ruling();
    const clearAgentId = request.clearAgentId === '' ? '' : agentNamed(request.clearAgentId, now.planned);
    if (clearAgentId !== '') mustBeQuarantined(clearAgentId, now);
    const confirmed = confirmBrake === '' ? [] : valueOf(await now.loop.confirmBrake(confirmBrake));
    if (clearAgentId !== '') now.loop.clearAgent(clearAgentId);
    now.loop.lookNow();
    const data = {
      who: wish.who,
      ...(confirmBrake === '' ? {} : { brake: confirmBrake, nodes: confirmed.length }),
      ...(clearAgentId === '' ? {} : { agentId: clearAgentId }),
    };
    record({ atMs: wish.sinceMs, event: 'repair ordered', why: whoWhy(wish), data });
    return shown(now, confirmed);
  };
}

function mustBeQuarantined(agentId: string, { planned }: Ruling): void {
  if (planned.plan.report.quarantined.some((one) => one.agentId === agentId)) return;
  throw new ControlError(
    'FAILED_PRECONDITION',
    'AGENT_NOT_QUARANTINED',
    `agent ${agentId} is not in quarantine`,
  );
}

function valueOf<T>(outcome: Outcome<T>): T {
  if (outcome.ok) return outcome.value;
  const { kind, detail } = outcome.problem;
  switch (kind) {
    case 'not-found':
      throw new ControlError('FAILED_PRECONDITION', 'NOTHING_TO_CONFIRM', detail);
    case 'conflict':
      throw new ControlError('FAILED_PRECONDITION', 'BRAKE_CHANGED', detail);
    case 'refused':
    case 'unreachable':
    case 'timed-out':
    case 'garbled':
    case 'theirs':
      throw new ControlError('UNAVAILABLE', 'NOT_SAVED', detail);
    default:
      return unreachable(kind);
  }
}
