/** What there is for a job without a new launch: nodes that are up, and nodes on their way. */
import { amount, grouped } from '@mesos-torque/common/units.ts';
import { about, plain, type Line } from './explain-words.ts';
import type { Scene } from './explain.ts';
import type { ElasticNode } from './nodes.ts';
import { comingRooms, isOnItsWay, readyRooms } from './place.ts';
import { firstMissing, memoryOf, type Room, type Want } from './pool.ts';
import { counted, seconds } from './reasons.ts';
import type { Sliced } from './sliced.ts';

/** Nodes with free slots, those that the job fits on first. */
export function* freeLines(jobId: string, wants: readonly Want[], scene: Scene): Sliced<readonly Line[]> {
  const rooms = yield* readyRooms(scene.survey);
  if (rooms.length === 0) return [plain('no node is up')];
  const free = rooms.filter((room) => room.slots > 0);
  const slots = free.reduce((sum, room) => sum + room.slots, 0);
  const head =
    free.length === 0
      ? `${counted(rooms.length, 'node')} up, none with a free slot`
      : `${counted(rooms.length, 'node')} up, ${counted(slots, 'slot')} free on ${grouped(free.length)} of them`;
  const takers = takersOf(jobId, scene);
  const fitting = free.toSorted((a, b) => Number(fitsAny(b, wants)) - Number(fitsAny(a, wants)));
  return [plain(head), ...fitting.map((room) => about('node', room.name, roomText(room, wants, takers)))];
}

/** Nodes that are launched at this moment, nodes that are starting, and draining ones that can be taken back. */
export function comingLines(jobId: string, wants: readonly Want[], scene: Scene): readonly Line[] {
  const { survey, plan } = scene;
  const rooms = new Map(comingRooms(survey, new Set(), []).map((room) => [room.name, room]));
  const takers = takersOf(jobId, scene);
  const launched = plan.decisions.flatMap((decision) => {
    if (decision.kind !== 'launch') return [];
    const { nodeName, np } = decision.intent;
    return [
      about('node', nodeName, `${nodeName}: launched now with ${counted(np, 'slot')}, ${decision.why.text}`),
    ];
  });
  const coming = survey.ours.flatMap((node) => {
    const room = rooms.get(node.intent.nodeName);
    if (room === undefined) return [];
    return [
      about('node', room.name, `${roomText(room, wants, takers)}; ${node.phase}, ${whenText(node, scene)}`),
    ];
  });
  const all = [...launched, ...coming];
  return all.length === 0 ? [plain('no node is on its way')] : all;
}

/** "launched 5 s ago, up or given up within 235 s". */
export function whenText(node: ElasticNode, scene: Scene): string {
  if (!isOnItsWay(node)) return 'can be used again';
  const sinceMs = scene.snapshot.nowMs - node.intent.launchedAtMs;
  return `launched ${seconds(sinceMs)} ago, up or given up within ${seconds(leftMs(node, scene))}`;
}

/** Until a node on its way is up or given up. Milliseconds. */
function leftMs({ intent }: ElasticNode, { survey, snapshot }: Scene): number {
  const { launchTimeMsMax, registerTimeMsMax } = survey.policy;
  return Math.max(0, intent.launchedAtMs + launchTimeMsMax + registerTimeMsMax - snapshot.nowMs);
}

/** When the last of these nodes is up at the latest, as words; null when none of them is on its way. */
export function lastUpText(names: readonly string[], scene: Scene): string | null {
  const coming = scene.survey.ours.filter((node) => isOnItsWay(node) && names.includes(node.intent.nodeName));
  if (coming.length === 0) return null;
  return `up or given up within ${seconds(Math.max(...coming.map((node) => leftMs(node, scene))))}`;
}

/** By node name: the jobs that come first and are to run there. */
function takersOf(jobId: string, { plan }: Scene): ReadonlyMap<string, readonly string[]> {
  const takers = new Map<string, string[]>();
  for (const verdict of plan.report.jobs) {
    if (verdict.kind !== 'served' || verdict.jobId === jobId) continue;
    for (const node of verdict.nodes) {
      const known = takers.get(node);
      if (known === undefined) takers.set(node, [verdict.jobId]);
      else known.push(verdict.jobId);
    }
  }
  return takers;
}

/** "n1: 2 of 8 slots free; too few by 6". */
function roomText(
  room: Room,
  wants: readonly Want[],
  takers: ReadonlyMap<string, readonly string[]>,
): string {
  const { name, slots, slotsWhole } = room;
  const whys = wants.map((want) => whyNoRoom(room, want));
  const [first, ...others] = takers.get(name) ?? [];
  const more = others.length === 0 ? '' : ` and ${counted(others.length, 'other job')}`;
  const taken = first === undefined ? '' : `, and ${first}${more} ${more === '' ? 'is' : 'are'} to run there`;
  const why = whys.includes(null) ? `fits${taken}` : whys.join('; ');
  return `${name}: ${grouped(slots)} of ${counted(slotsWhole, 'slot')} free; ${why}`;
}

function fitsAny(room: Room, wants: readonly Want[]): boolean {
  return wants.some((want) => whyNoRoom(room, want) === null);
}

function whyNoRoom(room: Room, want: Want): string | null {
  if (want.host !== null && want.host !== room.name) return `the job asks for ${want.host}`;
  const property = firstMissing(want.properties, room.properties);
  if (property !== null) return `has no property ${property}`;
  if (want.exclusive && room.slots < room.slotsWhole) return 'other jobs are on it';
  if (room.slots < want.slotsMin) return `too few by ${grouped(want.slotsMin - room.slots)}`;
  if (room.gpus < want.gpus) return `gpus too few by ${grouped(want.gpus - room.gpus)}`;
  const memMib = memoryOf(want, want.slotsMin);
  if (room.memMib < memMib) return `memory too little by ${amount('memMib', memMib - room.memMib)}`;
  return null;
}
