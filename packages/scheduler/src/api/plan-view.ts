/**
 * The latest plan and its snapshot as lists of the API. What was counted and put in order is kept for the plan, and
 * messages are made only for the entries of one page.
 */
import type { Job, Node, Offer, Task } from '@mesos-torque/proto/gen/control/v1/facts.ts';
import type { JobVerdict, NodeVerdict, OfferVerdict, Plan } from '../core/decisions.ts';
import type { Intent, JobFacts, OfferFacts, Snapshot, TaskFacts, TorqueNode } from '../core/facts.ts';
import { requestText } from '../core/explain-words.ts';
import { sentence } from '../core/reasons.ts';
import { eachSliced, sortSliced, type Sliced } from '../core/sliced.ts';
import { byName } from '../core/order.ts';
import { valueOf } from '../core/survey.ts';
import { drainOf } from '../core/wishes.ts';
import { amountsOf, drainMessage, momHealth, ms } from './facts-view.ts';
import type { Listing } from './page.ts';

export interface Planned {
  readonly snapshot: Snapshot;
  readonly plan: Plan;
}

export interface Counts {
  readonly jobsByVerdict: Readonly<Record<string, number>>;
  readonly jobsByState: Readonly<Record<string, number>>;
  readonly jobsByReason: Readonly<Record<string, number>>;
  readonly nodesByPhase: Readonly<Record<string, number>>;
  readonly offersByVerdict: Readonly<Record<string, number>>;
}

export interface PlanView {
  readonly planned: Planned;
  readonly counts: Counts;
  readonly jobs: Listing<JobVerdict>;
  readonly nodes: Listing<NodeVerdict>;
  readonly offers: Listing<OfferVerdict>;
  readonly tasks: Listing<TaskEntry>;
  readonly jobMessage: (verdict: JobVerdict) => Job;
  readonly nodeMessage: (verdict: NodeVerdict) => Node;
  readonly offerMessage: (verdict: OfferVerdict) => Offer;
  readonly taskMessage: (entry: TaskEntry) => Task;
}

/** A task, or an intent of which Mesos has not said anything yet. */
export interface TaskEntry {
  readonly id: string;
  readonly task: TaskFacts | null;
  readonly intent: Intent | null;
}

/** `phaseSinceMs`: since when each of our tasks has been in its phase. */
export function* planView(
  planned: Planned,
  phaseSinceMs: (taskId: string) => number | null,
): Sliced<PlanView> {
  const { snapshot, plan } = planned;
  const { report } = plan;
  const jobs = new Map<string, JobFacts>();
  yield* eachSliced(valueOf(snapshot.queue, { jobs: [] }).jobs, (job) => {
    jobs.set(job.id, job);
  });
  const torque = new Map<string, TorqueNode>();
  yield* eachSliced(valueOf(snapshot.nodes, []), (node) => {
    torque.set(node.name, node);
  });
  const tasks = new Map(valueOf(snapshot.tasks, []).map((task) => [task.id, task]));
  yield;
  const intents = new Map(snapshot.intents.map((intent) => [intent.taskId, intent]));
  yield;
  const offers = new Map(snapshot.offers.map((offer) => [offer.id, offer]));
  yield;
  const taskEntries = yield* sortSliced(
    entriesOf(tasks, intents),
    byName((entry) => entry.id),
  );
  const counts = yield* countsOf(plan, jobs);
  return {
    planned,
    counts,
    jobs: {
      entries: report.jobs,
      keyOf: ({ jobId }) => jobId,
      fields: ['id', 'verdict', 'state', 'code', 'owner', 'queue', 'name', 'node'],
      fieldsOf: (verdict) => jobFields(verdict, jobs.get(verdict.jobId)),
    },
    nodes: {
      entries: report.nodes,
      keyOf: ({ node }) => node,
      fields: ['name', 'phase', 'code', 'task', 'agent', 'job', 'state', 'property'],
      fieldsOf: ({ node, phase, why, taskId, jobs: ids }) => ({
        name: [node],
        phase: [phase],
        code: [why.code],
        task: taskId === null ? [] : [taskId],
        agent: [intents.get(taskId ?? '')?.agentId ?? ''],
        job: ids,
        state: torque.get(node)?.states ?? [],
        property: torque.get(node)?.properties ?? [],
        why: [why.text],
      }),
    },
    offers: {
      entries: report.offers,
      keyOf: ({ offerId }) => offerId,
      fields: ['id', 'host', 'agent', 'verdict', 'code'],
      fieldsOf: ({ offerId, host, kind, why }) => ({
        id: [offerId],
        host: [host],
        agent: [offers.get(offerId)?.agentId ?? ''],
        verdict: [kind],
        code: [why.code],
        why: [why.text],
      }),
    },
    tasks: {
      entries: taskEntries,
      keyOf: ({ id }) => id,
      fields: ['id', 'agent', 'node', 'state', 'goal', 'stage'],
      fieldsOf: ({ id, task, intent }) => ({
        id: [id],
        agent: [intent?.agentId ?? task?.agentId ?? ''],
        node: [intent?.nodeName ?? task?.momName ?? ''],
        state: [task?.state ?? ''],
        goal: [intent?.goal.kind ?? ''],
        stage: [task?.stage ?? ''],
      }),
    },
    jobMessage: (verdict) => jobMessage(verdict, jobs.get(verdict.jobId)),
    nodeMessage(verdict) {
      const { taskId, node } = verdict;
      const ours = taskId === null ? NOT_OURS : { task: tasks.get(taskId), intent: intents.get(taskId) };
      const sinceMs = taskId === null ? null : phaseSinceMs(taskId);
      return nodeMessage(verdict, torque.get(node), ours, sinceMs, snapshot);
    },
    offerMessage: (verdict) => offerMessage(verdict, offers.get(verdict.offerId)),
    taskMessage,
  };
}

interface Ours {
  readonly task: TaskFacts | undefined;
  readonly intent: Intent | undefined;
}

const NOT_OURS: Ours = { task: undefined, intent: undefined };

function entriesOf(
  tasks: ReadonlyMap<string, TaskFacts>,
  intents: ReadonlyMap<string, Intent>,
): readonly TaskEntry[] {
  const ids = new Set([...intents.keys(), ...tasks.keys()]);
  return [...ids].map((id) => ({ id, task: tasks.get(id) ?? null, intent: intents.get(id) ?? null }));
}

function* countsOf({ report }: Plan, jobs: ReadonlyMap<string, JobFacts>): Sliced<Counts> {
  const [verdicts, states, reasons] = [new Tally(), new Tally(), new Tally()];
  yield* eachSliced(report.jobs, ({ kind, why, jobId }) => {
    verdicts.count(kind);
    states.count(jobs.get(jobId)?.state ?? 'unknown');
    if (kind === 'waiting' || kind === 'impossible') reasons.count(why.code);
  });
  const [phases, offers] = [new Tally(), new Tally()];
  for (const { phase } of report.nodes) phases.count(phase);
  for (const { kind } of report.offers) offers.count(kind);
  return {
    jobsByVerdict: verdicts.all,
    jobsByState: states.all,
    jobsByReason: reasons.all,
    nodesByPhase: phases.all,
    offersByVerdict: offers.all,
  };
}

class Tally {
  readonly all: Record<string, number> = {};

  count(key: string): void {
    this.all[key] = (this.all[key] ?? 0) + 1;
  }
}

function jobFields(verdict: JobVerdict, job: JobFacts | undefined): Record<string, readonly string[]> {
  return {
    id: [verdict.jobId, verdict.jobId.split('.')[0] ?? ''],
    verdict: [verdict.kind],
    state: [job?.state ?? ''],
    code: [verdict.why.code],
    owner: [job?.owner ?? ''],
    queue: [job?.queue ?? ''],
    name: [job?.name ?? ''],
    node: verdict.kind === 'served' ? verdict.nodes : (job?.execNodes ?? []),
    why: [verdict.why.text],
  };
}

function jobMessage(verdict: JobVerdict, job: JobFacts | undefined): Job {
  return {
    id: verdict.jobId,
    verdict: verdict.kind,
    nodes: verdict.kind === 'served' ? [...verdict.nodes] : [],
    why: sentence(verdict.why),
    whyCode: verdict.why.code,
    name: job?.name ?? '',
    owner: job?.owner ?? '',
    queue: job?.queue ?? '',
    state: job?.state ?? '',
    request: job === undefined ? '' : requestText(job.request),
    queuedAtMs: ms(job?.queuedAtMs),
    execNodes: [...(job?.execNodes ?? [])],
    comment: job?.comment ?? '',
    walltimeS: BigInt(Math.round(job?.walltimeS ?? 0)),
  };
}

function nodeMessage(
  { node, taskId, phase, np, jobs, why }: NodeVerdict,
  torque: TorqueNode | undefined,
  { task, intent }: Ours,
  sinceMs: number | null,
  { wishes, idleSinceMs }: Snapshot,
): Node {
  const drain = intent === undefined ? null : drainOf(intent, wishes);
  return {
    name: node,
    taskId: taskId ?? '',
    phase,
    np,
    jobs: [...jobs],
    why: sentence(why),
    whyCode: why.code,
    agentId: intent?.agentId ?? '',
    states: [...(torque?.states ?? [])],
    properties: [...(torque?.properties ?? intent?.properties ?? [])],
    slotsUsed: torque?.jobs.reduce((sum, job) => sum + job.slots, 0) ?? 0,
    resources: intent === undefined ? undefined : amountsOf(intent.resources, 1),
    launchedAtMs: ms(intent?.launchedAtMs),
    phaseSinceMs: ms(sinceMs),
    idleSinceMs: jobs.length > 0 ? 0n : ms(idleSinceMs[node]),
    taskState: task?.state ?? '',
    momHealth: momHealth(task),
    momStage: task?.stage ?? '',
    goal: intent?.goal.kind ?? '',
    drain: drain === null ? undefined : drainMessage(drain),
  };
}

function offerMessage(verdict: OfferVerdict, offer: OfferFacts | undefined): Offer {
  return {
    id: verdict.offerId,
    host: verdict.host,
    verdict: verdict.kind,
    why: sentence(verdict.why),
    whyCode: verdict.why.code,
    agentId: offer?.agentId ?? '',
    resources: offer === undefined ? undefined : amountsOf(offer.resources, 0),
    attributes: { ...offer?.attributes },
    receivedAtMs: ms(offer?.receivedAtMs),
    heldUntilMs: verdict.kind === 'held' ? ms(verdict.untilMs) : 0n,
    refuseS: verdict.kind === 'declined' ? BigInt(Math.round(verdict.refuseS)) : 0n,
    unavailableFromMs: ms(offer?.unavailableFromMs),
  };
}

function taskMessage({ id, task, intent }: TaskEntry): Task {
  const goal = intent?.goal;
  return {
    id,
    agentId: intent?.agentId ?? task?.agentId ?? '',
    node: intent?.nodeName ?? '',
    state: task?.state ?? '',
    sinceMs: ms(task?.sinceMs),
    momStage: task?.stage ?? '',
    momHealth: momHealth(task ?? undefined),
    momName: task?.momName ?? '',
    message: task?.message ?? '',
    launchedAtMs: ms(intent?.launchedAtMs),
    goal: goal?.kind ?? '',
    goalWhy: goal === undefined || goal.kind === 'hold' ? '' : goal.why,
    resources: intent === null ? undefined : amountsOf(intent.resources, 1),
  };
}
