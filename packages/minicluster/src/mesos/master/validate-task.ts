/** Whether a task may be launched on an offer, in the words of 1.12. */
import { ExecutorInfo, type Resource, type TaskInfo } from '@mesos-torque/proto/gen/mesos/v1/mesos.ts';
import { add, contains, type Resources } from '../resources/quantities.ts';
import { resourcesText, resourceText } from '../resources/text.ts';
import { messageText } from '../wire/text-format.ts';
import { executorKey, type Framework } from './master.ts';
import { firstProblem } from './roles.ts';

export interface LaunchContext {
  readonly framework: Framework;
  readonly agentId: string;
  /** What of the offers is left for this task. */
  readonly offered: Resources;
}

/** What is wrong with a task, whose resources are already allocated to a role; null when nothing is. */
export function taskProblem(task: TaskInfo, context: LaunchContext): string | null {
  return (
    idProblem(task.taskId?.value ?? '') ??
    duplicateProblem(task, context) ??
    agentProblem(task, context) ??
    taskResourcesProblem(task) ??
    executorProblem(task, context) ??
    tooMuchProblem(task, context)
  );
}

function idProblem(id: string): string | null {
  if (id === '') return 'ID must not be empty';
  if (id.length > 255) return 'ID must not be greater than 255 characters';
  if (id === '.' || id === '..') return `'${id}' is disallowed`;
  return /[/\\\p{Cc}]/u.test(id) ? `'${id}' contains invalid characters` : null;
}

function duplicateProblem(task: TaskInfo, { framework }: LaunchContext): string | null {
  const id = task.taskId?.value ?? '';
  return framework.tasks.has(id) ? `Task has duplicate ID: ${id}` : null;
}

function agentProblem(task: TaskInfo, { agentId }: LaunchContext): string | null {
  const named = task.agentId?.value ?? '';
  return named === agentId ? null : `Task uses invalid agent ${named} while agent ${agentId} is expected`;
}

function taskResourcesProblem(task: TaskInfo): string | null {
  if (task.resources.length === 0) return 'Task uses no resources';
  return firstProblem(task.resources, amountProblem) ?? rolesProblem('task', task.resources);
}

function amountProblem(resource: Resource): string | null {
  const problem = scalarProblem(resource) ?? rangesProblem(resource);
  return problem === null ? null : `Resource '${resourceText(resource)}' is invalid: ${problem}`;
}

function scalarProblem(resource: Resource): string | null {
  if (resource.type !== 'SCALAR') return null;
  if (resource.scalar === undefined) return 'Invalid scalar resource';
  // The text says "<=", but a value of zero is taken.
  return (resource.scalar.value ?? 0) < 0 ? 'Invalid scalar resource: value <= 0' : null;
}

function rangesProblem(resource: Resource): string | null {
  if (resource.type !== 'RANGES') return null;
  if (resource.ranges === undefined) return 'Invalid ranges resource';
  const sorted = [...resource.ranges.range].sort((a, b) => ((a.begin ?? 0n) < (b.begin ?? 0n) ? -1 : 1));
  if (sorted.some((range) => (range.begin ?? 0n) > (range.end ?? 0n))) {
    return 'Invalid ranges resource: begin value is greater than end value';
  }
  const overlaps = sorted.some((range, i) => i > 0 && (range.begin ?? 0n) <= (sorted[i - 1]?.end ?? 0n));
  return overlaps ? 'Invalid ranges resource: overlapping ranges' : null;
}

function rolesProblem(whose: string, resources: Resources): string | null {
  const roles = [...new Set(resources.map((resource) => resource.allocationInfo?.role ?? ''))].sort();
  const [first = '', second] = roles;
  if (second === undefined) return null;
  return `Invalid ${whose} resources: The resources have multiple allocation roles ('${first}' and '${second}') but only one allocation role is allowed`;
}

function executorProblem(task: TaskInfo, context: LaunchContext): string | null {
  const { executor, command } = task;
  if ((executor === undefined) === (command === undefined)) {
    return 'Task should have at least one (but not both) of CommandInfo or ExecutorInfo present';
  }
  if (executor === undefined) return null;
  const { framework, agentId } = context;
  return (
    idProblem(executor.executorId?.value ?? '') ??
    executorTypeProblem(executor) ??
    firstProblem(executor.resources, amountProblem) ??
    rolesProblem('executor', executor.resources) ??
    frameworkIdProblem(executor, framework) ??
    compatibilityProblem(executor, framework, agentId)
  );
}

function executorTypeProblem(executor: ExecutorInfo): string | null {
  const { type, command } = executor;
  if (type === 'DEFAULT') {
    return command === undefined ? null : "'ExecutorInfo.command' must not be set for 'DEFAULT' executor";
  }
  return command === undefined ? "'ExecutorInfo.command' must be set for 'CUSTOM' executor" : null;
}

function frameworkIdProblem(executor: ExecutorInfo, framework: Framework): string | null {
  const actual = executor.frameworkId?.value ?? framework.id;
  return actual === framework.id
    ? null
    : `ExecutorInfo has an invalid FrameworkID (Actual: ${actual} vs Expected: ${framework.id})`;
}

const rule = '-'.repeat(60);

function compatibilityProblem(executor: ExecutorInfo, framework: Framework, agentId: string): string | null {
  const existing = framework.executors.get(executorKey(agentId, executor.executorId?.value ?? ''))?.info;
  if (existing === undefined) return null;
  const complete = { ...executor, frameworkId: { value: framework.id } };
  const texts = [existing, complete].map((info) => messageText('mesos.v1.ExecutorInfo', info));
  if (Buffer.from(ExecutorInfo.encode(existing).finish()).equals(ExecutorInfo.encode(complete).finish()))
    return null;
  return (
    'ExecutorInfo is not compatible with existing ExecutorInfo with same ExecutorID.\n' +
    `${rule}\nExisting ExecutorInfo:\n${texts[0] ?? ''}\n${rule}\nExecutorInfo:\n${texts[1] ?? ''}\n${rule}\n`
  );
}

/** What launching a task takes: its own resources, and those of an executor that does not run yet. */
export function launchCost(task: TaskInfo, framework: Framework, agentId: string): Resource[] {
  const { executor } = task;
  const runs = framework.executors.has(executorKey(agentId, executor?.executorId?.value ?? ''));
  return add(task.resources, executor === undefined || runs ? [] : executor.resources);
}

function tooMuchProblem(task: TaskInfo, { framework, agentId, offered }: LaunchContext): string | null {
  const cost = launchCost(task, framework, agentId);
  if (contains(offered, cost)) return null;
  return `Total resources ${resourcesText(cost)} required by task and its executor is more than available ${resourcesText(offered)}`;
}
