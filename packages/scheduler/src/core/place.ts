/**
 * Places jobs on capacity that exists: first on nodes that are up, as the TORQUE scheduler will, then
 * (in `grow`) on nodes that are coming.
 */
import type { DrainingNode, ElasticNode, UpNode } from './nodes.ts';
import { isOffline, isReachable, namesDiffer } from './derive.ts';
import type { NodeStateWord, TorqueNode } from './facts.ts';
import { by, byName, inTurn } from './order.ts';
import { Pool, type Room, type Taken } from './pool.ts';
import { isGivenUp } from './reasons.ts';
import type { Demand } from './demand.ts';
import type { JobAsk } from './shapes.ts';
import type { Survey } from './survey.ts';
import { takeAll } from './take.ts';

export interface Placement {
  /** Jobs that fit on nodes that are up. */
  readonly placed: readonly PlacedJob[];
  /** Jobs that do not, in the order of service. */
  readonly rest: readonly JobAsk[];
  /** What is left on nodes that are up. */
  readonly ready: Pool;
}

export interface PlacedJob {
  readonly jobId: string;
  readonly taken: readonly Taken[];
}

export function place(survey: Survey, demand: Demand): Placement {
  const ready = new Pool(readyRooms(survey));
  const placed: PlacedJob[] = [];
  const rest: JobAsk[] = [];
  // Room only shrinks here, so an ask that failed once fails again.
  const failed = new Set<string>();
  for (const job of demand.asks) {
    const taken = failed.has(job.ask.key) ? null : takeAll(job.ask, [ready]);
    if (taken !== null) {
      placed.push({ jobId: job.jobId, taken });
    } else {
      failed.add(job.ask.key);
      rest.push(job);
    }
  }
  return { placed, rest, ready };
}

/** The fullest and plainest nodes first, the administrator's before ours: what is empty can leave. */
function readyRooms(survey: Survey): Room[] {
  const statics = survey.statics.filter((node) => isReachable(node) && !isOffline(node)).map(staticRoom);
  const ours = survey.ours.flatMap((node) =>
    node.phase === 'up' && !node.returning ? [upRoom(node, survey)] : [],
  );
  return [...statics.sort(plainestFirst), ...ours.sort(plainestFirst)];
}

const plainestFirst = inTurn<Room>(
  by((room) => room.properties.length),
  by((room) => room.gpus),
  by((room) => room.slots),
  byName((room) => room.name),
);

function staticRoom(node: TorqueNode): Room {
  return {
    name: node.name,
    taskId: null,
    properties: node.properties,
    slots: freeSlots(node),
    gpus: node.gpus,
    memMib: node.memMib ?? Infinity,
    memoryIsShared: false,
  };
}

function upRoom({ intent, node }: UpNode | DrainingNode, survey: Survey): Room {
  return {
    name: node.name,
    taskId: intent.taskId,
    properties: node.properties,
    slots: freeSlots(node),
    gpus: node.gpus,
    memMib: intent.resources.memMib - survey.policy.executor.memMib,
    memoryIsShared: false,
  };
}

const closed: readonly NodeStateWord[] = ['busy', 'job-exclusive', 'reserve'];

function freeSlots(node: TorqueNode): number {
  if (node.states.some((state) => closed.includes(state))) return 0;
  return Math.max(0, node.np - node.jobs.reduce((sum, job) => sum + job.slots, 0));
}

/**
 * Nodes that will have room without a launch: first draining ones of ours, which can be taken back,
 * then those on their way, in the order of their launches.
 */
export function comingRooms(survey: Survey, givenUp: ReadonlySet<string>): Room[] {
  const back = survey.ours.flatMap((node) => {
    if (node.phase === 'draining' && canComeBack(node)) return [upRoom(node, survey)];
    return node.phase === 'up' && node.returning ? [upRoom(node, survey)] : [];
  });
  const coming = survey.ours.flatMap((node) =>
    isOnItsWay(node) && !givenUp.has(node.intent.taskId)
      ? [
          {
            name: node.intent.nodeName,
            taskId: node.intent.taskId,
            properties: node.intent.properties,
            slots: node.intent.np,
            gpus: node.intent.gpus,
            memMib: node.intent.resources.memMib - survey.policy.executor.memMib,
            memoryIsShared: true,
          },
        ]
      : [],
  );
  return [...back, ...coming];
}

export function isOnItsWay(node: ElasticNode): boolean {
  return node.phase === 'launching' || node.phase === 'starting' || node.phase === 'registering';
}

/** Whether clearing its offline mark would make a draining node usable again. */
export function canComeBack({ intent, task, node }: DrainingNode): boolean {
  if (task?.state !== 'TASK_RUNNING' || task.healthy === false || namesDiffer(intent, task)) return false;
  return isReachable(node) && intent.goal.kind !== 'hold' && !isGivenUp(intent.goal.why);
}
