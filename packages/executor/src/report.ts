/** What the executor tells Mesos about a task: statuses with a MomReport, and when each step was reached. */
import type { Clock } from '@mesos-torque/common/clock.ts';
import type { Log } from '@mesos-torque/common/logger.ts';
import { MomStage } from '@mesos-torque/proto/gen/torque/v1/orders.ts';
import type { MomReport } from '@mesos-torque/proto/gen/torque/v1/orders.ts';
import { ownBuild } from './own-build.ts';
import { packTrusted } from './trusted-hosts.ts';
import type { AgentPort, ReportedState, UpdateOutcome } from './mesos/agent-port.ts';

/** Steps of an executor, in the order in which they usually come. */
export type Step =
  | 'up'
  | 'subscribed'
  | 'launched'
  | 'prepared'
  | 'start-ordered'
  | 'mom-started'
  | 'answering'
  | 'stop-ordered'
  | 'stopped';

/** When each step was reached first, in milliseconds since the executor's start. */
export class Milestones {
  readonly #clock: Clock;
  readonly #startedAtMs: number;
  readonly #reached = new Map<Step, number>();

  constructor(clock: Clock, startedAtMs: number) {
    this.#clock = clock;
    this.#startedAtMs = startedAtMs;
  }

  reached(step: Step): void {
    if (this.#reached.has(step)) return;
    this.#reached.set(step, Math.max(0, Math.round(this.#clock.nowMs() - this.#startedAtMs)));
  }

  list(): MomReport['milestones'] {
    return [...this.#reached].map(([name, atMs]) => ({ name, atMs }));
  }
}

export interface Standing {
  readonly nodeName: string;
  readonly stage: MomStage;
  /** 0 while pbs_mom was not started. */
  readonly momManagerPort: number;
  /** Hosts that the mom trusts, as `address:port`; null before it answered. */
  readonly trusted: readonly string[] | null;
  /** Of this machine. */
  readonly addresses: readonly string[];
  /** What speaks against the node's name on this machine; empty for nothing, or not yet known. */
  readonly nameDoubt: string;
}

export const standingNowhere: Standing = {
  nodeName: '',
  stage: MomStage.MOM_STAGE_UNSPECIFIED,
  momManagerPort: 0,
  trusted: null,
  addresses: [],
  nameDoubt: '',
};

const addressesMax = 32;

/** Tells about one task. */
export class TaskReporter {
  readonly #agent: AgentPort;
  readonly #log: Log;
  readonly #taskId: string;
  readonly #milestones: Milestones;
  #standing = standingNowhere;

  constructor(agent: AgentPort, log: Log, taskId: string, milestones: Milestones) {
    this.#agent = agent;
    this.#log = log;
    this.#taskId = taskId;
    this.#milestones = milestones;
  }

  /** Changes what the next updates say of the mom. */
  stand(change: Partial<Standing>): void {
    this.#standing = { ...this.#standing, ...change };
  }

  reached(step: Step): void {
    this.#milestones.reached(step);
  }

  /** Resolves when the agent has the update safe, or never will; most callers need not wait. */
  async tell(state: ReportedState, what: string, healthy: boolean | null = null): Promise<UpdateOutcome> {
    const { nodeName, stage, momManagerPort, trusted, addresses, nameDoubt } = this.#standing;
    // A node that stays down is explained wherever one looks.
    const message = nameDoubt === '' ? what : `${what}; ${nameDoubt}`;
    const report: MomReport = {
      nodeName,
      stage,
      momManagerPort,
      milestones: this.#milestones.list(),
      ...packTrusted(trusted),
      addresses: addresses.slice(0, addressesMax),
      executor: ownBuild,
    };
    const about = { taskId: this.#taskId, state };
    this.#log.info('status sent', { ...about, message, healthy, stage });
    const outcome = await this.#agent.update({ taskId: this.#taskId, state, message, healthy, report });
    if (outcome.kind !== 'acknowledged') this.#log.warn('status not taken', { ...about, ...outcome });
    return outcome;
  }
}
