/**
 * The baseline of the 2010 framework's rule: as many nodes as the sum of `nodect` of all jobs that are not complete, one node of
 * a whole agent for each, whatever they ask for; a node that is idle while there are more goes at once.
 */
import type { Keeper, World } from '../simulation.ts';
import { nextOn } from '../timing.ts';

export interface RuleTimes {
  readonly bootMs: number;
  /** How often the queue is looked at. */
  readonly pollMs: number;
}

export function rule2010Keeper(times: RuleTimes): Keeper {
  let rule: Rule | null = null;
  const look = (): void => {
    rule?.lookSoon();
  };
  return {
    begin(world) {
      rule = new Rule(world, times);
    },
    jobCame: look,
    jobStarted: () => undefined,
    jobEnded: look,
    queueLookedAt: () => undefined,
  };
}

class Rule {
  readonly #world: World;
  readonly #times: RuleTimes;
  readonly #nodes: ('none' | 'starting' | 'up')[];
  #lookIsDue = false;

  constructor(world: World, times: RuleTimes) {
    this.#world = world;
    this.#times = times;
    this.#nodes = world.cluster.map(() => 'none');
  }

  lookSoon(): void {
    if (this.#lookIsDue) return;
    this.#lookIsDue = true;
    const { agenda } = this.#world;
    agenda.at(nextOn(this.#times.pollMs, this.#world.nowMs()), () => {
      this.#lookIsDue = false;
      this.#look();
    });
  }

  #look(): void {
    const { torque, meter } = this.#world;
    const jobs = [...torque.waiting, ...[...torque.running.values()].map(({ job }) => job)];
    const needed = jobs.reduce((sum, { nodect }) => sum + nodect, 0);
    this.#nodes.forEach((state, agent) => {
      if (state === 'none' && meter.nodesHeld < needed) this.#launch(agent);
    });
    this.#nodes.forEach((state, agent) => {
      if (state === 'up' && meter.nodesHeld > needed && torque.isIdle(agent)) this.#giveBack(agent);
    });
  }

  #launch(agent: number): void {
    const { meter, torque, agenda } = this.#world;
    const slots = this.#world.cluster[agent]?.slots ?? 0;
    const nowMs = this.#world.nowMs();
    this.#nodes[agent] = 'starting';
    meter.held(nowMs, slots);
    agenda.at(nowMs + this.#times.bootMs, () => {
      this.#nodes[agent] = 'up';
      torque.open(agent, slots);
      this.#world.wantCycle();
      this.lookSoon();
    });
  }

  #giveBack(agent: number): void {
    this.#nodes[agent] = 'none';
    this.#world.torque.close(agent);
    this.#world.meter.givenBack(this.#world.nowMs(), this.#world.cluster[agent]?.slots ?? 0);
  }
}
