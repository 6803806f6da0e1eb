/** The agents of a replay: how many, how large, and with which properties. */
import { quote } from '@mesos-torque/common/text.ts';
import { grouped } from '@mesos-torque/common/units.ts';
import { parseSizeMib } from '../torque/sizes.ts';
import type { Machine } from './trace/trace.ts';

export interface Agent {
  readonly host: string;
  readonly slots: number;
  /** Null: as much as anybody asks for. */
  readonly memMib: number | null;
  readonly properties: readonly string[];
}

export type ClusterRead =
  | { readonly ok: true; readonly value: readonly Agent[] }
  /** Goes on after the name of the option. */
  | { readonly ok: false; readonly error: string };

export const clusterForm = '20x80:zewura,48x12:zegox (count x slots : name)';

const agentsMax = 65_535;
const slotsMax = 65_535;
const kindsMax = 1000;
const kindPattern =
  /^(?<count>[0-9]{1,7})x(?<slots>[0-9]{1,7})(?:\/(?<memory>[0-9]{1,9}[kmgtp]b))?(?<names>(?::[A-Za-z][A-Za-z0-9_.-]{0,62}){0,32})$/;

/**
 * `20x80:zewura,48x12/90gb:zegox:fast`: 20 agents of 80 slots and 48 of 12 with 90 GiB of memory. The first name is that of the kind: its agents are called
 * `zewura1` and so on, and have the property `cl_zewura`. Further names are properties as they are.
 */
export function parseCluster(text: string): ClusterRead {
  const kinds = text.split(',');
  if (kinds.length > kindsMax) return failed(`more than ${grouped(kindsMax)} kinds of agents`);
  const agents: Agent[] = [];
  const namesSeen = new Set<string>();
  for (const kind of kinds) {
    const groups = kindPattern.exec(kind.trim())?.groups;
    const count = Number(groups?.['count']);
    const slots = Number(groups?.['slots']);
    if (groups === undefined || !(count >= 1) || !(slots >= 1)) {
      return failed(`${quote(kind)} is no kind of agents: write ${clusterForm}`);
    }
    if (agents.length + count > agentsMax || slots > slotsMax) {
      return failed(`${quote(kind)}: at most ${grouped(agentsMax)} agents of ${grouped(slotsMax)} slots`);
    }
    const [name = null, ...properties] = (groups['names'] ?? '').split(':').slice(1);
    const host = (name ?? 'node')
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, '-')
      .replace(/-$/, '');
    if (namesSeen.has(host)) return failed(`${quote(host)} is the name of two kinds of agents`);
    namesSeen.add(host);
    const memMib = groups['memory'] === undefined ? null : parseSizeMib(groups['memory']);
    const all = name === null ? [] : [`cl_${name}`, ...properties];
    for (let i = 1; i <= count; i += 1) agents.push({ host: `${host}${i}`, slots, memMib, properties: all });
  }
  return { ok: true, value: agents };
}

function failed(error: string): ClusterRead {
  return { ok: false, error };
}

/** The machine that a trace's header tells of. */
export function clusterOf({ nodes, slots }: Machine): ClusterRead {
  return parseCluster(`${nodes}x${slots}`);
}

export function slotsOf(cluster: readonly Agent[]): number {
  return cluster.reduce((sum, agent) => sum + agent.slots, 0);
}
