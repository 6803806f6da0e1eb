/** How an agent introduces itself to a master. */
import {
  packedAttribute,
  packedExecutor,
  packedFramework,
  packedResource,
  packedStatus,
  packedTask,
  type Join,
} from '../link.ts';
import { type Agent } from './agent.ts';

export function joinOf(agent: Agent): Join {
  return {
    agentId: agent.id,
    hostname: agent.options.hostname,
    address: agent.options.host,
    port: agent.port,
    resources: agent.resources.map(packedResource.pack),
    attributes: agent.attributes.map(packedAttribute.pack),
    frameworks: [...agent.frameworks.values()].map(packedFramework.pack),
    executors: [...agent.executors.values()]
      // The executors of tasks with commands are nobody's business: their tasks stand for them.
      .filter((executor) => !isCommandExecutor(agent, executor.frameworkId, executor.id))
      .map(({ frameworkId, info }) => ({ frameworkId, info: packedExecutor.pack(info) })),
    tasks: [...agent.tasks.values()].map(({ frameworkId, info, state, status }) => ({
      frameworkId,
      info: packedTask.pack(info),
      state,
      status: status === null ? null : packedStatus.pack(status),
    })),
  };
}

function isCommandExecutor(agent: Agent, frameworkId: string, executorId: string): boolean {
  return [...agent.tasks.values()].some(
    (task) => task.frameworkId === frameworkId && task.id === executorId && task.info.executor === undefined,
  );
}
