/**
 * The scheduler's state in the words of the control API: the latest plan and the snapshot that it was
 * made from, nothing of its own.
 */
import type { GetStatusResponse } from '@mesos-torque/proto/gen/control/v1/messages.ts';
import type { Policy } from '../core/policy.ts';
import { sentence } from '../core/reasons.ts';
import { limitsInForce } from '../core/in-force.ts';
import { noWishes } from '../core/wishes.ts';
import { amountsOf, drainMessage, limitsOf, ms, readingMessage, wishMessage } from './facts-view.ts';
import { pageSizeMax } from './page.ts';
import { brakeMessage, quarantineMessage } from './repair-view.ts';
import type { PlanView } from './plan-view.ts';

/** What is said of the process itself. */
export interface Standing {
  readonly version: string;
  readonly startedAtMs: number;
  readonly role: 'leading' | 'standby' | 'starting';
  readonly ready: { readonly ok: boolean; readonly why: string };
}

/** `view` is null before the first plan was made: everything is then unknown, nothing is empty. */
export function statusOf(
  view: PlanView | null,
  configured: Policy,
  standing: Standing,
  isSummary: boolean,
): GetStatusResponse {
  const notPlanned = { state: 'unknown', why: standing.ready.why } as const;
  const snapshot = view?.planned.snapshot;
  const report = view?.planned.plan.report;
  const wishes = snapshot?.wishes ?? noWishes;
  const policy = snapshot === undefined ? configured : limitsInForce(snapshot, configured);
  const counts = view?.counts;
  const lists =
    view === null || isSummary
      ? { jobs: [], nodes: [], offers: [] }
      : {
          jobs: view.jobs.entries.slice(0, pageSizeMax).map(view.jobMessage),
          nodes: view.nodes.entries.slice(0, pageSizeMax).map(view.nodeMessage),
          offers: view.offers.entries.slice(0, pageSizeMax).map(view.offerMessage),
        };
  return {
    ...lists,
    plannedAtMs: ms(snapshot?.nowMs),
    frameworkId: snapshot?.mesos.frameworkId ?? '',
    mesosConnected: snapshot?.mesos.connected ?? false,
    suppressed: snapshot?.mesos.suppressed ?? false,
    queueReading: readingMessage(snapshot?.queue ?? notPlanned),
    nodesReading: readingMessage(snapshot?.nodes ?? notPlanned),
    tasksReading: readingMessage(snapshot?.tasks ?? notPlanned),
    settingsReading: readingMessage(snapshot?.settings ?? notPlanned),
    held: report === undefined ? undefined : amountsOf(report.held, report.held.nodes),
    heldAfter: report === undefined ? undefined : amountsOf(report.heldAfter, report.heldAfter.nodes),
    floorNodes: policy.minSlotsHeld,
    safeAllocation: limitsOf(policy.safeAllocation),
    notices: (report?.notices ?? []).map(sentence),
    jobsByVerdict: { ...counts?.jobsByVerdict },
    jobsByState: { ...counts?.jobsByState },
    jobsByReason: { ...counts?.jobsByReason },
    nodesByPhase: { ...counts?.nodesByPhase },
    offersByVerdict: { ...counts?.offersByVerdict },
    growthHeld: wishes.growthHeld === null ? undefined : wishMessage(wishes.growthHeld),
    drains: wishes.drains.map(drainMessage),
    version: standing.version,
    startedAtMs: ms(standing.startedAtMs),
    role: standing.role,
    ready: standing.ready.ok,
    notReadyWhy: standing.ready.ok ? '' : standing.ready.why,
    brake: brakeMessage(report?.brake),
    quarantined: (report?.quarantined ?? []).map(quarantineMessage),
  };
}
