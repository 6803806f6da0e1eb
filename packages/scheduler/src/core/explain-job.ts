/** Why a job waits, or does not: from TORQUE's words to the last agent that would have fitted. */
import { amount, grouped, resourceKinds, unreachable } from '@mesos-torque/common/units.ts';
import type { JobVerdict } from './decisions.ts';
import {
  about,
  ago,
  amountsText,
  jobNumber,
  plain,
  requestText,
  section,
  told,
  type Explanation,
  type Line,
  type Section,
} from './explain-words.ts';
import type { PastOffer, Scene } from './explain.ts';
import type { JobFacts } from './facts.ts';
import { nodeFor, refusal, type Refusal } from './fit.ts';
import { heldBy, holding } from './grow-state.ts';
import { hostWords } from './host-words.ts';
import { Limits } from './limits.ts';
import { backingOff, type AgentOffer } from './offers.ts';
import { comingRooms, isOnItsWay, readyRooms } from './place.ts';
import { firstMissing, memoryOf, wantOfSet, wantOfSlots, type Room, type Want } from './pool.ts';
import { counted, quoted, seconds } from './reasons.ts';
import { askOf, type Ask } from './shapes.ts';
import { nothingLimited } from './settings.ts';
import { valueOf, type Survey } from './survey.ts';

export function explainJob(job: JobFacts, scene: Scene): Explanation {
  const verdict = scene.plan.report.jobs.find(({ jobId }) => jobId === job.id) ?? null;
  const ask = askOfJob(job, scene.survey);
  const waits = verdict !== null && verdict.kind !== 'not-demand';
  const wants = ask === null || !waits ? [] : wantsOf(ask);
  const sections: Section[] = [
    section('verdict', 'What the scheduler says', verdictLines(verdict, scene)),
    section('torque', 'What TORQUE says', torqueLines(job, scene)),
    section('asks', 'What it asks for', asksLines(job, wants, scene)),
    ...(wants.length === 0 ? [] : needSections(wants, ask, scene)),
  ];
  return { kind: 'job', id: job.id, conclusion: conclusionOf(job, verdict), sections };
}

function needSections(wants: readonly Want[], ask: Ask | null, scene: Scene): Section[] {
  return [
    section('free', 'What is free', freeLines(wants, scene)),
    section('on-the-way', 'What is on its way', comingLines(wants, scene)),
    section('offers', 'What Mesos offers', offerLines(wants, scene)),
    section('allocation', 'What may still be taken', allocationLines(ask, wants, scene)),
    section('agents', 'Agents that are left alone for now', agentLines(scene)),
  ].filter(({ lines }) => lines.length > 0);
}

function askOfJob(job: JobFacts, { snapshot }: Survey): Ask | null {
  const limits = new Limits(valueOf(snapshot.settings, nothingLimited), []);
  return askOf(job, { properties: limits.propertiesOf(job), hosts: hostWords(snapshot) });
}

/** The different things that it wants of one node. */
function wantsOf(ask: Ask): readonly Want[] {
  if (ask.kind === 'slots') return [wantOfSlots(ask.slots, ask.memMibPerSlot, ask.walltimeMs)];
  return ask.parts.map(({ set }) => wantOfSet(set, ask.walltimeMs));
}

function verdictLines(verdict: JobVerdict | null, { plan }: Scene): readonly Line[] {
  if (verdict === null) return [plain('the latest plan does not know it yet')];
  return [told(verdict.why), ...plan.report.notices.map(told)];
}

function torqueLines(job: JobFacts, { snapshot }: Scene): readonly Line[] {
  const { state, queue, owner, comment, queuedAtMs, execNodes, depend, startsAfterMs } = job;
  const { nowMs } = snapshot;
  return [
    plain(`${quoted(job.name)} of ${owner}, ${state} in queue ${queue}, since ${ago(nowMs - queuedAtMs)}`),
    plain(
      comment === null ? 'its scheduler has said nothing about it' : `its scheduler says ${quoted(comment)}`,
    ),
    ...(depend === null ? [] : [plain(`it depends on ${quoted(depend)}`)]),
    ...(startsAfterMs === null || startsAfterMs <= nowMs
      ? []
      : [plain(`it may not start before ${seconds(startsAfterMs - nowMs)} from now (qsub -a)`)]),
    ...execNodes.map((node) => about('node', node, `it runs on ${node}`)),
  ];
}

function asksLines(job: JobFacts, wants: readonly Want[], { survey }: Scene): readonly Line[] {
  const { policy } = survey;
  const sizes = wants.map((want) => {
    const memMib = memoryOf(want, want.slotsMin);
    const { resources } = nodeFor({ slots: want.slotsMin, memMib, gpus: want.gpus }, policy);
    return plain(`a new node for ${wantText(want)} takes ${amountsText(resources)} of an offer`);
  });
  const walltime = job.walltimeS === null ? 'no walltime' : `a walltime of ${ago(job.walltimeS * 1000)}`;
  return [plain(`${requestText(job.request)}, ${walltime}`), ...sizes];
}

function wantText({ slotsMin, gpus, properties, host }: Want): string {
  const words = [counted(slotsMin, 'slot')];
  if (gpus > 0) words.push(counted(gpus, 'gpu'));
  if (properties.length > 0) words.push(`property ${properties.join(', ')}`);
  if (host !== null) words.push(`host ${host}`);
  return words.join(', ');
}

function freeLines(wants: readonly Want[], { survey }: Scene): readonly Line[] {
  const rooms = readyRooms(survey);
  if (rooms.length === 0) return [plain('no node is up')];
  const free = rooms.filter((room) => room.slots > 0);
  const slots = free.reduce((sum, room) => sum + room.slots, 0);
  const head = `${counted(rooms.length, 'node')} up, ${counted(slots, 'slot')} free on ${grouped(free.length)} of them`;
  return [plain(head), ...free.map((room) => about('node', room.name, roomText(room, wants)))];
}

/** "n1: 2 of 8 slots free; too few by 6". */
function roomText(room: Room, wants: readonly Want[]): string {
  const { name, slots, slotsWhole } = room;
  const whys = wants.map((want) => whyNoRoom(room, want));
  const why = whys.includes(null) ? 'fits' : whys.join('; ');
  return `${name}: ${grouped(slots)} of ${counted(slotsWhole, 'slot')} free; ${why}`;
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

function comingLines(wants: readonly Want[], { survey, plan, snapshot }: Scene): readonly Line[] {
  const { launchTimeMsMax, registerTimeMsMax } = survey.policy;
  const rooms = new Map(comingRooms(survey, new Set(), []).map((room) => [room.name, room]));
  const launched = plan.decisions.flatMap((decision) =>
    decision.kind === 'launch'
      ? [
          about(
            'node',
            decision.intent.nodeName,
            `${decision.intent.nodeName}: launched now with ${counted(decision.intent.np, 'slot')}`,
          ),
        ]
      : [],
  );
  const coming = survey.ours.flatMap((node) => {
    const room = rooms.get(node.intent.nodeName);
    if (room === undefined) return [];
    const sinceMs = snapshot.nowMs - node.intent.launchedAtMs;
    const leftMs = Math.max(0, launchTimeMsMax + registerTimeMsMax - sinceMs);
    const when = isOnItsWay(node)
      ? `launched ${seconds(sinceMs)} ago, up or given up within ${seconds(leftMs)}`
      : 'can be used again';
    return [about('node', room.name, `${roomText(room, wants)}; ${node.phase}, ${when}`)];
  });
  return [...launched, ...coming];
}

/** Each agent that offers, or offered lately; the nearest to fitting first. */
function offerLines(wants: readonly Want[], scene: Scene): readonly Line[] {
  const { agents, pastAgents, snapshot, plan, pastOffers } = scene;
  const verdicts = new Map(plan.report.offers.map((verdict) => [verdict.offerId, verdict]));
  const past = new Map<string, PastOffer>(pastOffers.map((one) => [one.offer.agentId, one]));
  const now = agents.map((agent) => {
    const verdict = verdicts.get(agent.offers[0]?.id ?? '');
    const fate = verdict === undefined ? '' : `${verdict.kind}: `;
    return judged(agent, wants, scene, fate);
  });
  const before = pastAgents.map((agent) => {
    const agoMs = snapshot.nowMs - (past.get(agent.agentId)?.atMs ?? snapshot.nowMs);
    return judged(agent, wants, scene, `declined ${ago(agoMs)} ago: `);
  });
  const all = [...now, ...before].sort((a, b) => b.nearness - a.nearness);
  const count = (n: number, what: string): string => `${grouped(n)} ${n === 1 ? 'agent' : 'agents'} ${what}`;
  const head = `${count(agents.length, 'offering now')}, ${count(pastAgents.length, 'whose offers were declined lately')}`;
  return [plain(head), ...all.map(({ line }) => line)];
}

interface Judged {
  readonly line: Line;
  readonly nearness: number;
}

function judged(agent: AgentOffer, wants: readonly Want[], { survey }: Scene, fate: string): Judged {
  const { policy, snapshot } = survey;
  const has = `${agent.host} offers ${amountsText(agent.resources)}`;
  const refusals = wants.map((want) => refusal(want, agent, policy, snapshot.nowMs));
  const nearest = refusals.reduce<Refusal | null>(
    (best, one) => (best === null || one === null || nearnessOf(one) > nearnessOf(best) ? one : best),
    refusals[0] ?? null,
  );
  if (nearest === null) {
    const line = about('agent', agent.agentId, `${has}; ${fate}it would fit`, 'fits');
    return { line, nearness: Infinity };
  }
  const { code, text } = nearest.why();
  return {
    line: about('agent', agent.agentId, `${has}; ${fate}${text}`, code),
    nearness: nearnessOf(nearest),
  };
}

function nearnessOf({ check, shortage }: Refusal): number {
  return check - Math.min(1, shortage / 2);
}

/** The budget that is left, kind by kind, with what the job would take of it. */
function allocationLines(ask: Ask | null, wants: readonly Want[], { survey }: Scene): readonly Line[] {
  const { safeAllocation: safe } = survey.policy;
  const held = heldBy(survey);
  const nodes = holding(survey).length;
  const [want] = wants;
  if (ask === null || want === undefined) return [];
  const memMib = memoryOf(want, want.slotsMin);
  const { resources } = nodeFor({ slots: want.slotsMin, memMib, gpus: want.gpus }, survey.policy);
  const kinds = resourceKinds.flatMap((kind) => {
    const allowed = safe[kind];
    if (allowed === null) return [];
    const left = Math.max(0, allowed - held[kind]);
    const short = resources[kind] > left ? `, short by ${amount(kind, resources[kind] - left)}` : '';
    return [
      plain(
        `${amount(kind, left)} left of ${amount(kind, allowed)} (${kindWord(kind)}); one node for it takes ${amount(kind, resources[kind])}${short}`,
      ),
    ];
  });
  const count =
    safe.nodes === null
      ? []
      : [plain(`${counted(Math.max(0, safe.nodes - nodes), 'node')} left of ${grouped(safe.nodes)}`)];
  const all = [...count, ...kinds];
  return all.length === 0 ? [plain('the safe allocation is not limited')] : all;
}

function kindWord(kind: (typeof resourceKinds)[number]): string {
  switch (kind) {
    case 'cpuMilli':
      return 'processors';
    case 'memMib':
      return 'memory';
    case 'diskMib':
      return 'disk';
    case 'gpus':
      return 'gpus';
    default:
      return unreachable(kind);
  }
}

function agentLines({ survey, snapshot }: Scene): readonly Line[] {
  const { nowMs, trouble, wishes } = snapshot;
  const backingOffNow = trouble.flatMap((one) => {
    const off = backingOff(one, survey.policy, nowMs);
    return off === null ? [] : [about('agent', one.agentId, off.why.text, off.why.code)];
  });
  const drained = wishes.drains.map(({ target, who, why }) => {
    const text = `drained by ${who} (${quoted(why)})`;
    return target.kind === 'node'
      ? about('node', target.node, `${target.node}: ${text}`, 'agent-drained')
      : about('agent', target.agentId, `agent ${target.agentId}: ${text}`, 'agent-drained');
  });
  return [...backingOffNow, ...drained];
}

/** One sentence that names the numbers, and what would change it. */
function conclusionOf(job: JobFacts, verdict: JobVerdict | null): string {
  const name = `Job ${jobNumber(job.id)}`;
  if (verdict === null) return `${name} came after the latest plan; ask again in a moment.`;
  const { text, code } = verdict.why;
  switch (verdict.kind) {
    case 'served':
      return `${name} ${text}.`;
    case 'waiting':
      return `${name} waits: ${text}${adviceFor(code)}.`;
    case 'impossible':
      return `${name} can never run as things are configured: ${withSubject(text)}; ask for less, or raise what is named.`;
    case 'not-demand':
      if (job.state === 'running') return `${name} runs on ${job.execNodes.join(', ')}.`;
      return `${name} does not wait for nodes: ${withSubject(text)}${adviceFor(code)}.`;
    default:
      return unreachable(verdict);
  }
}

/** Some reasons are sentences of their own, others say what the job does. */
function withSubject(text: string): string {
  return /^(?:is|waits|asks|stands|needs|cannot|may) /.test(text) ? `it ${text}` : text;
}

function adviceFor(code: string): string {
  if (code.startsWith('safe-allocation')) {
    return '; it starts when other nodes leave, or when policy.safeAllocation is raised';
  }
  if (code.startsWith('short-') || code === 'no-property' || code === 'other-host') {
    return '; it starts when an agent offers what is missing';
  }
  switch (code) {
    case 'no-offers':
      return '; it starts when Mesos offers enough';
    case 'growth-held':
      return '; mesos-torque release lets it go on';
    case 'launches-in-flight':
      return '; it comes next when those are up';
    case 'agent-backs-off':
      return '; it starts when that is over or another agent offers enough';
    case 'job-held':
      return '; qrls releases it';
    case 'queue-stopped':
      return '; it goes on when an operator starts the queue';
    default:
      return '';
  }
}
