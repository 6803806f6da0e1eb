/**
 * Nodes that are being opened on offers while a plan is made. Jobs are packed onto those opened
 * already before the next agent is taken: the first that fits, in the order of opening. A later plan
 * that finds these nodes on their way gives the same jobs the same places.
 */
import { subtract } from '@mesos-torque/common/units.ts';
import type { Budget } from './budget.ts';
import { fitsOffer, largestThat, nodeFor, noLoad, refusal, type Load, type NodeSize } from './fit.ts';
import type { AgentOffer } from './offers.ts';
import type { Policy } from './policy.ts';
import { firstMissing, isSpread, memoryOf, type Room, type Source, type Taken, type Want } from './pool.ts';

export interface OpenNode {
  readonly agent: AgentOffer;
  readonly size: NodeSize;
}

interface Draft extends OpenNode {
  size: NodeSize;
  load: Load;
  /** Slots that it has whatever its load: all that fit, where nodes are made whole. */
  npLeast: number;
  /** Whether it was opened for a job that lets no other in. */
  isExclusive: boolean;
  /** Slots that its agent's processors allow at the most. */
  npMost: number;
}

export class Opening implements Source {
  readonly #agents: readonly AgentOffer[];
  readonly #budget: Budget;
  readonly #policy: Policy;
  readonly #nowMs: number;
  /** In the order of opening. */
  readonly #drafts: Draft[] = [];
  /** Node names of agents that are taken or set aside. */
  readonly #takenNames = new Set<string>();
  /** Null when it has to be found out anew. */
  #free: readonly AgentOffer[] | null = null;
  /** By want: agents that could take it, so that equal wants do not ask every agent again. */
  readonly #willing = new Map<string, readonly AgentOffer[]>();
  /** Only then the walltime of a job matters. */
  readonly #hasMaintenance: boolean;
  #openMax: number;
  #opensCount = 0;

  constructor(agents: readonly AgentOffer[], budget: Budget, policy: Policy, nowMs: number, openMax: number) {
    this.#agents = agents;
    this.#hasMaintenance = agents.some((agent) => agent.unavailableFromMs !== null);
    this.#budget = budget;
    this.#policy = policy;
    this.#nowMs = nowMs;
    this.#openMax = openMax;
  }

  get nodes(): readonly OpenNode[] {
    return this.#drafts;
  }

  /** What is left on the nodes opened, as the next plan will find it. */
  rooms(): Room[] {
    return this.#drafts.map(({ agent, size, load, isExclusive }) => ({
      name: agent.nodeName,
      taskId: null,
      properties: agent.properties,
      slots: isExclusive ? 0 : size.np - load.slots,
      slotsWhole: size.np,
      gpus: size.resources.gpus - load.gpus,
      memMib: size.resources.memMib - this.#policy.executor.memMib - load.memMib,
      memoryIsShared: true,
    }));
  }

  /** Grows with every opening: what did not fit before may fit once it has changed. */
  get opensCount(): number {
    return this.#opensCount;
  }

  /** Agents on which nothing was opened and that are not set aside. */
  get freeAgents(): readonly AgentOffer[] {
    this.#free ??= this.#agents.filter((agent) => !this.#takenNames.has(agent.nodeName));
    return this.#free;
  }

  get isFull(): boolean {
    return this.#drafts.length >= this.#openMax;
  }

  /** Runs `act` with another limit of nodes that may be opened. */
  withOpenMax<T>(openMax: number, act: () => T): T {
    const before = this.#openMax;
    this.#openMax = openMax;
    const result = act();
    this.#openMax = before;
    return result;
  }

  /** Keeps agents from being opened until they are put back. */
  setAside(agents: readonly AgentOffer[]): void {
    for (const { nodeName } of agents) this.#takenNames.add(nodeName);
    this.#free = null;
  }

  putBack(agents: readonly AgentOffer[]): void {
    for (const { nodeName } of agents) this.#takenNames.delete(nodeName);
    this.#free = null;
  }

  search(want: Want, used: ReadonlySet<string>): (slotsMax: number) => Taken | null {
    const opened = this.#searchOpened(want, used);
    const fresh = this.#searchFresh(want);
    return (slotsMax) => opened(slotsMax) ?? fresh(slotsMax);
  }

  /** What is opened already, without further agents. */
  readonly opened: Source = { search: (want, used) => this.#searchOpened(want, used) };

  /** Agents alone, without room on what is opened already. */
  readonly fresh: Source = { search: (want) => this.#searchFresh(want) };

  /** Opens one more node that takes `want`, and leaves it empty; false when no agent does. */
  openSpare(want: Want): boolean {
    if (this.#searchFresh(want)(want.slotsMax) === null) return false;
    const draft = this.#drafts.at(-1);
    if (draft !== undefined) {
      draft.load = noLoad;
      draft.isExclusive = false;
    }
    return true;
  }

  /** Goes once over what is open at the start; what is opened on the way was opened for the same job. */
  #searchOpened(want: Want, used: ReadonlySet<string>): (slotsMax: number) => Taken | null {
    const { length } = this.#drafts;
    let next = 0;
    return (slotsMax) => {
      for (; next < length; next += 1) {
        const draft = this.#drafts[next];
        if (draft === undefined || draft.load.slots + want.slotsMin > draft.npMost) continue;
        const taken = used.has(draft.agent.nodeName) ? null : this.#extend(draft, want, slotsMax);
        if (taken !== null) return taken;
      }
      return null;
    };
  }

  /** Slots that may be anywhere go on as few nodes as can be: there may be no place for many small ones. */
  #searchFresh(want: Want): (slotsMax: number) => Taken | null {
    let next = 0;
    let agents: readonly AgentOffer[] | null = null;
    return (slotsMax) => {
      const whole = this.#openWhole(want, Math.min(slotsMax, this.#policy.npMax));
      if (whole !== null) return whole;
      while (!this.isFull) {
        agents ??= isSpread(want) ? this.#largestFirst(want) : this.#willingFor(want);
        const agent = agents[next];
        if (agent === undefined) return null;
        const taken = this.#takenNames.has(agent.nodeName) ? null : this.#open(agent, want, slotsMax);
        if (taken !== null) return taken;
        next += 1;
      }
      return null;
    };
  }

  /** On the smallest agent that has room for that many. */
  #openWhole(want: Want, slots: number): Taken | null {
    if (!isSpread(want) || slots <= want.slotsMin || this.isFull) return null;
    const wholly = { ...want, slotsMin: slots };
    for (const agent of this.#willingFor(wholly)) {
      const taken = this.#takenNames.has(agent.nodeName) ? null : this.#open(agent, wholly, slots);
      if (taken !== null) return taken;
    }
    return null;
  }

  #largestFirst(want: Want): readonly AgentOffer[] {
    return this.#willingFor(want).toSorted((a, b) => this.#npMost(b) - this.#npMost(a));
  }

  #willingFor(want: Want): readonly AgentOffer[] {
    const { slotsMin, gpus, memMib, memMibPerSlot, properties, host } = want;
    const walltimeMs = this.#hasMaintenance ? want.walltimeMs : null;
    const key = [slotsMin, gpus, memMib, memMibPerSlot, host, walltimeMs, ...properties].join(' ');
    const known = this.#willing.get(key);
    if (known !== undefined) return known;
    const found = this.#agents.filter((agent) => this.#accepts(agent, want));
    this.#willing.set(key, found);
    return found;
  }

  #extend(draft: Draft, want: Want, slotsMax: number): Taken | null {
    if (draft.isExclusive || want.exclusive) return null;
    if (want.host !== null && want.host !== draft.agent.nodeName) return null;
    if (firstMissing(want.properties, draft.agent.properties) !== null) return null;
    if (draft.agent.unavailableFromMs !== null && !this.#accepts(draft.agent, want)) return null;
    const { size, load } = draft;
    const slots = largestThat(want.slotsMin, slotsMax, (n) => {
      const larger = this.#sizeOf(draft, loadWith(load, want, n));
      return (
        this.#allowed(draft.agent, larger) && this.#budget.allowsChange(size.resources, larger.resources)
      );
    });
    if (slots === null) return null;
    this.#resize(draft, loadWith(load, want, slots));
    return {
      node: draft.agent.nodeName,
      taskId: null,
      slots,
      giveBack: () => {
        this.#resize(draft, load);
      },
    };
  }

  #open(agent: AgentOffer, want: Want, slotsMax: number): Taken | null {
    const fits = (load: Load): boolean => {
      const size = nodeFor(load, this.#policy);
      return this.#allowed(agent, size) && this.#budget.shortOf(size.resources, 1) === null;
    };
    const slots = largestThat(want.slotsMin, slotsMax, (n) => fits(loadWith(noLoad, want, n)));
    if (slots === null) return null;
    const load = loadWith(noLoad, want, slots);
    const npLeast =
      this.#policy.nodeSize === 'whole'
        ? (largestThat(slots, this.#policy.npMax, (n) => fits({ ...load, slots: n })) ?? slots)
        : 0;
    const size = nodeFor({ ...load, slots: Math.max(slots, npLeast) }, this.#policy);
    const draft: Draft = {
      agent,
      load,
      npLeast,
      isExclusive: want.exclusive,
      npMost: this.#npMost(agent),
      size,
    };
    this.#drafts.push(draft);
    this.#takenNames.add(agent.nodeName);
    this.#free = null;
    this.#budget.spend(draft.size.resources, 1);
    this.#opensCount += 1;
    return {
      node: agent.nodeName,
      taskId: null,
      slots,
      giveBack: () => {
        this.#close(draft);
      },
    };
  }

  #close(draft: Draft): void {
    this.#drafts.splice(this.#drafts.indexOf(draft), 1);
    this.#takenNames.delete(draft.agent.nodeName);
    this.#free = null;
    this.#budget.giveBack(draft.size.resources, 1);
    this.#opensCount -= 1;
  }

  #resize(draft: Draft, load: Load): void {
    const size = this.#sizeOf(draft, load);
    this.#budget.spend(subtract(size.resources, draft.size.resources), 0);
    draft.load = load;
    draft.size = size;
  }

  #sizeOf({ npLeast }: Draft, load: Load): NodeSize {
    return nodeFor({ ...load, slots: Math.max(load.slots, npLeast) }, this.#policy);
  }

  #npMost({ resources }: AgentOffer): number {
    const { cpuMilliPerSlot, executor, npMax } = this.#policy;
    const slots = Math.floor((resources.cpuMilli - executor.cpuMilli) / cpuMilliPerSlot);
    return cpuMilliPerSlot === 0 ? npMax : Math.min(npMax, slots);
  }

  #allowed(agent: AgentOffer, size: NodeSize): boolean {
    return size.np <= this.#policy.npMax && fitsOffer(size, agent);
  }

  #accepts(agent: AgentOffer, want: Want): boolean {
    return refusal(want, agent, this.#policy, this.#nowMs) === null;
  }
}

function loadWith(load: Load, want: Want, slots: number): Load {
  return {
    slots: load.slots + slots,
    memMib: load.memMib + memoryOf(want, slots),
    gpus: load.gpus + want.gpus,
  };
}
