/**
 * Places jobs on capacity that exists: first on nodes that are up, as the TORQUE scheduler will, then
 * (in `grow`) on nodes that are coming.
 */
import type { DrainingNode, ElasticNode, UpNode } from './nodes.ts';
import { isOffline, isReachable, namesDiffer } from './derive.ts';
import type { NodeStateWord, TorqueNode } from './facts.ts';
import { by, byName, inTurn } from './order.ts';
import { Pool, type Room, type Taken } from './pool.ts';
import type { Pass } from './pass.ts';
import { isPassedOver } from './passed-over.ts';
import { isGivenUp, isOverLimit, roomMadeFor } from './reasons-life.ts';
import type { Demand } from './demand.ts';
import type { JobAsk } from './shapes.ts';
import { eachSliced, sortSliced, type Sliced } from './sliced.ts';
import type { Survey } from './survey.ts';
import { drainOf } from './wishes.ts';
import { giveAllBack, takeAll } from './take.ts';

export interface Placement {
  /** Jobs that fit on nodes that are up. */
  readonly placed: readonly PlacedJob[];
  /** Jobs that do not, in the order of service. */
  readonly rest: readonly JobAsk[];
  /** Ids of those among them that the TORQUE scheduler passes over, see `passed-over`. */
  readonly passedOver: ReadonlySet<string>;
  /** What is left on nodes that are up. */
  readonly ready: Pool;
}

export interface PlacedJob {
  readonly jobId: string;
  readonly taken: readonly Taken[];
}

export function* place(survey: Survey, demand: Demand, pass: Pass): Sliced<Placement> {
  const rooms = yield* readyRooms(survey);
  yield;
  const ready = yield* Pool.sliced(rooms);
  yield;
  const placed: PlacedJob[] = [];
  const rest: JobAsk[] = [];
  const passedOver = new Set<string>();
  // Room only shrinks here, so an ask that failed once fails again.
  const failed = new Set<string>();
  yield* eachSliced(demand.asks, (job) => {
    const taken = failed.has(job.ask.key) ? null : takeAll(job.ask, [ready]);
    if (taken === null) {
      failed.add(job.ask.key);
      rest.push(job);
    } else if (rest.length > 0 && isPassedOver(job, taken, survey, pass)) {
      giveAllBack(taken);
      passedOver.add(job.jobId);
      rest.push(job);
    } else {
      placed.push({ jobId: job.jobId, taken });
    }
  });
  return { placed, rest, passedOver, ready };
}

/** The fullest and plainest nodes first, the administrator's before ours: what is empty can leave. */
export function* readyRooms(survey: Survey): Sliced<Room[]> {
  const statics = survey.statics
    .filter((node) => isReachable(node) && !isOffline(node))
    .map((node) => staticRoom(node, survey));
  const ours = survey.ours.flatMap((node) =>
    node.phase === 'up' && !node.returning && !isDrained(node, survey) ? [upRoom(node, survey)] : [],
  );
  yield;
  return [...(yield* sortSliced(statics, plainestFirst)), ...(yield* sortSliced(ours, plainestFirst))];
}

const plainestFirst = inTurn<Room>(
  by((room) => room.properties.length),
  by((room) => room.gpus),
  by((room) => room.slots),
  byName((room) => room.name),
);

function staticRoom(node: TorqueNode, survey: Survey): Room {
  return {
    name: node.name,
    taskId: null,
    properties: node.properties,
    slots: freeSlots(node),
    slotsWhole: node.np,
    gpus: freeGpus(node, survey),
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
    slotsWhole: node.np,
    gpus: freeGpus(node, survey),
    memMib: intent.resources.memMib - survey.policy.executor.memMib,
    memoryIsShared: false,
  };
}

const closed: readonly NodeStateWord[] = ['busy', 'job-exclusive', 'reserve'];

function freeSlots(node: TorqueNode): number {
  if (node.states.some((state) => closed.includes(state))) return 0;
  return Math.max(0, node.np - node.jobs.reduce((sum, job) => sum + job.slots, 0));
}

/** pbsnodes does not tell which gpus are in use, so the jobs that use them do (`exec_gpus`). */
function freeGpus(node: TorqueNode, { gpusInUse }: Survey): number {
  return Math.max(0, node.gpus - (gpusInUse.get(node.name) ?? 0));
}

/**
 * Nodes that will have room without a launch: first draining ones of ours, which can be taken back,
 * then those on their way, in the order of their launches.
 */
export function comingRooms(
  survey: Survey,
  givenUp: ReadonlySet<string>,
  waiting: readonly JobAsk[],
): Room[] {
  const ids = new Set(waiting.map(({ jobId }) => jobId));
  const back = survey.ours.flatMap((node) => {
    if (node.phase === 'draining' && canComeBack(node, survey) && !makesRoomFor(node, ids)) {
      return [upRoom(node, survey)];
    }
    return node.phase === 'up' && node.returning && !isDrained(node, survey) ? [upRoom(node, survey)] : [];
  });
  const coming = survey.ours.flatMap((node) =>
    isOnItsWay(node) && !givenUp.has(node.intent.taskId) && !isDrained(node, survey)
      ? [
          {
            name: node.intent.nodeName,
            taskId: node.intent.taskId,
            properties: node.intent.properties,
            slots: node.intent.np,
            slotsWhole: node.intent.np,
            gpus: node.intent.gpus,
            memMib: node.intent.resources.memMib - survey.policy.executor.memMib,
            memoryIsShared: true,
          },
        ]
      : [],
  );
  return [...back, ...coming];
}

/** A node that leaves for a job in front is not for those behind, which would keep it from leaving for ever. */
function makesRoomFor({ intent: { goal } }: DrainingNode, jobIds: ReadonlySet<string>): boolean {
  const jobId = goal.kind === 'hold' ? null : roomMadeFor(goal.why);
  return jobId !== null && jobIds.has(jobId);
}

/** Whether it leaves by an operator's wish, or because a limit shrank: no job is placed there any more. */
export function isDrained({ intent }: ElasticNode, { snapshot, overLimit }: Survey): boolean {
  return overLimit.has(intent.taskId) || drainOf(intent, snapshot.wishes) !== null;
}

export function isOnItsWay(node: ElasticNode): boolean {
  return node.phase === 'launching' || node.phase === 'starting' || node.phase === 'registering';
}

/**
 * Whether clearing its offline mark would make a draining node usable again. pbs_server sends its host
 * list to no node that is offline, and not when the mark is cleared either (6.1.3: for up to 600 s): a
 * mom that was offline while others came does not know them, and a job with both would hang. So such
 * a node leaves.
 */
export function canComeBack({ intent, task, node }: DrainingNode, survey: Survey): boolean {
  if (drainOf(intent, survey.snapshot.wishes) !== null) return false;
  if (intent.goal.kind !== 'hold' && isOverLimit(intent.goal.why)) return false;
  if (task?.state !== 'TASK_RUNNING' || task.healthy === false || namesDiffer(intent, task)) return false;
  if (intent.goal.kind === 'hold' || isGivenUp(intent.goal.why) || !isReachable(node)) return false;
  return intent.goal.sinceMs >= survey.lastGrowthMs;
}
