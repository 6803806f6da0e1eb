/** The planner on saved outputs: how a site tries a policy, and how a bug is reported. */
import type { Plan } from '../core/decisions.ts';
import type { Snapshot } from '../core/facts.ts';
import { serialOf } from '../core/names.ts';
import { plan } from '../core/plan.ts';
import type { Policy } from '../core/policy.ts';
import { nothingLimited, type Limiting } from '../core/settings.ts';
import { usualConditions } from '../core/conditions.ts';
import { noWishes } from '../core/wishes.ts';
import type { Outcome } from '../loop/ports.ts';
import { parsePbsnodes } from '../torque/pbsnodes.ts';
import { parseQstat } from '../torque/qstat.ts';
import { parseSettings } from '../torque/queues.ts';
import { readOffersFile } from './offers-file.ts';
import { failed, readBytes, type Input } from './read-file.ts';
import { frameworkOf, rememberedNodes } from './remembered-nodes.ts';

export interface SavedOutputs {
  /** `qstat -f -x -t`. */
  readonly qstat: string;
  /** `pbsnodes -x`; an empty file is a server without nodes. */
  readonly pbsnodes: string;
  /** Mesos' JSON, an array of offers or the OFFERS event. */
  readonly offers: string;
  /** `qmgr -c "print server"`; left out, nothing is limited. */
  readonly settings?: string;
}

export interface OfflinePlan {
  readonly snapshot: Snapshot;
  readonly plan: Plan;
  /** Sentences about what was taken to mean something without saying so. */
  readonly notes: readonly string[];
}

const fileBytesMax = 512 * 1024 * 1024;

/** Reads the files and plans as of `nowMs`. The error names the first file that is wrong. */
export async function planOffline(
  saved: SavedOutputs,
  policy: Policy,
  nowMs: number,
): Promise<Input<OfflinePlan>> {
  const notes: string[] = [];
  const queue = await readSaved(saved.qstat, 'qstat -f -x -t', parseQstat, () => {
    notes.push(`${saved.qstat} is empty: taken as a queue without jobs, which 4.2.10 prints so`);
  });
  if (!queue.ok) return queue;
  const nodes = await readSaved(saved.pbsnodes, 'pbsnodes -x', parsePbsnodes, () => {
    notes.push(`${saved.pbsnodes} is empty: taken as a server without nodes`);
  });
  if (!nodes.ok) return nodes;
  const offers = await readOffersFile(saved.offers, nowMs);
  if (!offers.ok) return offers;
  const settings = await readSettings(saved.settings);
  if (!settings.ok) return settings;
  const frameworkId = frameworkOf(offers.value.frameworkId, nodes.value, policy);
  const remembered = rememberedNodes(nodes.value, offers.value.offers, frameworkId, policy, nowMs);
  const snapshot: Snapshot = {
    ...nothingRemembered,
    nowMs,
    queue: { state: 'fresh', atMs: nowMs, value: queue.value },
    settings: { state: 'fresh', atMs: nowMs, value: settings.value },
    nodes: { state: 'fresh', atMs: nowMs, value: nodes.value },
    tasks: { state: 'fresh', atMs: nowMs, value: remembered.tasks },
    offers: offers.value.offers,
    intents: remembered.intents,
    mesos: {
      connected: true,
      frameworkId,
      suppressed: false,
      lastReviveMs: null,
      revivesUnanswered: 0,
      declined: [],
    },
    nextSerial: 1 + Math.max(0, ...remembered.intents.map(({ taskId }) => serialOf(taskId) ?? 0)),
  };
  return { ok: true, value: { snapshot, plan: plan(snapshot, policy), notes } };
}

async function readSettings(file: string | undefined): Promise<Input<Limiting>> {
  if (file === undefined) return { ok: true, value: nothingLimited };
  const read = await readSaved(
    file,
    'qmgr -c "print server"',
    // What Maui and Moab take from a queue's neednodes is not known here to hold.
    (bytes) => parseSettings(Buffer.from(bytes).toString('utf8'), { neednodesBind: false }),
    () => undefined,
  );
  return read.ok ? { ok: true, value: { kind: 'settings', ...read.value } } : read;
}

async function readSaved<T>(
  file: string,
  command: string,
  parse: (bytes: Uint8Array) => Outcome<T>,
  onEmpty: () => void,
): Promise<Input<T>> {
  const bytes = await readBytes(file, fileBytesMax);
  if (!bytes.ok) return bytes;
  if (bytes.value.length === 0) onEmpty();
  const parsed = parse(bytes.value);
  if (parsed.ok) return parsed;
  return failed(file, `${parsed.problem.detail}; save the output of ${command} again`);
}

/** What only a running scheduler knows: acts under way, trouble, and which nodes were idle before now. */
const nothingRemembered = {
  recent: { startMomMs: {}, killMs: {}, nodeActs: {}, kickMs: null },
  trouble: [],
  conditions: usualConditions,
  wishes: noWishes,
  idleSinceMs: {},
  history: {},
};
