/** What pbs_server has, as far as its set-up is concerned, and what of it can be changed and changed back. */
import { unreachable } from '@mesos-torque/common/units.ts';
import type { TorqueNode } from '../core/facts.ts';
import type { Outcome } from '../loop/ports.ts';
import { parsePrinted, versionIn, type ServerAttributes } from './server-attributes.ts';
import { during, type TorqueCommands } from './torque-commands.ts';

export interface ServerView {
  /** As it names itself, such as `head.example.org`; null where it does not. */
  readonly name: string | null;
  /** Such as `6.1.3.h5`; null where the server does not say. */
  readonly version: string | null;
  readonly server: ServerAttributes;
  readonly queues: ReadonlyMap<string, ServerAttributes>;
  readonly nodes: readonly TorqueNode[];
}

/** One thing that a set-up changes. */
export type SetupTarget =
  /** An attribute with one value, such as `resources_available.nodect`. */
  | { readonly kind: 'server'; readonly attribute: string }
  /** A `user@host` in the list of managers: its value is "manager". */
  | { readonly kind: 'manager'; readonly user: string }
  /** A queue of ours: its value is all its settings. */
  | { readonly kind: 'queue'; readonly queue: string }
  /** The placeholder: its value is `np=48 requestid=MARK`, see `nodeText`. */
  | { readonly kind: 'node'; readonly node: string };

/** Null: not set, or not there. */
export type SetupValue = string | null;

/** The two commands of TORQUE that reading it takes; `TorqueClient` has them. */
export interface SetupServer {
  readonly commands: TorqueCommands;
  readNodes(): Promise<Outcome<readonly TorqueNode[]>>;
}

/** Reads all of it; three commands. */
export async function readServer(torque: SetupServer): Promise<Outcome<ServerView>> {
  const nodes = await torque.readNodes();
  if (!nodes.ok) return nodes;
  const listed = await torque.commands.qmgr('list server');
  if (!listed.ok) return during('reading the server', listed.problem);
  const printed = await torque.commands.qmgr('print server');
  const parsed = printed.ok ? parsePrinted(printed.value.stdout.toString('utf8')) : printed;
  if (!parsed.ok) return during('reading the server', parsed.problem);
  const words = listed.value.stdout.toString('utf8');
  const name = /^Server (?<name>\S{1,255})/m.exec(words)?.groups?.['name'] ?? null;
  return { ok: true, value: { name, version: versionIn(words), ...parsed.value, nodes: nodes.value } };
}

/** What the target is now. */
export function valueOf(view: ServerView, target: SetupTarget): SetupValue {
  switch (target.kind) {
    case 'server':
      return view.server.get(target.attribute)?.[0] ?? null;
    case 'manager':
      return managersOf(view).includes(target.user) ? 'manager' : null;
    case 'queue':
      return settingsText(view.queues.get(target.queue));
    case 'node':
      return nodeText(view.nodes.find(({ name }) => name === target.node));
    default:
      return unreachable(target);
  }
}

/** `user@host` each, `*` for a host included. */
export function managersOf(view: ServerView): readonly string[] {
  return (view.server.get('managers') ?? []).flatMap((value) => value.split(',')).map((word) => word.trim());
}

/** For people: `server resources_available.nodect`. */
export function targetText(target: SetupTarget): string {
  switch (target.kind) {
    case 'server':
      return `server ${target.attribute}`;
    case 'manager':
      return `manager ${target.user}`;
    case 'queue':
      return `queue ${target.queue}`;
    case 'node':
      return `node ${target.node}`;
    default:
      return unreachable(target);
  }
}

export function isSameTarget(a: SetupTarget, b: SetupTarget): boolean {
  return targetText(a) === targetText(b);
}

function settingsText(settings: ServerAttributes | undefined): SetupValue {
  if (settings === undefined) return null;
  const words = [...settings].map(([name, values]) => `${name}=${values.join('+')}`);
  return words.sort().join(' ');
}

/** Slots and marks: a node that others made in the place of ours reads otherwise. */
function nodeText(node: TorqueNode | undefined): SetupValue {
  return node === undefined ? null : placeholderText(node);
}

export function placeholderText(node: Pick<TorqueNode, 'np' | 'requestId' | 'properties'>): string {
  const marks = [
    ...(node.requestId === null ? [] : [`requestid=${node.requestId}`]),
    ...(node.properties.length === 0 ? [] : [`properties=${node.properties.join(',')}`]),
  ];
  return [`np=${node.np}`, ...marks].join(' ');
}
