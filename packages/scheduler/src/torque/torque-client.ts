/** TORQUE's server as the loop needs it, through the commands that every version has. */
import type { CreateNodeDecision } from '../core/decisions.ts';
import type { QueueFacts, TorqueNode } from '../core/facts.ts';
import type { QueueSettings } from '../core/settings.ts';
import type { Outcome, Problem, TorquePort } from '../loop/ports.ts';
import type { HostsFile } from './hosts-file.ts';
import type { NodeAddresses } from './node-addresses.ts';
import { checkHostName, checkProperty, checkRequestId, type Checked } from './node-names.ts';
import { knowsNoRequestId, withMark, type MarkPlace } from './ownership-mark.ts';
import { pbsnodesParser } from './pbsnodes.ts';
import { QueueReader } from './queue-reader.ts';
import { idleSlotLimitUsual, parseSettings, type SettingsOptions } from './queues.ts';
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

/** What is known of nodes beside what TORQUE's programs print. */
export interface NodeExtras {
  /** Null: names are taken as they are. */
  readonly names: NodeAddresses | null;
  /** Null: names are the site's business. */
  readonly hosts: HostsFile | null;
  /** What begins the marks of our nodes. */
  readonly ownerMark: string | null;
}

const noExtras: NodeExtras = { names: null, hosts: null, ownerMark: null };

export class TorqueClient implements TorquePort {
  /** For what is not part of the port, such as the server's set-up; shares the order of commands. */
  readonly commands: TorqueCommands;

  readonly #queue: QueueReader;
  readonly #settings: SettingsOptions;
  /** As the settings last told; null until then. */
  #idleSlotLimit: number | null = null;

  readonly #extras: NodeExtras;
  /** Found out by the first refusal: 4.2 has no requestid. */
  #markPlace: MarkPlace = 'requestid';

  constructor(
    options: TorqueCommandsOptions,
    settings: SettingsOptions = { neednodesBind: false },
    extras: NodeExtras = noExtras,
  ) {
    this.commands = new TorqueCommands(options);
    this.#extras = extras;
    this.#queue = new QueueReader(this.commands);
    this.#settings = settings;
  }

  async readQueue(): Promise<Outcome<QueueFacts>> {
    const queue = await this.#queue.read(this.#idleSlotLimit ?? idleSlotLimitUsual);
    return queue.ok ? queue : during('reading the queue', queue.problem);
  }

  /** `qmgr -c "print server"`, which shows the queues too. */
  async readSettings(): Promise<Outcome<QueueSettings>> {
    const printed = await this.commands.qmgr('print server');
    const settings = printed.ok
      ? parseSettings(printed.value.stdout.toString('utf8'), this.#settings)
      : printed;
    if (!settings.ok) return during('reading the settings', settings.problem);
    this.#idleSlotLimit = settings.value.idleSlotLimit;
    return settings;
  }

  async readNodes(): Promise<Outcome<readonly TorqueNode[]>> {
    const nodes = await this.#nodes([]);
    if (!nodes.ok) return during('reading the nodes', nodes.problem);
    const { names } = this.#extras;
    return { ok: true, value: names === null ? nodes.value : names.withAddresses(nodes.value) };
  }

  /**
   * `qmgr -c "create node …"`. A node of the name that carries the same request id was created by an
   * earlier try whose answer was lost: success. "Unknown node" is how 6.1.3 says that a name does not
   * resolve. A server that knows no `requestid` (4.2) is given the mark as a property, once and for all.
   */
  async createNode(node: CreateNodeDecision): Promise<Outcome<null>> {
    const what = `registering ${node.node}`;
    await this.#extras.hosts?.learn(node.node, node.hostAddresses);
    const objection = (await this.#extras.names?.objection(node)) ?? null;
    if (objection !== null) return failed('refused', `${what}: ${objection}`);
    const place = this.#markPlace;
    const sentence = createSentence(node, place);
    if (!sentence.ok) return failed('refused', `${what}: ${sentence.error}`);
    const created = await this.commands.qmgr(sentence.value);
    if (created.ok) return place === 'requestid' ? done : this.#openNewNode(node.node, what);
    const { problem } = created;
    if (place === 'requestid' && knowsNoRequestId(problem.detail)) {
      this.#markPlace = 'property';
      return this.createNode(node);
    }
    switch (problem.kind) {
      case 'conflict':
        return this.#recognise(node, what);
      case 'not-found':
        return failed('not-found', `${what}: ${problem.detail} (${unresolved(node)})`);
      case 'unreachable':
      case 'timed-out':
      case 'refused':
      case 'garbled':
      case 'theirs':
        return during(what, problem);
    }
  }

  /** A new node of 4.2.10 is `down,offline` until it is cleared; that of 6.1.3 clears itself. */
  async #openNewNode(node: string, what: string): Promise<Outcome<null>> {
    const cleared = await this.commands.pbsnodes(['-c', node]);
    return cleared.ok ? done : during(`${what}: clearing the offline mark of a new node`, cleared.problem);
  }

  async setOffline(node: string, seenOffline: boolean): Promise<Outcome<null>> {
    const what = `setting ${node} offline`;
    const theirs = seenOffline ? null : await this.#theirMark(node);
    return theirs === null ? this.#mark(node, '-o', what) : during(what, theirs);
  }

  /**
   * TORQUE has one offline mark for everybody, so we look immediately before we set it. A mark that comes
   * in the few milliseconds after this look cannot be told from ours.
   */
  async #theirMark(node: string): Promise<Problem | null> {
    const name = checkHostName(node);
    if (!name.ok) return null;
    const seen = await this.#node(name.value);
    if (!seen.ok || seen.value.states.includes('mom-list-not-sent')) return null;
    if (!seen.value.states.includes('offline')) return null;
    return { kind: 'theirs', detail: 'it was set offline by somebody else since it was last looked at' };
  }

  clearOffline(node: string): Promise<Outcome<null>> {
    return this.#mark(node, '-c', `setting ${node} online`);
  }

  /** A node that is not there needs no deleting. 6.1.3 takes 2 s for each; 4.2.10 none. */
  async deleteNode(node: string): Promise<Outcome<null>> {
    const what = `removing ${node}`;
    const name = checkHostName(node);
    if (!name.ok) return failed('refused', `${what}: ${name.error}`);
    const deleted = await this.commands.qmgrApart(`delete node ${name.value}`);
    if (deleted.ok || deleted.problem.kind === 'not-found') return done;
    return during(what, deleted.problem);
  }

  async kickScheduler(): Promise<Outcome<null>> {
    const kicked = await this.commands.qmgr('set server scheduling=true');
    return kicked.ok ? done : during('asking for a scheduling cycle', kicked.problem);
  }

  /** `pbsnodes -x`: all nodes, or the one named. */
  async #nodes(names: readonly string[]): Promise<Outcome<readonly TorqueNode[]>> {
    const printed = await this.commands.readPbsnodes(['-x', ...names], pbsnodesParser());
    if (!printed.ok) return printed;
    const { parsed, stderr } = printed.value;
    const { ownerMark } = this.#extras;
    const value = ownerMark === null ? parsed : parsed.map((node) => withMark(node, ownerMark));
    if (value.length > 0 || saysNoNodes(stderr)) return { ok: true, value };
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
export function createSentence(node: CreateNodeDecision, place: MarkPlace = 'requestid'): Checked {
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
    ...markedProperties(node, requestId.value, place),
  ];
  return { ok: true, value: `create node ${name.value} ${attributes.join(',')}` };
}

function markedProperties(
  { properties }: CreateNodeDecision,
  mark: string,
  place: MarkPlace,
): readonly string[] {
  const all = place === 'property' ? [...properties, mark] : properties;
  const words = all.length === 0 ? [] : [`properties="${all.join(',')}"`];
  return place === 'property' ? words : [...words, `requestid=${mark}`];
}

function isFromOneTo(value: number, max: number): boolean {
  return Number.isInteger(value) && value >= 1 && value <= max;
}

/** With the address that the name should lead to, where the agent has told it. */
function unresolved({ hostAddresses }: CreateNodeDecision): string {
  const own = hostAddresses.length === 0 ? '' : ` of ${hostAddresses.join(', ')}`;
  return `pbs_server cannot resolve the name${own}`;
}
