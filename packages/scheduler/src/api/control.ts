/**
 * What the control API can do, whatever it is asked through: gRPC and HTTP both end here. Long lists are gone through in
 * slices, so that a question about 100,000 jobs keeps nobody waiting.
 */
import type { Clock } from '@mesos-torque/common/clock.ts';
import { unreachable } from '@mesos-torque/common/units.ts';
import type * as m from '@mesos-torque/proto/gen/control/v1/messages.ts';
import { explainSliced } from '../core/explain.ts';
import type { AboutKind, Explanation } from '../core/explain-words.ts';
import type { Policy } from '../core/policy.ts';
import { limitsInForce } from '../core/in-force.ts';
import { noWishes } from '../core/wishes.ts';
import type { JournalEntry } from '../loop/ports.ts';
import { agentNamed } from './agent-names.ts';
import { ControlError } from './control-error.ts';
import type { JournalView } from './control-service.ts';
import { decisionsPage } from './decisions.ts';
import { ms, wishMessage } from './facts-view.ts';
import type { History } from './history.ts';
import type { NodeLog } from './node-log.ts';
import { pageOf, type Page } from './page.ts';
import type { PastOffers } from './past-offers.ts';
import type { PlanFeed, RunSliced } from './plan-feed.ts';
import type { Planned, PlanView } from './plan-view.ts';
import { createRepair, type RepairOrder } from './repair-order.ts';
import { settingsOf } from './settings-view.ts';
import { statusOf, type Standing } from './status-view.ts';
import { mustBe, type Caller } from './tokens.ts';
import { createOrders, type Orders } from './wish-orders.ts';

export interface ControlParts {
  readonly feed: PlanFeed;
  readonly journal: JournalView;
  readonly record: (entry: JournalEntry) => void;
  readonly history: History;
  readonly pastOffers: PastOffers;
  readonly nodeLog: NodeLog;
  /** As configured. */
  readonly policy: Policy;
  readonly standing: () => Standing;
  readonly logLevel: { get(): string; set(level: string): boolean };
  readonly clock: Clock;
  readonly sliced: RunSliced;
}

export interface Control extends Orders {
  readonly journal: JournalView;
  getStatus(request: m.GetStatusRequest): Promise<m.GetStatusResponse>;
  listJobs(request: m.ListJobsRequest): Promise<m.ListJobsResponse>;
  listNodes(request: m.ListNodesRequest): Promise<m.ListNodesResponse>;
  listOffers(request: m.ListOffersRequest): Promise<m.ListOffersResponse>;
  listTasks(request: m.ListTasksRequest): Promise<m.ListTasksResponse>;
  listDecisions(request: m.ListDecisionsRequest): Promise<m.ListDecisionsResponse>;
  explain(request: m.ExplainRequest): Promise<m.ExplainResponse>;
  getNodeLog(request: m.GetNodeLogRequest): Promise<m.GetNodeLogResponse>;
  getHistory(request: m.GetHistoryRequest): m.GetHistoryResponse;
  /** The snapshot as JSON, in pieces of at most 1 MiB. */
  snapshotPieces(): readonly Buffer[];
  getSettings(): m.GetSettingsResponse;
  setLogLevel(request: m.SetLogLevelRequest, caller: Caller): m.SetLogLevelResponse;
  readonly repair: RepairOrder;
}

const pieceBytesMax = 1024 * 1024;

export function createControl(parts: ControlParts): Control {
  const { feed, clock, policy, journal, history, sliced } = parts;
  const nowMs = (): number => clock.nowMs();

  async function view(): Promise<PlanView> {
    const found = await feed.view();
    if (found !== null) return found;
    throw new ControlError('UNAVAILABLE', 'NO_PLAN', noPlanWhy(parts.standing()));
  }

  const ordering = {
    ruling: feed.ruling,
    policy,
    nowMs,
    record: parts.record,
    agentNamed: (name: string, { snapshot }: Planned) =>
      agentNamed(name, snapshot, parts.pastOffers.all(nowMs())),
  };

  return {
    ...createOrders(ordering),
    repair: createRepair(ordering),
    journal,
    async getStatus({ summary }) {
      return statusOf(await feed.view(), policy, parts.standing(), summary);
    },
    async listJobs(request) {
      const plan = await view();
      const page = await sliced(pageOf(request, plan.jobs));
      return { jobs: page.entries.map(plan.jobMessage), ...foot(page), plannedAtMs: plannedAt(plan) };
    },
    async listNodes(request) {
      const plan = await view();
      const page = await sliced(pageOf(request, plan.nodes));
      return { nodes: page.entries.map(plan.nodeMessage), ...foot(page), plannedAtMs: plannedAt(plan) };
    },
    async listOffers(request) {
      const plan = await view();
      const page = await sliced(pageOf(request, plan.offers));
      return { offers: page.entries.map(plan.offerMessage), ...foot(page), plannedAtMs: plannedAt(plan) };
    },
    async listTasks(request) {
      const plan = await view();
      const page = await sliced(pageOf(request, plan.tasks));
      return { tasks: page.entries.map(plan.taskMessage), ...foot(page), plannedAtMs: plannedAt(plan) };
    },
    listDecisions: (request) => decisionsPage(request, journal, sliced),
    async explain({ subject }) {
      const planned = feed.latest();
      if (planned === null) throw new ControlError('UNAVAILABLE', 'NO_PLAN', noPlanWhy(parts.standing()));
      const asked = subjectOf(subject);
      const { kind } = asked;
      const id = kind === 'agent' ? ordering.agentNamed(asked.id, planned) : asked.id;
      const known = { ...planned, policy, pastOffers: parts.pastOffers.all(nowMs()) };
      const answer = await sliced(explainSliced(kind, id, known));
      switch (answer.kind) {
        case 'explained':
          return explainMessage(answer.explanation, planned.snapshot.nowMs);
        case 'ambiguous':
          throw new ControlError(
            'INVALID_ARGUMENT',
            'ID_AMBIGUOUS',
            `${kind} ${id}: that is ${answer.ids.slice(0, 5).join(' or ')}; give the whole id`,
          );
        case 'unknown':
          throw new ControlError('NOT_FOUND', `${kind.toUpperCase()}_UNKNOWN`, `there is no ${kind} ${id}`);
        default:
          return unreachable(answer);
      }
    },
    getNodeLog: (request) => parts.nodeLog.read(request),
    getHistory: ({ fromMs, pointsMax }) => history.read(Number(fromMs), pointsMax),
    snapshotPieces() {
      const planned = feed.latest();
      if (planned === null) throw new ControlError('UNAVAILABLE', 'NO_PLAN', noPlanWhy(parts.standing()));
      const whole = Buffer.from(JSON.stringify(planned.snapshot));
      const count = Math.ceil(whole.length / pieceBytesMax);
      return Array.from({ length: count }, (_, i) =>
        whole.subarray(i * pieceBytesMax, (i + 1) * pieceBytesMax),
      );
    },
    getSettings() {
      const snapshot = feed.latest()?.snapshot ?? null;
      const { limits } = snapshot?.wishes ?? noWishes;
      return {
        settings: settingsOf(policy, snapshot === null ? policy : limitsInForce(snapshot, policy)),
        changed: limits === null ? undefined : wishMessage(limits),
      };
    },
    setLogLevel(request, caller) {
      mustBe('admin', caller, 'changing the log level');
      const levelBefore = parts.logLevel.get();
      if (!parts.logLevel.set(request.level)) {
        throw new ControlError(
          'INVALID_ARGUMENT',
          'LEVEL_UNKNOWN',
          `level: "${request.level}" is none of debug, info, warn, error`,
        );
      }
      const who = caller.name ?? (request.who === '' ? 'somebody on the socket' : request.who);
      const data = { who, from: levelBefore, to: request.level };
      parts.record({ atMs: nowMs(), event: 'log level changed', why: request.why, data });
      return { levelBefore };
    },
  };
}

function noPlanWhy({ ready, role }: Standing): string {
  const why = ready.why === '' ? 'no plan has been made yet' : ready.why;
  return role === 'standby' ? `another scheduler leads: ${why}` : why;
}

function foot<T>({ nextPageToken, totalSize }: Page<T>): Pick<Page<T>, 'nextPageToken' | 'totalSize'> {
  return { nextPageToken, totalSize };
}

function plannedAt({ planned }: PlanView): bigint {
  return ms(planned.snapshot.nowMs);
}

function subjectOf(subject: m.ExplainRequest['subject']): { readonly kind: AboutKind; readonly id: string } {
  if (subject === undefined || subject.value === '') {
    throw new ControlError(
      'INVALID_ARGUMENT',
      'SUBJECT_MISSING',
      'subject: name a job, node, offer or agent',
    );
  }
  return { kind: subject.$case, id: subject.value };
}

function explainMessage(
  { kind, id, conclusion, sections }: Explanation,
  plannedMs: number,
): m.ExplainResponse {
  return {
    kind,
    id,
    conclusion,
    plannedAtMs: ms(plannedMs),
    sections: sections.map(({ code, title, lines }) => ({
      code,
      title,
      lines: lines.map(({ text, code: lineCode, about }) => ({
        text,
        code: lineCode,
        aboutKind: about?.kind ?? '',
        aboutId: about?.id ?? '',
      })),
    })),
  };
}
