/** The executor of tasks that bring a command and no executor: a program of the stand-in's own. */
import { fileURLToPath } from 'node:url';
import { ExecutorInfo, type TaskInfo } from '@mesos-torque/proto/gen/mesos/v1/mesos.ts';

const program = fileURLToPath(new URL('../command-executor-main.ts', import.meta.url));

/** Its id is the task's; it runs on 0.1 cpus and 32 MB that nobody is charged for. */
export function commandExecutor(frameworkId: string, task: TaskInfo): ExecutorInfo {
  const taskId = task.taskId?.value ?? '';
  return ExecutorInfo.fromPartial({
    executorId: { value: taskId },
    frameworkId: { value: frameworkId },
    name: `Command Executor (Task: ${taskId})`,
    resources: [],
    command: {
      ...task.command,
      shell: false,
      value: process.execPath,
      arguments: ['mesos-executor', program],
    },
  });
}
