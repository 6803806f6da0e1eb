/** A plan for people: what would be done and why, and why the rest would not. */
import {
  amount,
  grouped,
  resourceKinds,
  unreachable,
  type ResourceVector,
} from '@mesos-torque/common/units.ts';
import type { Decision, JobVerdict, OfferVerdict, Plan, Report } from '../core/decisions.ts';
import type { Snapshot } from '../core/facts.ts';
import { sentence } from '../core/reasons.ts';
import { table } from './table.ts';
import { clean } from './terminal.ts';

const nameCharsMax = 24;

export function renderPlan(snapshot: Snapshot, { decisions, report }: Plan): string {
  return [
    renderDecisions(decisions),
    renderJobs(snapshot, report.jobs),
    renderNodes(report),
    renderOffers(report.offers, snapshot.nowMs),
    renderHeld(report),
    renderNotices(report, snapshot.nowMs),
  ].join('');
}

function renderDecisions(decisions: readonly Decision[]): string {
  if (decisions.length === 0) return 'Nothing is to be done.\n';
  const rows = decisions.map((decision) => [decision.kind, subjectOf(decision), sentence(decision.why)]);
  return `To be done: ${decisions.length}\n${table(['ACT', 'ON', 'BECAUSE'], rows)}`;
}

function subjectOf(decision: Decision): string {
  switch (decision.kind) {
    case 'launch': {
      const { nodeName, np, gpus, resources } = decision.intent;
      const slots = `${np} ${np === 1 ? 'slot' : 'slots'}`;
      return `${nodeName}, ${slots}${gpus === 0 ? '' : `, ${gpus} gpus`} (${amounts(resources)})`;
    }
    case 'create-node':
    case 'start-mom':
    case 'offline':
    case 'online':
    case 'delete-node':
    case 'forget':
      return decision.node;
    case 'kill-task':
      return decision.taskId;
    case 'decline':
      return `${decision.offerIds.length} ${decision.offerIds.length === 1 ? 'offer' : 'offers'} for ${seconds(decision.refuseS * 1000)}`;
    case 'suppress':
    case 'revive':
      return 'offers';
    case 'kick-scheduler':
      return 'TORQUE scheduler';
    default:
      return unreachable(decision);
  }
}

function renderJobs(snapshot: Snapshot, jobs: readonly JobVerdict[]): string {
  if (jobs.length === 0) return '\nNo jobs.\n';
  const known = snapshot.queue.state === 'unknown' ? [] : snapshot.queue.value.jobs;
  const names = new Map(known.map((job) => [job.id, job.name]));
  const rows = jobs.map((job) => [
    job.jobId,
    cut(names.get(job.jobId) ?? ''),
    job.kind,
    placesOf(job),
    sentence(job.why),
  ]);
  return `\nJobs: ${jobs.length}\n${table(['JOB', 'NAME', 'VERDICT', 'NODES', 'BECAUSE'], rows)}`;
}

/** Names as long as users like would push the reasons off the screen. */
function cut(name: string): string {
  return name.length <= nameCharsMax ? name : `${name.slice(0, nameCharsMax - 1)}…`;
}

function placesOf(job: JobVerdict): string {
  return job.kind === 'served' ? job.nodes.join(' ') : '';
}

function renderNodes({ nodes }: Report): string {
  if (nodes.length === 0) return '\nNo nodes.\n';
  const rows = nodes.map(({ node, phase, np, jobs, why }) => [
    node,
    phase,
    String(np),
    String(jobs.length),
    sentence(why),
  ]);
  return `\nNodes: ${nodes.length}\n${table(['NODE', 'PHASE', 'SLOTS', 'JOBS', 'BECAUSE'], rows)}`;
}

function renderOffers(offers: readonly OfferVerdict[], nowMs: number): string {
  if (offers.length === 0) return '\nNo offers.\n';
  const rows = offers.map((offer) => [offer.offerId, offer.host, untilOf(offer, nowMs), sentence(offer.why)]);
  return `\nOffers: ${offers.length}\n${table(['OFFER', 'HOST', 'VERDICT', 'BECAUSE'], rows)}`;
}

function untilOf(offer: OfferVerdict, nowMs: number): string {
  switch (offer.kind) {
    case 'accepted':
      return 'accepted';
    case 'declined':
      return `declined for ${seconds(offer.refuseS * 1000)}`;
    case 'held':
      return `held for ${seconds(offer.untilMs - nowMs)}`;
    default:
      return unreachable(offer);
  }
}

function renderHeld({ held, heldAfter }: Report): string {
  return `\nHeld now: ${holding(held)}\nHeld then: ${holding(heldAfter)}\n`;
}

function holding(held: ResourceVector & { readonly nodes: number }): string {
  return `${grouped(held.nodes)} ${held.nodes === 1 ? 'node' : 'nodes'}, ${amounts(held)}`;
}

function amounts(vector: ResourceVector): string {
  const present = resourceKinds.filter((kind) => kind !== 'gpus' || vector.gpus > 0);
  return present
    .map((kind) => `${amount(kind, vector[kind])}${kind === 'diskMib' ? ' disk' : ''}`)
    .join(', ');
}

function renderNotices({ notices, wakeAtMs }: Report, nowMs: number): string {
  const next = wakeAtMs === null ? '' : `\nTime alone changes the plan in ${seconds(wakeAtMs - nowMs)}.\n`;
  return `${notices.map((notice) => `\nNotice: ${clean(sentence(notice))}\n`).join('')}${next}`;
}

function seconds(ms: number): string {
  return `${grouped(Math.max(0, Math.ceil(ms / 1000)))} s`;
}
