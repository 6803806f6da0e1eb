/** The end of an executor: what it left behind is killed, the master is told, its tasks are ended. */
import { type Agent, type Executor, keyOf } from './agent.ts';
import { endTasksOf, type OwnUpdate } from './own-updates.ts';
import { type ProcessTree } from './process-tree.ts';

export const terminated: OwnUpdate = {
  state: 'TASK_FAILED',
  reason: 'REASON_EXECUTOR_TERMINATED',
  message: 'Executor terminated',
};

/** The executor's process is over. */
export async function ended(
  agent: Agent,
  executor: Executor,
  tree: ProcessTree,
  waitStatus: number,
): Promise<void> {
  if (agent.closed || executor.phase.kind === 'gone') return;
  const left = await tree.kill();
  if (left > 0)
    agent.log.error('processes of an executor could not be killed', { executor: executor.id, left });
  gone(agent, executor, waitStatus, terminated);
}

/** There is no process any more, or there never was one. */
export function gone(agent: Agent, executor: Executor, waitStatus: number, update: OwnUpdate): void {
  const { frameworkId, id: executorId, phase } = executor;
  if (phase.kind === 'registering') phase.cancelTimeout();
  if (phase.kind === 'shutting-down') phase.cancelKill();
  if (phase.kind === 'running') phase.stream?.breakOff();
  executor.phase = { kind: 'gone' };
  agent.executors.delete(keyOf(frameworkId, executorId));
  agent.log.info('executor ended', { executor: executorId, waitStatus });
  if (agent.frameworks.has(frameworkId)) {
    agent.report({ type: 'executor-exited', frameworkId, executorId, waitStatus });
    endTasksOf(agent, executor, update);
  }
  agent.save();
}
