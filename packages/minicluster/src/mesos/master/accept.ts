/** ACCEPT and DECLINE: offers are answered, tasks are launched or refused. */
import { type Offer_Operation, type TaskInfo } from '@mesos-torque/proto/gen/mesos/v1/mesos.ts';
import { type Call_Accept, type Call_Decline } from '@mesos-torque/proto/gen/mesos/v1/scheduler/scheduler.ts';
import { packedFramework, packedTask } from '../link.ts';
import { allocated, normalised, subtract, sum } from '../resources/quantities.ts';
import { order } from './agents.ts';
import { masterStatus, sendUpdate } from './events.ts';
import { executorKey, type Agent, type Framework, type Master, type Offer } from './master.ts';
import { recover, refuseMsOf } from './offers.ts';
import { firstProblem } from './roles.ts';
import { addTask } from './tasks.ts';
import { launchCost, taskProblem } from './validate-task.ts';

/** Offers that do not exist any more are passed over. */
export function decline(master: Master, framework: Framework, call: Call_Decline): void {
  const refuseMs = refuseMsOf(call.filters?.refuseSeconds);
  for (const { value } of call.offerIds) {
    const offer = ownOffer(master, framework, value ?? '');
    if (offer !== null) recover(master, offer, offer.resources, refuseMs);
  }
}

export function accept(master: Master, framework: Framework, call: Call_Accept): void {
  const ids = call.offerIds.map(({ value }) => value ?? '');
  const offers = ids.flatMap((id) => ownOffer(master, framework, id) ?? []);
  const tasks = call.operations.flatMap(launchedBy);
  const problem = offersProblem(master, framework, ids);
  const agent = master.agents.get(offers[0]?.agentId ?? '');
  if (problem !== null || agent === undefined) {
    for (const offer of new Set(offers)) recover(master, offer, [], 0);
    dropTasks(master, framework, tasks, problem ?? 'Offer is no longer valid');
    return;
  }
  const left = launch(master, framework, agent, offers, tasks);
  const refuseMs = refuseMsOf(call.filters?.refuseSeconds);
  for (const offer of offers) master.offers.delete(offer.id);
  const [first] = offers;
  if (first !== undefined) recover(master, first, left, refuseMs);
}

function ownOffer(master: Master, framework: Framework, id: string): Offer | null {
  const offer = master.offers.get(id);
  return offer?.frameworkId === framework.id ? offer : null;
}

/** Operations other than LAUNCH are not carried out, and nothing is said about it. */
function launchedBy(operation: Offer_Operation): TaskInfo[] {
  return operation.type === 'LAUNCH' ? (operation.launch?.taskInfos ?? []) : [];
}

function offersProblem(master: Master, framework: Framework, ids: readonly string[]): string | null {
  if (ids.length === 0) return 'No offers specified';
  const duplicate = ids.find((id, i) => ids.indexOf(id) !== i);
  if (duplicate !== undefined) return `Duplicate offer ${duplicate} in offer list`;
  const stale = ids.find((id) => ownOffer(master, framework, id) === null);
  if (stale !== undefined) return `Offer ${stale} is no longer valid`;
  return aggregationProblem(ids.flatMap((id) => ownOffer(master, framework, id) ?? []));
}

function aggregationProblem(offers: readonly Offer[]): string | null {
  const [first, ...others] = offers;
  if (first === undefined) return null;
  return firstProblem(others, (offer) => {
    if (offer.agentId !== first.agentId) {
      return `Aggregated offers must belong to one single agent. Offer ${offer.id} uses agent ${offer.agentId} and agent ${first.agentId}`;
    }
    if (offer.role !== first.role) {
      return `Aggregated offers must be allocated to the same role. Offer ${offer.id} uses role ${offer.role} but another is using role ${first.role}`;
    }
    return null;
  });
}

function dropTasks(master: Master, framework: Framework, tasks: readonly TaskInfo[], problem: string): void {
  const message = `Task launched with invalid offers: ${problem}`;
  for (const task of tasks) refuse(master, framework, task, 'TASK_DROPPED', message);
}

function refuse(
  master: Master,
  framework: Framework,
  task: TaskInfo,
  state: 'TASK_DROPPED' | 'TASK_ERROR',
  message: string,
): void {
  const reason = state === 'TASK_DROPPED' ? 'REASON_INVALID_OFFERS' : 'REASON_TASK_INVALID';
  const taskId = task.taskId?.value ?? '';
  const agentId = task.agentId?.value ?? null;
  sendUpdate(framework, masterStatus(master, { taskId, agentId, state, reason, message, executorId: null }));
}

/** Launches what may be launched, and gives back what is left of the offers. */
function launch(
  master: Master,
  framework: Framework,
  agent: Agent,
  offers: readonly Offer[],
  tasks: readonly TaskInfo[],
): ReturnType<typeof sum> {
  const role = offers[0]?.role ?? '*';
  let left = sum(offers.map((offer) => offer.resources));
  for (const given of tasks) {
    const task = completed(framework, role, given);
    const problem = taskProblem(task, { framework, agentId: agent.id, offered: left });
    if (problem !== null) {
      refuse(master, framework, task, 'TASK_ERROR', problem);
      continue;
    }
    left = subtract(left, launchCost(task, framework, agent.id));
    start(framework, agent, task);
  }
  return left;
}

/** What may be left out is filled in: the role that resources are allocated to, the executor's framework. */
function completed(framework: Framework, role: string, task: TaskInfo): TaskInfo {
  const { executor } = task;
  const resources = allocated(normalised(task.resources), role);
  if (executor === undefined) return { ...task, resources };
  return {
    ...task,
    resources,
    executor: {
      ...executor,
      frameworkId: executor.frameworkId ?? { value: framework.id },
      resources: allocated(normalised(executor.resources), role),
    },
  };
}

function start(framework: Framework, agent: Agent, info: TaskInfo): void {
  const task = addTask(framework, info, agent.id, 'TASK_STAGING');
  const { executor } = info;
  if (executor !== undefined && task.executorId !== null) {
    const key = executorKey(agent.id, task.executorId);
    const running = { frameworkId: framework.id, agentId: agent.id, id: task.executorId, info: executor };
    if (!framework.executors.has(key)) framework.executors.set(key, running);
  }
  order(agent, {
    type: 'run-task',
    framework: packedFramework.pack(framework.info),
    task: packedTask.pack(info),
  });
}
