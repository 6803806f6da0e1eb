/** What the master orders is done here. */
import { Event } from '@mesos-torque/proto/gen/mesos/v1/executor/executor.ts';
import { unreachable } from '@mesos-torque/common/units.ts';
import { packedFramework, packedKillPolicy, packedTask, type Order } from '../link.ts';
import { type Agent, keyOf } from './agent.ts';
import { killTask, runTask, shutDown, shutDownFramework } from './executors.ts';
import { acknowledged, resendAll } from './status-updates.ts';

/** Orders of the connection itself are none of these. */
export type WorkOrder = Exclude<Order, { readonly type: 'registered' }>;

export function obey(agent: Agent, order: WorkOrder): void {
  switch (order.type) {
    case 'run-task':
      runTask(agent, packedFramework.unpack(order.framework), packedTask.unpack(order.task));
      return;
    case 'kill-task': {
      const killPolicy = order.killPolicy === null ? null : packedKillPolicy.unpack(order.killPolicy);
      killTask(agent, order.frameworkId, order.taskId, killPolicy);
      return;
    }
    case 'shut-down-executor': {
      const executor = agent.executors.get(keyOf(order.frameworkId, order.executorId));
      if (executor !== undefined) shutDown(agent, executor);
      return;
    }
    case 'shut-down-framework':
      shutDownFramework(agent, order.frameworkId);
      return;
    case 'framework-is-back': {
      const framework = packedFramework.unpack(order.framework);
      const id = framework.id?.value ?? '';
      if (agent.frameworks.has(id)) agent.frameworks.set(id, framework);
      resendAll(agent, id);
      return;
    }
    case 'acknowledge':
      acknowledged(agent, order.frameworkId, order.taskId, Buffer.from(order.uuid, 'base64'));
      return;
    case 'message':
      passOn(agent, order.frameworkId, order.executorId, Buffer.from(order.data, 'base64'));
      return;
    case 'shut-down':
      agent.log.warn('agent sent away', { reason: order.reason });
      for (const frameworkId of [...agent.frameworks.keys()]) shutDownFramework(agent, frameworkId);
      return;
    default:
      unreachable(order);
  }
}

/** A message for an executor that is not there is lost without a word. */
function passOn(agent: Agent, frameworkId: string, executorId: string, data: Buffer): void {
  const phase = agent.executors.get(keyOf(frameworkId, executorId))?.phase;
  if (phase?.kind === 'running')
    phase.stream?.send(Event.fromPartial({ type: 'MESSAGE', message: { data } }));
}
