/** Parts that the views of jobs, nodes, offers and tasks share: our values as messages of the API. */
import type { ResourceVector } from '@mesos-torque/common/units.ts';
import type {
  Amounts,
  Limits,
  Reading as ReadingMessage,
  Wish as WishMessage,
} from '@mesos-torque/proto/gen/control/v1/facts.ts';
import type { Reading, TaskFacts } from '../core/facts.ts';
import type { Policy } from '../core/policy.ts';
import type { DrainWish, Wish } from '../core/wishes.ts';

export function ms(time: number | null | undefined): bigint {
  return typeof time === 'number' && Number.isFinite(time) ? BigInt(Math.round(time)) : 0n;
}

export function amountsOf(resources: ResourceVector, nodes: number): Amounts {
  return {
    nodes,
    cpuMilli: BigInt(Math.round(resources.cpuMilli)),
    memMib: BigInt(Math.round(resources.memMib)),
    diskMib: BigInt(Math.round(resources.diskMib)),
    gpus: BigInt(Math.round(resources.gpus)),
  };
}

export function limitsOf(safe: Policy['safeAllocation']): Limits {
  const whole = (n: number | null): bigint | undefined => (n === null ? undefined : BigInt(Math.round(n)));
  return {
    nodes: safe.nodes ?? undefined,
    cpuMilli: whole(safe.cpuMilli),
    memMib: whole(safe.memMib),
    diskMib: whole(safe.diskMib),
    gpus: whole(safe.gpus),
  };
}

export function readingMessage(reading: Reading<unknown>): ReadingMessage {
  return {
    state: reading.state,
    atMs: ms(reading.state === 'unknown' ? 0 : reading.atMs),
    why: reading.state === 'fresh' ? '' : reading.why,
  };
}

export function momHealth(task: TaskFacts | undefined): string {
  if (task === undefined || task.healthy === null) return '';
  return task.healthy ? 'healthy' : 'unhealthy';
}

export function wishMessage({ who, why, sinceMs }: Wish): WishMessage {
  return { who, why, sinceMs: ms(sinceMs), deadlineMs: 0n, force: false, node: '', agentId: '' };
}

export function drainMessage(wish: DrainWish): WishMessage {
  return {
    ...wishMessage(wish),
    deadlineMs: ms(wish.deadlineMs),
    force: wish.force,
    node: wish.target.kind === 'node' ? wish.target.node : '',
    agentId: wish.target.kind === 'agent' ? wish.target.agentId : '',
  };
}
