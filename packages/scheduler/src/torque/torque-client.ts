/** TORQUE's server as the loop needs it, through the commands that every version has. */
import type { CreateNodeDecision } from '../core/decisions.ts';
import type { QueueFacts, TorqueNode } from '../core/facts.ts';
import type { Outcome, Problem, TorquePort } from '../loop/ports.ts';
import { checkHostName, checkProperty, checkRequestId, type Checked } from './node-names.ts';
import { parsePbsnodes } from './pbsnodes.ts';
import { parseQstat } from './qstat.ts';
import {
  during,
  failed,
  saysNoNodes,
  TorqueCommands,
  type TorqueCommandsOptions,
} from './torque-commands.ts';

/** 6.1.3 refuses more slots: "Illegal attribute or resource value". */
const npMax = 65_535;
const portMax = 65_535;

const done: Outcome<null> = { ok: true, value: null };

export class TorqueClient implements TorquePort {
  /** For what is not part of the port, such as the server's set-up; shares the order of commands. */
  readonly commands: TorqueCommands;

  constructor(options: TorqueCommandsOptions) {
    this.commands = new TorqueCommands(options);
  }

  async readQueue(): Promise<Outcome<QueueFacts>> {
    const printed = await this.commands.qstat(['-f', '-x', '-t']);
    const queue = printed.ok ? parseQstat(printed.value.stdout) : printed;
    return queue.ok ? queue : during('reading the queue', queue.problem);
  }

  async readNodes(): Promise<Outcome<readonly TorqueNode[]>> {
    const nodes = await this.#nodes([]);
    return nodes.ok ? nodes : during('reading the nodes', nodes.problem);
  }

  /**
   * `qmgr -c "create node …"`. A node of the name that carries the same request id was created by an
   * earlier try whose answer was lost: success. "Unknown node" is how 6.1.3 says that a name does not
   * resolve.
   */
  async createNode(node: CreateNodeDecision): Promise<Outcome<null>> {
    const what = `registering ${node.node}`;
    const sentence = createSentence(node);
    if (!sentence.ok) return failed('refused', `${what}: ${sentence.error}`);
    const created = await this.commands.qmgr(sentence.value);
    if (created.ok) return done;
    const { problem } = created;
    switch (problem.kind) {
      case 'conflict':
        return this.#recognise(node, what);
      case 'not-found':
        return failed('not-found', `${what}: ${problem.detail} (pbs_server cannot resolve the name)`);
      case 'unreachable':
      case 'timed-out':
      case 'refused':
      case 'garbled':
        return during(what, problem);
    }
  }

  setOffline(node: string): Promise<Outcome<null>> {
    return this.#mark(node, '-o', `setting ${node} offline`);
  }

  clearOffline(node: string): Promise<Outcome<null>> {
    return this.#mark(node, '-c', `setting ${node} online`);
  }

  /** A node that is not there needs no deleting. 6.1.3 takes 2 s for each; 4.2.10 none. */
  async deleteNode(node: string): Promise<Outcome<null>> {
    const what = `removing ${node}`;
    const name = checkHostName(node);
    if (!name.ok) return failed('refused', `${what}: ${name.error}`);
    const deleted = await this.commands.qmgr(`delete node ${name.value}`);
    if (deleted.ok || deleted.problem.kind === 'not-found') return done;
    return during(what, deleted.problem);
  }

  async kickScheduler(): Promise<Outcome<null>> {
    const kicked = await this.commands.qmgr('set server scheduling=true');
    return kicked.ok ? done : during('asking for a scheduling cycle', kicked.problem);
  }

  /** `pbsnodes -x`: all nodes, or the one named. */
  async #nodes(names: readonly string[]): Promise<Outcome<readonly TorqueNode[]>> {
    const printed = await this.commands.pbsnodes(['-x', ...names]);
    if (!printed.ok) return printed;
    const { stdout, stderr } = printed.value;
    const nodes = parsePbsnodes(stdout);
    if (!nodes.ok || nodes.value.length > 0 || saysNoNodes(stderr)) return nodes;
    // Tasks of nodes that are gone are killed, so an empty list that 6.1.3 never prints is not believed.
    return failed('garbled', 'pbsnodes listed no node, and did not say that there is none');
  }

  async #node(name: string): Promise<Outcome<TorqueNode>> {
    const nodes = await this.#nodes([name]);
    if (!nodes.ok) return nodes;
    const node = nodes.value.find((candidate) => candidate.name === name);
    return node === undefined ? failed('not-found', `pbsnodes shows no ${name}`) : { ok: true, value: node };
  }

  async #recognise(wanted: CreateNodeDecision, what: string): Promise<Outcome<null>> {
    const found = await this.#node(wanted.node.toLowerCase());
    if (!found.ok) return during(`${what}: it exists already; reading it`, found.problem);
    const { requestId } = found.value;
    if (requestId === wanted.requestId) return done;
    return failed(
      'conflict',
      requestId === null
        ? `${what}: a node of that name exists that is not ours`
        : `${what}: a node of that name exists with requestid ${requestId}`,
    );
  }

  /**
   * `pbsnodes -o` or `-c`, then a look: both exit 0 even when they fail. While the host list is not
   * sent a node reads offline by itself, and an offline mark set then is lost: that is no success.
   */
  async #mark(node: string, flag: '-o' | '-c', what: string): Promise<Outcome<null>> {
    const name = checkHostName(node);
    if (!name.ok) return failed('refused', `${what}: ${name.error}`);
    const marked = await this.commands.pbsnodes([flag, name.value]);
    if (!marked.ok) return during(what, marked.problem);
    const seen = await this.#node(name.value);
    if (!seen.ok) return during(`${what}: looking whether it worked`, seen.problem);
    const problem = markProblem(seen.value, flag);
    return problem === null ? done : during(what, problem);
  }
}

function markProblem(node: TorqueNode, flag: '-o' | '-c'): Problem | null {
  const states = node.states.join(',');
  if (node.states.includes('mom-list-not-sent')) {
    const detail = `pbs_server has not sent its host list yet, and forgets marks set before (it reads ${states})`;
    return { kind: 'conflict', detail };
  }
  const isOffline = node.states.includes('offline');
  if (isOffline === (flag === '-o')) return null;
  return { kind: 'refused', detail: `pbsnodes ${flag} exited 0, but it reads ${states}` };
}

/** `create node NAME np=2,properties="a,b",…`, every value checked. */
export function createSentence(node: CreateNodeDecision): Checked {
  const name = checkHostName(node.node);
  if (!name.ok) return name;
  const requestId = checkRequestId(node.requestId);
  if (!requestId.ok) return requestId;
  const bad = node.properties.map(checkProperty).find((checked) => !checked.ok);
  if (bad !== undefined) return bad;
  const { service, manager } = node.ports ?? { service: null, manager: null };
  const numbers = [
    ['np', node.np, npMax],
    ['gpus', node.gpus === 0 ? null : node.gpus, npMax],
    ['mom_service_port', service, portMax],
    ['mom_manager_port', manager, portMax],
  ] as const;
  const wrong = numbers.find(([, value, max]) => value !== null && !isFromOneTo(value, max));
  if (wrong !== undefined)
    return { ok: false, error: `${wrong[0]}=${wrong[1] ?? ''} is not from 1 to ${wrong[2]}` };
  const attributes = [
    ...numbers.flatMap(([key, value]) => (value === null ? [] : [`${key}=${value}`])),
    ...(node.properties.length === 0 ? [] : [`properties="${node.properties.join(',')}"`]),
    `requestid=${requestId.value}`,
  ];
  return { ok: true, value: `create node ${name.value} ${attributes.join(',')}` };
}

function isFromOneTo(value: number, max: number): boolean {
  return Number.isInteger(value) && value >= 1 && value <= max;
}
