/** What is still to be done before the world is as it should be when nothing waits. */
import type { Policy } from '../core/policy.ts';
import type { DurableState } from '../loop/ports.ts';
import type { MesosModel } from './mesos-model.ts';
import type { PlannedJob } from './scenario.ts';
import type { TorqueModel } from './torque-model.ts';

export interface Balance {
  readonly torque: TorqueModel;
  readonly mesos: MesosModel;
  readonly policy: Policy;
  readonly disk: DurableState | null;
  readonly jobs: readonly PlannedJob[];
}

/** One line for each thing left: a job, a node, a task or an intent too many or too few, an offer. */
export function unfinished({ torque, mesos, policy, disk, jobs }: Balance): readonly string[] {
  const floor = policy.minSlotsHeld;
  const elastic = [...torque.nodes.values()].filter((node) => node.kind === 'elastic');
  const living = mesos.living();
  const intents = disk?.intents ?? [];
  const free = elastic.filter((node) => node.heard && node.offline === 'no');
  const counts = [
    ['nodes', elastic.length],
    ['free nodes', free.length],
    ['tasks', living.length],
    ['intents', intents.length],
  ] as const;
  return [
    ...jobs.filter((job) => job.isPossible && isLeft(torque, job)).map((job) => `job ${job.id} is not done`),
    ...counts
      .filter(([, count]) => count !== floor)
      .map(([what, count]) => `${count} ${what}, the floor is ${floor}`),
    ...(mesos.offers.size > 0 ? [`${mesos.offers.size} offers are not answered`] : []),
    ...(mesos.suppressed ? [] : ['offers are not suppressed']),
  ];
}

/** Completed jobs are dropped from the queue after a while. */
function isLeft(torque: TorqueModel, { id }: PlannedJob): boolean {
  const job = torque.jobs.get(id);
  return job !== undefined && job.state !== 'complete';
}

/** Offers that are older than a held one may be. */
export function hoardedOffers(mesos: MesosModel, policy: Policy, nowMs: number): readonly string[] {
  const limitMs = policy.gangHoldMs + 15_000;
  return [...mesos.offers.values()]
    .filter((offer) => nowMs - offer.receivedAtMs > limitMs)
    .map((offer) => `offer ${offer.id} is held for more than ${limitMs} ms`);
}
