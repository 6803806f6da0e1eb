/**
 * Where Mesos' tasks, TORQUE's nodes and our intents do not agree: each difference with its evidence, the
 * one safe action that follows from it, and when. Nothing is decided here: what happens is what `plan`
 * decides on the same snapshot, and what `loop/adopt` gives an intent. So it can be shown beforehand.
 */
import { unreachable } from '@mesos-torque/common/units.ts';
import type { Decision, NodeVerdict, Plan } from './decisions.ts';
import type { Intent, Snapshot, TaskFacts, TorqueNode } from './facts.ts';
import { inForce } from './in-force.ts';
import { nodeNameOf, ownerOf } from './names.ts';
import type { ElasticNode, SuspectNode } from './nodes.ts';
import { byName, inTurn } from './order.ts';
import { plan } from './plan.ts';
import type { Policy } from './policy.ts';
import { readingsMissing } from './reasons-trust.ts';
import { strayNodeName } from './strays.ts';
import { survey, valueOf, type Survey } from './survey.ts';
import { standingOf } from './task-states.ts';
import { twinsAmong, type Twins } from './twins.ts';

/**
 * - `task-without-node`: a mom runs, and pbs_server does not have its node.
 * - `node-without-task`: a node of ours whose task is over.
 * - `not-recorded`: a task or node with our mark of which no intent speaks.
 * - `other-owner`: a node with the mark of another framework or another task, or the administrator's,
 *   where one of ours is to be; or a mom that goes by another name than its node.
 * - `two-on-one-agent`: two nodes of ours on one agent.
 * - `two-names`: two nodes whose names lead to one machine.
 */
export type Difference =
  | 'task-without-node'
  | 'node-without-task'
  | 'not-recorded'
  | 'other-owner'
  | 'two-on-one-agent'
  | 'two-names';

export interface Repair {
  readonly difference: Difference;
  readonly node: string;
  /** Null where no task is known. */
  readonly taskId: string | null;
  /** What each side says, one sentence each. */
  readonly evidence: readonly string[];
  /** What is done about it, as a sentence. */
  readonly action: string;
  readonly when: RepairTime;
}

/**
 * - `now`: the plan does it, with this decision. `waits`: for what it says, such as the second look.
 * - `by-hand`: it is not ours to touch.
 */
export type RepairTime =
  | { readonly kind: 'now'; readonly decision: Decision['kind'] }
  | { readonly kind: 'waits'; readonly why: string }
  | { readonly kind: 'by-hand'; readonly why: string };

/** In the order of the nodes' names; empty while all three agree. */
export function repairPlan(given: Snapshot, configured: Policy): readonly Repair[] {
  return repairsOf({ snapshot: given, plan: plan(given, configured) }, configured);
}

/** The same with the plan that was made on that snapshot, which is not made again. */
export function repairsOf(
  made: { readonly snapshot: Snapshot; readonly plan: Plan },
  configured: Policy,
): readonly Repair[] {
  const { snapshot, policy } = inForce(made.snapshot, configured);
  return repairsIn(survey(snapshot, policy), made.plan);
}

function repairsIn(view: Survey, made: Plan): readonly Repair[] {
  const timing = timingOf(made);
  const shown = valueOf(view.snapshot.nodes, []);
  const found: readonly Repair[] = [
    ...view.ours.flatMap((node) => repairOfOurs(node, timing) ?? []),
    ...view.strays.map((task) => repairOfStray(task, timing)),
    ...view.bystanders.flatMap((verdict) => repairOfBystander(verdict, view) ?? []),
    ...twinsAmong(view.snapshot).map(repairOfTwin),
    ...repairsOfNames(shown, view),
  ];
  return found.toSorted(
    inTurn<Repair>(
      byName(({ node }) => node),
      byName(({ difference }) => difference),
      byName(({ taskId }) => taskId ?? ''),
    ),
  );
}

type Timing = (taskId: string) => RepairTime;

function timingOf({ decisions, report }: Plan): Timing {
  const acts = new Map(
    decisions.flatMap((one) => ('taskId' in one ? [[one.taskId, one.kind] as const] : [])),
  );
  const verdicts = new Map(report.nodes.map((verdict) => [verdict.taskId, verdict.why.text]));
  return (taskId) => {
    const decision = acts.get(taskId);
    if (decision !== undefined) return { kind: 'now', decision };
    return { kind: 'waits', why: verdicts.get(taskId) ?? readingsMissing().text };
  };
}

function repairOfOurs(node: ElasticNode, timing: Timing): Repair | null {
  switch (node.phase) {
    case 'launching':
    case 'starting':
    case 'registering':
    case 'up':
    case 'draining':
    case 'gone':
      return null;
    case 'leaving': {
      // A node that we deleted ourselves was to leave; of one that was to drain somebody else did.
      const isByOthers = node.node === null && node.intent.goal.kind === 'drain' && node.task !== null;
      return isByOthers ? withoutNode(node, timing) : null;
    }
    case 'suspect':
      return repairOfSuspect(node, timing);
    default:
      return unreachable(node);
  }
}

function repairOfSuspect(node: SuspectNode, timing: Timing): Repair | null {
  const { taskId, nodeName } = node.intent;
  const common = { node: nodeName, taskId, when: timing(taskId) };
  switch (node.trouble) {
    case 'vanished':
      return withoutNode(node, timing);
    case 'ended':
      return {
        ...common,
        difference: 'node-without-task',
        evidence: [taskWords(node.task), nodeWords(node.node), intentWords(node.intent)],
        action: 'offline, looked at again, deleted once pbs_server shows no job on it, then forgotten',
      };
    case 'name-taken':
      return {
        ...common,
        difference: 'other-owner',
        evidence: [taskWords(node.task), node.why.text],
        action: 'the node is left alone; our task is killed if its mom never started',
      };
    case 'name-differs':
      return {
        ...common,
        difference: 'other-owner',
        evidence: [taskWords(node.task), nodeWords(node.node), node.why.text],
        action: 'offline, looked at again, deleted without jobs, its task killed',
      };
    case 'unreachable':
    case 'unhealthy':
    case 'down':
    case 'offline-by-others':
    case 'being-killed':
    case 'not-read':
    case 'contradictory':
      return null;
    default:
      return unreachable(node.trouble);
  }
}

function withoutNode({ intent, task }: Pick<SuspectNode, 'intent' | 'task'>, timing: Timing): Repair {
  return {
    difference: 'task-without-node',
    node: intent.nodeName,
    taskId: intent.taskId,
    evidence: [taskWords(task), nodeWords(null), intentWords(intent)],
    action: 'killed once two readings missed its node and qstat shows no job there',
    when: timing(intent.taskId),
  };
}

function repairOfStray(task: TaskFacts, timing: Timing): Repair {
  return {
    difference: 'not-recorded',
    node: strayNodeName(task),
    taskId: task.id,
    evidence: [taskWords(task), nodeWords(null), 'no intent speaks of it'],
    action: 'given an intent to drain, then killed once two readings showed no node of its name',
    when: timing(task.id),
  };
}

/** Nodes with a mark: of another framework, or of a task that we know nothing of. */
function repairOfBystander(verdict: NodeVerdict, view: Survey): Repair | null {
  const { node, taskId, jobs, why } = verdict;
  if (verdict.phase === 'foreign') {
    return {
      difference: 'other-owner',
      node,
      taskId,
      evidence: [why.text, jobsWords(jobs)],
      action: 'left alone',
      when: {
        kind: 'by-hand',
        why: `if that framework is gone: pbsnodes -o ${node}, and qmgr -c "delete node ${node}" once it has no jobs`,
      },
    };
  }
  if (verdict.phase !== 'suspect' || taskId === null) return null;
  const evidence = [`its mark names task ${taskId}`, jobsWords(jobs), 'no intent speaks of it'];
  if (nodeNameOf(taskId) === node) {
    const why = view.trust.phasesKnown ? 'done in the next pass' : readingsMissing().text;
    return {
      difference: 'not-recorded',
      node,
      taskId,
      evidence,
      action: 'given an intent to drain: offline, looked at again, deleted without jobs',
      when: { kind: 'waits', why },
    };
  }
  return {
    difference: 'other-owner',
    node,
    taskId,
    evidence: [...evidence, `that task is of node ${nodeNameOf(taskId) ?? '?'}`],
    action: 'left alone',
    when: { kind: 'by-hand', why: `somebody gave it a mark of ours: qmgr -c "unset node ${node} requestid"` },
  };
}

/** Which of the two moms serves a job there cannot be told from outside, so neither is ended by itself. */
function repairOfTwin({ older, younger }: Twins): Repair {
  return {
    difference: 'two-on-one-agent',
    node: younger.nodeName,
    taskId: younger.taskId,
    evidence: [
      `${younger.taskId} and ${older.taskId} both live on agent ${younger.agentId}`,
      intentWords(younger),
    ],
    action: 'both are kept, and nothing more is launched on that agent',
    when: { kind: 'by-hand', why: `drain node ${younger.nodeName}; its task ${younger.taskId} came second` },
  };
}

/** Deleting one of two names of a machine makes pbs_server (6.1.3) distrust the other for ever. */
function repairsOfNames(nodes: readonly TorqueNode[], { policy, snapshot }: Survey): Repair[] {
  const byAddress = new Map<string, TorqueNode>();
  return nodes.toSorted(byName(({ name }) => name)).flatMap((node) => {
    const other = node.addresses.map((address) => byAddress.get(address)).find((one) => one !== undefined);
    for (const address of node.addresses) if (!byAddress.has(address)) byAddress.set(address, node);
    if (other === undefined) return [];
    const isOurs = [node, other].some(
      ({ requestId }) => ownerOf(policy.ownerMark, requestId)?.frameworkId === snapshot.mesos.frameworkId,
    );
    if (!isOurs) return [];
    return [
      {
        difference: 'two-names',
        node: node.name,
        taskId: ownerOf(policy.ownerMark, node.requestId)?.taskId ?? null,
        evidence: [`${node.name} and ${other.name} both lead to ${node.addresses.join(', ')}`],
        action: 'left alone: deleting one makes pbs_server distrust the other, which then stays down',
        when: {
          kind: 'by-hand',
          why: `when both are without jobs: delete both, and let ours come again (${node.name}, ${other.name})`,
        },
      },
    ];
  });
}

function taskWords(task: TaskFacts | null): string {
  if (task === null) return 'Mesos has not spoken of its task';
  const where = task.agentId === null ? '' : ` on agent ${task.agentId}`;
  const isOver = standingOf(task.state) === 'ended';
  return `Mesos says that task ${task.id} ${isOver ? 'is over' : 'lives'}${where} (${task.state})`;
}

function nodeWords(node: TorqueNode | null): string {
  if (node === null) return 'pbsnodes does not show its node';
  return `pbsnodes shows node ${node.name} ${node.states.join(', ')}, ${jobsWords(node.jobs.map(({ jobId }) => jobId))}`;
}

function jobsWords(jobs: readonly string[]): string {
  return jobs.length === 0 ? 'without jobs' : `with ${jobs.join(', ')}`;
}

function intentWords({ goal }: Intent): string {
  return goal.kind === 'hold' ? 'we mean to hold it' : `we mean it to leave: ${goal.why}`;
}
