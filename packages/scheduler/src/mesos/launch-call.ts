/** The ACCEPT that launches one mom: its task, its executor, and the resources of both. */
import {
  CommandInfo,
  ContainerInfo,
  ExecutorInfo,
  TaskInfo,
} from '@mesos-torque/proto/gen/mesos/v1/mesos.ts';
import type { Offer, Resource } from '@mesos-torque/proto/gen/mesos/v1/mesos.ts';
import { Call } from '@mesos-torque/proto/gen/mesos/v1/scheduler/scheduler.ts';
import { MomOrders } from '@mesos-torque/proto/gen/torque/v1/orders.ts';
import { subtract } from '@mesos-torque/common/units.ts';
import type { LaunchDecision } from '../core/decisions.ts';
import type { ExecutorOptions, ExecutorProgram, ProgramChoice } from './client-options.ts';
import { Pool } from './pick-resources.ts';
import type { Picked } from './pick-resources.ts';
import { usablePieces } from './resource-pieces.ts';
import { readAttributes } from './translate-offer.ts';

export interface LaunchOptions {
  readonly frameworkId: string;
  readonly frameworkName: string;
  readonly executor: ExecutorOptions;
  readonly orders: (launch: LaunchDecision) => MomOrders;
}

/** The call, from the offers as they came; or why these offers do not carry this launch. */
export function launchCall(
  launch: LaunchDecision,
  offers: readonly Offer[],
  options: LaunchOptions,
): Picked<Call> {
  const { intent } = launch;
  const stranger = offers.find((offer) => offer.agentId?.value !== intent.agentId);
  if (stranger !== undefined) {
    return { ok: false, why: `offer ${stranger.id?.value ?? '?'} is not of agent ${intent.agentId}` };
  }
  const picked = pickFor(launch, offers, options.executor);
  if (!picked.ok) return picked;
  const choice = programOn(offers, options.executor);
  if (!choice.ok) return { ok: false, why: `agent ${intent.agentId}: ${choice.why}` };
  const task = taskInfo(launch, picked.value, choice.program, options);
  return {
    ok: true,
    value: Call.create({
      frameworkId: { value: options.frameworkId },
      type: 'ACCEPT',
      accept: {
        offerIds: launch.offerIds.map((value) => ({ value })),
        operations: [{ type: 'LAUNCH', launch: { taskInfos: [task] } }],
      },
    }),
  };
}

/** Offers of one agent have the same attributes. */
function programOn([offer]: readonly Offer[], executor: ExecutorOptions): ProgramChoice {
  const attributes = readAttributes(offer?.attributes ?? []);
  return attributes.ok ? executor.programFor(attributes.value) : attributes;
}

interface Shares {
  readonly executor: readonly Resource[];
  readonly task: readonly Resource[];
}

/** The intent's resources include the executor's; Mesos wants them apart. Ports go with the task. */
function pickFor(
  { intent }: LaunchDecision,
  offers: readonly Offer[],
  executor: ExecutorOptions,
): Picked<Shares> {
  const reading = usablePieces(offers.flatMap((offer) => offer.resources));
  if (!reading.ok) return { ok: false, why: reading.why };
  const pool = new Pool(reading.pieces);
  const forExecutor = pool.take(executor.resources);
  if (!forExecutor.ok) return { ok: false, why: `for the executor: ${forExecutor.why}` };
  const forTask = pool.take(subtract(intent.resources, executor.resources));
  if (!forTask.ok) return { ok: false, why: `for the task: ${forTask.why}` };
  const ports = intent.ports === null ? { ok: true as const, value: [] } : pool.takePorts(intent.ports);
  if (!ports.ok) return ports;
  return { ok: true, value: { executor: forExecutor.value, task: [...forTask.value, ...ports.value] } };
}

function taskInfo(
  launch: LaunchDecision,
  shares: Shares,
  program: ExecutorProgram,
  options: LaunchOptions,
): TaskInfo {
  const { intent } = launch;
  const { executor, frameworkName } = options;
  return TaskInfo.create({
    name: `pbs_mom on ${intent.nodeName}`,
    taskId: { value: intent.taskId },
    agentId: { value: intent.agentId },
    resources: [...shares.task],
    executor: executorInfo(intent.taskId, shares.executor, program, options),
    killPolicy: { gracePeriod: duration(executor.killGraceMs) },
    data: Buffer.from(MomOrders.encode(options.orders(launch)).finish()),
    // For people who look at the task in Mesos; what we rely on is in the ids.
    labels: {
      labels: [
        { key: 'node', value: intent.nodeName },
        { key: 'framework', value: frameworkName },
      ],
    },
  });
}

function executorInfo(
  taskId: string,
  resources: readonly Resource[],
  program: ExecutorProgram,
  { executor, frameworkId }: LaunchOptions,
): ExecutorInfo {
  return ExecutorInfo.create({
    type: 'CUSTOM',
    executorId: { value: taskId },
    frameworkId: { value: frameworkId },
    name: 'mesos-torque executor',
    command: commandInfo(program, executor.env),
    resources: [...resources],
    ...(executor.image === null ? {} : { container: containerInfo(executor.image) }),
    shutdownGracePeriod: duration(executor.shutdownGraceMs),
  });
}

function commandInfo({ uris, command }: ExecutorProgram, env: Readonly<Record<string, string>>): CommandInfo {
  return CommandInfo.create({
    uris: uris.map(({ outputFile, ...uri }) => (outputFile === null ? uri : { ...uri, outputFile })),
    environment: {
      variables: Object.entries(env).map(([name, value]) => ({ name, type: 'VALUE', value })),
    },
    shell: false,
    value: command.value,
    arguments: [...command.arguments],
  });
}

/**
 * The image is for the Mesos containerizer, not for Docker's daemon. No network is named: the mom then
 * has that of the agent, under whose name and address pbs_server knows it.
 */
function containerInfo(image: string): ContainerInfo {
  return ContainerInfo.create({
    type: 'MESOS',
    mesos: { image: { type: 'DOCKER', docker: { name: image } } },
  });
}

function duration(ms: number): { nanoseconds: bigint } {
  return { nanoseconds: BigInt(Math.round(ms)) * 1_000_000n };
}
