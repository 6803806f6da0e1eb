/** What a restarted agent must know, in one file that is replaced as a whole. */
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import {
  type ExecutorInfo,
  type FrameworkInfo,
  type TaskInfo,
  type TaskState,
  type TaskStatus,
} from '@mesos-torque/proto/gen/mesos/v1/mesos.ts';
import { packedExecutor, packedFramework, packedStatus, packedTask, type Packed } from '../link.ts';
import { type Agent, keyOf, treeOf } from './agent.ts';
import { type RootProcess } from './process-tree.ts';
import { newStream } from './status-updates.ts';

interface Checkpoint {
  readonly agentId: string;
  readonly frameworks: readonly Packed<FrameworkInfo>[];
  readonly executors: readonly SavedExecutor[];
  readonly tasks: readonly SavedTask[];
  readonly updates: readonly SavedUpdates[];
}

interface SavedExecutor {
  readonly frameworkId: string;
  readonly id: string;
  readonly info: Packed<ExecutorInfo>;
  readonly containerId: string;
  readonly directory: string;
  /** Null when no process had been started yet. */
  readonly root: RootProcess | null;
}

interface SavedTask {
  readonly frameworkId: string;
  readonly executorId: string;
  readonly id: string;
  readonly info: Packed<TaskInfo>;
  readonly state: TaskState;
  readonly status: Packed<TaskStatus> | null;
}

interface SavedUpdates {
  readonly frameworkId: string;
  readonly taskId: string;
  readonly pending: readonly Packed<TaskStatus>[];
  readonly taken: readonly string[];
}

function fileOf(agent: Agent): string {
  return join(agent.options.workDir, 'meta', 'agent.json');
}

export function saveCheckpoint(agent: Agent): void {
  if (agent.id === null || agent.closed) return;
  const checkpoint: Checkpoint = {
    agentId: agent.id,
    frameworks: [...agent.frameworks.values()].map(packedFramework.pack),
    executors: [...agent.executors.values()].map((executor) => ({
      frameworkId: executor.frameworkId,
      id: executor.id,
      info: packedExecutor.pack(executor.info),
      containerId: executor.containerId,
      directory: executor.directory,
      root: treeOf(executor)?.root ?? null,
    })),
    tasks: [...agent.tasks.values()].map((task) => ({
      ...task,
      info: packedTask.pack(task.info),
      status: task.status === null ? null : packedStatus.pack(task.status),
    })),
    updates: [...agent.updates.values()].map(({ frameworkId, taskId, pending, taken }) => ({
      frameworkId,
      taskId,
      pending: pending.map(packedStatus.pack),
      taken: [...taken],
    })),
  };
  const file = fileOf(agent);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(`${file}.new`, JSON.stringify(checkpoint));
  renameSync(`${file}.new`, file);
}

export interface FoundExecutor {
  readonly key: string;
  readonly root: RootProcess | null;
}

/** Fills the agent with what it knew; gives the executors that may still run. Throws when the file cannot be read. */
export function loadCheckpoint(agent: Agent): FoundExecutor[] {
  const file = fileOf(agent);
  if (!existsSync(file)) return [];
  const saved = JSON.parse(readFileSync(file, 'utf8')) as Checkpoint;
  agent.id = saved.agentId;
  for (const info of saved.frameworks.map(packedFramework.unpack))
    agent.frameworks.set(info.id?.value ?? '', info);
  for (const task of saved.tasks) {
    const status = task.status === null ? null : packedStatus.unpack(task.status);
    agent.tasks.set(keyOf(task.frameworkId, task.id), {
      ...task,
      info: packedTask.unpack(task.info),
      status,
    });
  }
  for (const { frameworkId, taskId, pending, taken } of saved.updates) {
    const stream = newStream(frameworkId, taskId);
    stream.pending = pending.map(packedStatus.unpack);
    for (const uuid of taken) stream.taken.add(uuid);
    agent.updates.set(keyOf(frameworkId, taskId), stream);
  }
  return saved.executors.map((executor) => {
    const { frameworkId, id, containerId, directory, root } = executor;
    const key = keyOf(frameworkId, id);
    const info = packedExecutor.unpack(executor.info);
    agent.executors.set(key, {
      frameworkId,
      id,
      info,
      containerId,
      directory,
      phase: { kind: 'launching' },
      queued: [],
    });
    return { key, root };
  });
}
