/**
 * What the agent has not confirmed yet, in order: updates, and tasks none of whose updates it has
 * confirmed. Both go with every SUBSCRIBE, so that an agent that restarted knows them.
 */
import type { TaskInfo, TaskStatus } from '@mesos-torque/proto/gen/mesos/v1/mesos.ts';
import type { UpdateOutcome } from './agent-port.ts';

export interface PendingUpdate {
  readonly status: TaskStatus;
  /** In hexadecimal. */
  readonly uuid: string;
  /** Whether the agent was given it, with the present subscription or after it. */
  sent: boolean;
  readonly settle: (outcome: UpdateOutcome) => void;
}

export class Unacknowledged {
  #updates: PendingUpdate[] = [];
  readonly #tasks = new Map<string, TaskInfo>();

  get tasks(): readonly TaskInfo[] {
    return [...this.#tasks.values()];
  }

  get updates(): readonly PendingUpdate[] {
    return this.#updates;
  }

  addTask(taskId: string, task: TaskInfo): void {
    this.#tasks.set(taskId, task);
  }

  addUpdate(update: PendingUpdate): void {
    this.#updates.push(update);
  }

  /** The next update that the agent has not been given yet. */
  nextUnsent(): PendingUpdate | null {
    return this.#updates.find((update) => !update.sent) ?? null;
  }

  /** The agent has it, and with it the task that it is about. A second acknowledgement does nothing. */
  acknowledge(uuid: string): void {
    const update = this.#updates.find((pending) => pending.uuid === uuid);
    if (update === undefined) return;
    this.#tasks.delete(update.status.taskId?.value ?? '');
    this.drop(update, { kind: 'acknowledged' });
  }

  drop(update: PendingUpdate, outcome: UpdateOutcome): void {
    this.#updates = this.#updates.filter((pending) => pending !== update);
    update.settle(outcome);
  }

  /** For a SUBSCRIBE, which carries every update: what comes after it is to be sent by itself. */
  allSent(): void {
    for (const update of this.#updates) update.sent = true;
  }

  giveUp(why: string): void {
    const updates = this.#updates;
    this.#updates = [];
    this.#tasks.clear();
    for (const update of updates) update.settle({ kind: 'given-up', why });
  }
}
