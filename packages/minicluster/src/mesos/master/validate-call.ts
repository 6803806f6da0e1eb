/** What the master wants of a call before it looks at whose it is. */
import { type Call } from '@mesos-torque/proto/gen/mesos/v1/scheduler/scheduler.ts';
import { unreachable } from '@mesos-torque/common/units.ts';
import { isUuid } from '../wire/uuid.ts';

/** What 1.12 finds missing or wrong in a call, in its words; null when nothing. */
export function callProblem(call: Call): string | null {
  const { type } = call;
  if (type === undefined || type === 'UNRECOGNIZED') return "Expecting 'type' to be present";
  if (type === 'SUBSCRIBE') return subscribeProblem(call);
  if (call.frameworkId === undefined) return "Expecting 'framework_id' to be present";
  switch (type) {
    case 'ACCEPT':
      return present('accept', call.accept);
    case 'DECLINE':
      return present('decline', call.decline);
    case 'ACCEPT_INVERSE_OFFERS':
      return present('accept_inverse_offers', call.acceptInverseOffers);
    case 'DECLINE_INVERSE_OFFERS':
      return present('decline_inverse_offers', call.declineInverseOffers);
    case 'KILL':
      return present('kill', call.kill);
    case 'SHUTDOWN':
      return present('shutdown', call.shutdown);
    case 'ACKNOWLEDGE':
      return present('acknowledge', call.acknowledge) ?? uuidProblem(call.acknowledge?.uuid);
    case 'RECONCILE':
      return present('reconcile', call.reconcile);
    case 'MESSAGE':
      return present('message', call.message);
    case 'REQUEST':
      return present('request', call.request);
    case 'UPDATE_FRAMEWORK':
      return updateFrameworkProblem(call);
    case 'UNKNOWN':
    case 'TEARDOWN':
    case 'REVIVE':
    case 'SUPPRESS':
    case 'ACKNOWLEDGE_OPERATION_STATUS':
    case 'RECONCILE_OPERATIONS':
      return null;
    default:
      return unreachable(type);
  }
}

function subscribeProblem(call: Call): string | null {
  const missing = present('subscribe', call.subscribe);
  if (missing !== null) return missing;
  const same = call.frameworkId?.value === call.subscribe?.frameworkInfo?.id?.value;
  return same ? null : "'framework_id' differs from 'subscribe.framework_info.id'";
}

function updateFrameworkProblem(call: Call): string | null {
  const missing = present('update_framework', call.updateFramework);
  if (missing !== null) return missing;
  const same = call.frameworkId?.value === call.updateFramework?.frameworkInfo?.id?.value;
  return same ? null : "'framework_id' differs from 'update_framework.framework_info.id'";
}

function present(name: string, part: object | undefined): string | null {
  return part === undefined ? `Expecting '${name}' to be present` : null;
}

function uuidProblem(uuid: Buffer | undefined): string | null {
  return uuid !== undefined && isUuid(uuid) ? null : 'Not a valid UUID';
}
