/**
 * Status updates on their way to the scheduler: one of a task at a time, written down first, sent
 * again until acknowledged.
 */
import { type TaskStatus } from '@mesos-torque/proto/gen/mesos/v1/mesos.ts';
import { packedStatus } from '../link.ts';
import { isTerminal } from '../task-states.ts';
import { uuidText } from '../wire/uuid.ts';
import { type Agent, keyOf, type UpdateStream } from './agent.ts';

/** Uuids that are remembered of one task, so that what an executor repeats is not sent twice. */
const takenMax = 1_000;

/** Takes an update over: from here on it is the agent's to deliver. Gives false when too many wait. */
export function takeUpdate(agent: Agent, frameworkId: string, status: TaskStatus): boolean {
  const taskId = status.taskId?.value ?? '';
  const stream = streamOf(agent, frameworkId, taskId);
  const uuid = uuidText(status.uuid ?? Buffer.alloc(0));
  if (stream.taken.has(uuid)) return true;
  const { updatesPerTaskMax } = agent.options;
  if (stream.pending.length >= updatesPerTaskMax) {
    agent.log.error('update refused: too many wait', { task: taskId, waiting: stream.pending.length });
    return false;
  }
  stream.taken.add(uuid);
  const [oldest] = stream.taken;
  if (stream.taken.size > takenMax && oldest !== undefined) stream.taken.delete(oldest);
  const task = agent.tasks.get(keyOf(frameworkId, taskId));
  if (task !== undefined) {
    task.state = status.state ?? task.state;
    if (status.source === 'SOURCE_EXECUTOR') task.status = status;
  }
  stream.pending.push(status);
  agent.save();
  if (stream.pending.length === 1) forward(agent, stream);
  return true;
}

export function newStream(frameworkId: string, taskId: string): UpdateStream {
  return { frameworkId, taskId, pending: [], taken: new Set(), attempt: 0, cancelResend: () => undefined };
}

function streamOf(agent: Agent, frameworkId: string, taskId: string): UpdateStream {
  const key = keyOf(frameworkId, taskId);
  const stream = agent.updates.get(key) ?? newStream(frameworkId, taskId);
  agent.updates.set(key, stream);
  return stream;
}

/** Sends the first update that waits, and again after 10 s, 20 s, 40 s … */
function forward(agent: Agent, stream: UpdateStream): void {
  stream.cancelResend();
  const [status] = stream.pending;
  if (status === undefined) return;
  const { frameworkId, taskId } = stream;
  const latestState = agent.tasks.get(keyOf(frameworkId, taskId))?.state ?? status.state ?? 'TASK_STAGING';
  agent.report({ type: 'update', frameworkId, status: packedStatus.pack(status), latestState });
  const { updateResendMs, updateResendMsMax } = agent.options;
  const delayMs = Math.min(updateResendMsMax, updateResendMs * 2 ** stream.attempt);
  stream.attempt += 1;
  stream.cancelResend = agent.clock.after(delayMs, () => {
    forward(agent, stream);
  });
}

/** Sends what waits again at once: the master or the scheduler is back. */
export function resendAll(agent: Agent, frameworkId: string | null): void {
  for (const stream of agent.updates.values()) {
    if (frameworkId !== null && stream.frameworkId !== frameworkId) continue;
    stream.attempt = 0;
    forward(agent, stream);
  }
}

/** The scheduler has the update. Acknowledgements of anything but the update on its way are strays. */
export function acknowledged(agent: Agent, frameworkId: string, taskId: string, uuid: Buffer): void {
  const key = keyOf(frameworkId, taskId);
  const stream = agent.updates.get(key);
  const [status] = stream?.pending ?? [];
  if (stream === undefined || status?.uuid?.equals(uuid) !== true) return;
  stream.cancelResend();
  stream.pending.shift();
  stream.attempt = 0;
  if (status.state !== undefined && isTerminal(status.state)) {
    agent.tasks.delete(key);
    if (stream.pending.length === 0) agent.updates.delete(key);
  }
  agent.save();
  forward(agent, stream);
}

/** Forgets all updates of a framework that is gone. */
export function forgetUpdates(agent: Agent, frameworkId: string): void {
  for (const [key, stream] of agent.updates) {
    if (stream.frameworkId !== frameworkId) continue;
    stream.cancelResend();
    agent.updates.delete(key);
  }
}
