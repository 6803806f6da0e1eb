/**
 * The addresses of all nodes, kept at hand: the planner compares them with what moms trust, and before a
 * node is created its name is checked against them. Names are looked up beside everything else, a few
 * at a time, and anew after a while.
 */
import type { Clock } from '@mesos-torque/common/clock.ts';
import { quote } from '@mesos-torque/common/text.ts';
import type { CreateNodeDecision } from '../core/decisions.ts';
import type { TorqueNode } from '../core/facts.ts';
import type { NameLookup } from './name-lookup.ts';

const lookupsAtOnce = 4;
const staleAfterMs = 60_000;
/** As many as nodes that can be expected. */
const namesMax = 50_000;
const momManagerPort = 15_003;

interface Known {
  readonly addresses: readonly string[];
  readonly atMs: number;
}

export class NodeAddresses {
  readonly #lookup: NameLookup;
  readonly #clock: Clock;
  readonly #known = new Map<string, Known>();
  readonly #waiting = new Set<string>();
  #nodes: readonly TorqueNode[] = [];
  #busy = 0;

  constructor(lookup: NameLookup, clock: Clock) {
    this.#lookup = lookup;
    this.#clock = clock;
  }

  /** The nodes with what is known of their addresses now; what is not is looked up for the next time. */
  withAddresses(nodes: readonly TorqueNode[]): readonly TorqueNode[] {
    const nowMs = this.#clock.nowMs();
    for (const { name } of nodes) {
      const known = this.#known.get(name);
      if (known === undefined || nowMs - known.atMs >= staleAfterMs) this.#waiting.add(name);
    }
    this.#nodes = nodes.map((node) => ({ ...node, addresses: this.#known.get(node.name)?.addresses ?? [] }));
    this.#forgetOld(nodes);
    this.#work();
    return this.#nodes;
  }

  /**
   * What speaks against a node of that name, as a sentence with both sides; null if nothing does. A name
   * that does not resolve here is for pbs_server to refuse: it may run on another host.
   */
  async objection(node: CreateNodeDecision): Promise<string | null> {
    const here = await this.#lookup.addressesOf(node.node);
    if (here === null || here.length === 0) return null;
    this.#remember(node.node, here);
    const there = node.hostAddresses;
    if (there.length > 0 && !here.some((address) => there.includes(address))) {
      return `${node.node} resolves to ${here.join(', ')} here, the agent says ${there.join(', ')}`;
    }
    return this.#secondName(node, here) ?? (await this.#reverse(node.node, here));
  }

  /**
   * 6.1.3 lets two names for one address be created; deleting the one then takes trust from the other,
   * which stays down for ever.
   */
  #secondName(node: CreateNodeDecision, here: readonly string[]): string | null {
    const port = node.ports?.manager ?? momManagerPort;
    const other = this.#nodes.find((one) => {
      const sameName = one.name === node.node.toLowerCase();
      const samePort = (one.momManagerPort ?? momManagerPort) === port;
      return !sameName && samePort && one.addresses.some((address) => here.includes(address));
    });
    if (other === undefined) return null;
    const shared = other.addresses.filter((address) => here.includes(address)).join(', ');
    return `${shared} is node ${other.name} already: one address with two names loses its trust when one is deleted`;
  }

  /** An address may have no name or a longer one; that of another node is a mistake of the site's. */
  async #reverse(name: string, here: readonly string[]): Promise<string | null> {
    const [first = ''] = here;
    const back = await this.#lookup.nameOf(first);
    if (back === null || back === name.toLowerCase()) return null;
    const isOther = this.#nodes.some((one) => one.name === back);
    return isOther ? `${name} resolves to ${first}, and ${first} back to node ${quote(back)}` : null;
  }

  #remember(name: string, addresses: readonly string[]): void {
    this.#known.set(name, { addresses, atMs: this.#clock.nowMs() });
  }

  #forgetOld(nodes: readonly TorqueNode[]): void {
    if (this.#known.size <= Math.max(2 * nodes.length, 1000) && this.#known.size <= namesMax) return;
    const names = new Set(nodes.map(({ name }) => name));
    for (const name of this.#known.keys()) if (!names.has(name)) this.#known.delete(name);
  }

  #work(): void {
    while (this.#busy < lookupsAtOnce) {
      const [name] = this.#waiting;
      if (name === undefined) return;
      this.#waiting.delete(name);
      this.#busy += 1;
      void this.#lookup.addressesOf(name).then((addresses) => {
        this.#busy -= 1;
        // What was known stays where the resolver gives no answer now.
        this.#remember(name, addresses ?? this.#known.get(name)?.addresses ?? []);
        this.#work();
      });
    }
  }
}
