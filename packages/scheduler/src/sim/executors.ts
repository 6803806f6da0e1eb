/** The executors of ours on the agents: prepared, told to start their mom, healthy, ended. */
import type { TorqueModel } from './torque-model.ts';
import type { MesosModel, SimTask } from './mesos-model.ts';
import { standingOf } from '../core/task-states.ts';
import type { World } from './world.ts';

export interface Executors {
  /** The agent was told to run the task. */
  launched(task: SimTask): void;
  /** START_MOM arrived. Taken at most once. */
  startMom(task: SimTask): void;
  /** KILL arrived: the mom is ended in order. */
  kill(task: SimTask): void;
  /** The executor dies, and its mom with it. */
  die(task: SimTask): void;
  /** momctl gets no answer for a while. */
  fallIll(task: SimTask): void;
}

export function createExecutors(world: World, mesos: MesosModel, torque: TorqueModel): Executors {
  const { clock, dice } = world;
  const stages = new Map<SimTask, 'launching' | 'prepared' | 'started' | 'answering' | 'stopping'>();

  /** Later, if the task is still alive and at that stage. */
  function later(task: SimTask, stage: string, delayMs: number, then: () => void): void {
    clock.after(delayMs, () => {
      if (standingOf(task.state) !== 'ended' && stages.get(task) === stage) then();
    });
  }

  function fail(task: SimTask, message: string): void {
    if (hasMom(task)) torque.momDied(task.agent.host);
    stages.delete(task);
    mesos.update(task, 'TASK_FAILED', { source: 'agent', message });
  }

  function hasMom(task: SimTask): boolean {
    const stage = stages.get(task);
    return stage === 'started' || stage === 'answering' || stage === 'stopping';
  }

  return {
    launched(task) {
      stages.set(task, 'launching');
      later(task, 'launching', dice.between(300, 2500), () => {
        if (world.faulty && dice.chance(0.08)) {
          fail(task, 'Failed to launch container: the executor could not be fetched');
          return;
        }
        stages.set(task, 'prepared');
        mesos.update(task, 'TASK_STARTING', { stage: 'prepared', momName: task.agent.host });
      });
    },

    startMom(task) {
      later(task, 'prepared', 5, () => {
        if (world.faulty && dice.chance(0.05)) {
          fail(task, 'pbs_mom exited 3');
          return;
        }
        stages.set(task, 'started');
        torque.momStarted(task.agent.host);
        later(task, 'started', dice.between(200, 800), () => {
          stages.set(task, 'answering');
          const momName = task.agent.host;
          mesos.update(task, 'TASK_RUNNING', { stage: 'answering', healthy: true, momName });
        });
      });
    },

    kill(task) {
      if (standingOf(task.state) === 'ended' || stages.get(task) === 'stopping') return;
      if (hasMom(task) && torque.isBusy(task.agent.host)) {
        world.broken(`killed ${task.id}, on whose node jobs run`);
      }
      if (hasMom(task) && torque.hasNodeOf(task.id)) world.broken(`killed ${task.id}, whose node stands`);
      const had = hasMom(task);
      stages.set(task, 'stopping');
      later(task, 'stopping', dice.between(100, 1500), () => {
        if (had) torque.momStopped(task.agent.host);
        stages.delete(task);
        mesos.update(task, 'TASK_KILLED', { stage: 'stopped', message: 'killed' });
      });
    },

    die(task) {
      fail(task, 'Executor terminated');
    },

    fallIll(task) {
      later(task, 'answering', 0, () => {
        const momName = task.agent.host;
        mesos.update(task, 'TASK_RUNNING', { stage: 'answering', healthy: false, momName });
        later(task, 'answering', dice.between(2000, 20_000), () => {
          mesos.update(task, 'TASK_RUNNING', { stage: 'answering', healthy: true, momName });
        });
      });
    },
  };
}
