/** An agent that comes back with the work directory of an earlier one: finds its executors and waits for them. */
import { sleep } from '@mesos-torque/common/clock.ts';
import { type Agent, type Executor, tasksOf, treeOf } from './agent.ts';
import { loadCheckpoint } from './checkpoint.ts';
import { ended } from './end-executor.ts';
import { endTask } from './own-updates.ts';
import { processTree, type ProcessTree } from './process-tree.ts';

/** How often executors that are not our children are looked at. */
const watchMs = 250;
/** The wait status of an executor whose end nobody saw. */
const unseenEnd = -1;

/** Gives whether there is anything to wait for; executors can subscribe from here on. */
export async function recover(agent: Agent): Promise<boolean> {
  const found = loadCheckpoint(agent);
  for (const { key, root } of found) {
    const executor = agent.executors.get(key);
    if (executor === undefined) continue;
    const tree = root === null ? null : processTree(root, executor.directory, agent.clock);
    if (tree !== null && (await tree.rootIsAlive())) takeUp(agent, executor, tree);
    else await ended(agent, executor, tree ?? noTree(executor, agent), unseenEnd);
  }
  return found.length > 0;
}

/** Where no process was written down there may still be one, by its environment. */
function noTree(executor: Executor, agent: Agent): ProcessTree {
  return processTree({ pid: 0, started: '' }, executor.directory, agent.clock);
}

function takeUp(agent: Agent, executor: Executor, tree: ProcessTree): void {
  executor.phase = { kind: 'running', tree, stream: null };
  void watch(agent, executor, tree);
}

async function watch(agent: Agent, executor: Executor, tree: ProcessTree): Promise<void> {
  while (!agent.closed && executor.phase.kind !== 'gone') {
    if (!(await tree.rootIsAlive())) {
      await ended(agent, executor, tree, unseenEnd);
      return;
    }
    await sleep(agent.clock, watchMs);
  }
}

/** The wait is over: executors that did not come back are ended, and so are tasks that never reached theirs. */
export async function endLatecomers(agent: Agent): Promise<void> {
  for (const executor of [...agent.executors.values()]) {
    const { phase } = executor;
    if (phase.kind === 'running' && phase.stream === null) {
      agent.log.warn('executor did not come back', { executor: executor.id });
      await treeOf(executor)?.kill();
      await ended(agent, executor, phase.tree, unseenEnd);
    }
    for (const task of tasksOf(agent, executor)) {
      if (task.state !== 'TASK_STAGING') continue;
      const message = 'Task launched during agent restart';
      endTask(agent, task, { state: 'TASK_DROPPED', reason: 'REASON_AGENT_RESTARTED', message });
    }
  }
}
