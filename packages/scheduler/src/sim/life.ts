/**
 * One life of the scheduler, as a process has it: ports that work until it is killed. Afterwards
 * nothing that it was about to do happens, and nothing reaches it; what it had already ordered of
 * others takes its course.
 */
import type { Clock } from '@mesos-torque/common/clock.ts';
import type { JournalPort, MesosPort, StatePort, TorquePort } from '../loop/ports.ts';

export interface Life {
  readonly torque: TorquePort;
  readonly mesos: MesosPort;
  readonly clock: Clock;
  readonly state: StatePort;
  readonly journal: JournalPort;
  isOver(): boolean;
  end(): void;
}

export interface Surroundings {
  readonly torque: TorquePort;
  readonly mesos: MesosPort;
  readonly clock: Clock;
  /** `isAlive` is asked when the write would happen: the dead write nothing. */
  readonly state: (isAlive: () => boolean) => StatePort;
  readonly journal: JournalPort;
}

/** `portCalled` is called before and after each call and may end the life there. */
export function createLife(around: Surroundings, portCalled: (life: Life) => void): Life {
  let alive = true;
  const isAlive = (): boolean => alive;

  /** A call that is not begun, or whose answer is not heard, once the life is over. */
  function call<T>(begin: () => Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      portCalled(life);
      if (!isAlive()) return;
      const answer = begin();
      portCalled(life);
      answer.then(
        (value) => {
          if (isAlive()) resolve(value);
        },
        (error: unknown) => {
          if (isAlive()) reject(error instanceof Error ? error : new Error(String(error)));
        },
      );
    });
  }

  const { torque, mesos, clock } = around;
  const disk = around.state(isAlive);
  const life: Life = {
    isOver: () => !alive,
    end() {
      alive = false;
    },
    torque: {
      readQueue: () => call(() => torque.readQueue()),
      readNodes: () => call(() => torque.readNodes()),
      readSettings: () => call(() => torque.readSettings()),
      createNode: (node) => call(() => torque.createNode(node)),
      setOffline: (node, seenOffline) => call(() => torque.setOffline(node, seenOffline)),
      clearOffline: (node) => call(() => torque.clearOffline(node)),
      deleteNode: (node) => call(() => torque.deleteNode(node)),
      kickScheduler: () => call(() => torque.kickScheduler()),
    },
    mesos: {
      open(subscription, onEvent) {
        mesos.open(subscription, (event) => (isAlive() ? onEvent(event) : Promise.resolve()));
      },
      accept: (launch) => call(() => mesos.accept(launch)),
      decline: (offerIds, refuseS) => call(() => mesos.decline(offerIds, refuseS)),
      suppress: () => call(() => mesos.suppress()),
      revive: () => call(() => mesos.revive()),
      kill: (taskId, agentId, graceMs) => call(() => mesos.kill(taskId, agentId, graceMs)),
      acknowledge: (token) => call(() => mesos.acknowledge(token)),
      reconcile: (tasks) => call(() => mesos.reconcile(tasks)),
      readQuota: () => call(() => mesos.readQuota()),
      readFairShare: () => mesos.readFairShare(),
      answerInverse: (id, isAccepted, refuseS) => call(() => mesos.answerInverse(id, isAccepted, refuseS)),
      startMom: (taskId, agentId) => call(() => mesos.startMom(taskId, agentId)),
      teardown: () => call(() => mesos.teardown()),
      close: () => call(() => mesos.close()),
    },
    clock: {
      nowMs: () => clock.nowMs(),
      after: (delayMs, then) =>
        clock.after(delayMs, () => {
          if (isAlive()) then();
        }),
    },
    state: {
      load: () => call(() => disk.load()),
      save: (state) => call(() => disk.save(state)),
    },
    journal: {
      problem: () => around.journal.problem(),
      append(entry) {
        if (isAlive()) around.journal.append(entry);
      },
    },
  };
  return life;
}
