/** Who we are to Mesos, as a message. */
import { FrameworkInfo } from '@mesos-torque/proto/gen/mesos/v1/mesos.ts';
import type { FrameworkInfo_Capability_Type } from '@mesos-torque/proto/gen/mesos/v1/mesos.ts';
import type { FrameworkOptions } from './client-options.ts';

const capabilities: readonly FrameworkInfo_Capability_Type[] = [
  'MULTI_ROLE',
  'PARTITION_AWARE',
  'RESERVATION_REFINEMENT',
  'TASK_KILLING_STATE',
];

/** `frameworkId` is null for a framework that was never registered. */
export function frameworkInfo(options: FrameworkOptions, frameworkId: string | null): FrameworkInfo {
  const types = [
    ...capabilities,
    ...(options.wantsGpus ? ['GPU_RESOURCES' as const] : []),
    ...(options.wantsOtherRegions ? ['REGION_AWARE' as const] : []),
  ];
  return FrameworkInfo.create({
    user: options.user,
    name: options.frameworkName,
    ...(frameworkId === null ? {} : { id: { value: frameworkId } }),
    failoverTimeout: options.failoverTimeoutS,
    // Tasks are to outlive a restart of their agent.
    checkpoint: true,
    roles: [options.role],
    hostname: options.hostname,
    ...(options.principal === null ? {} : { principal: options.principal }),
    ...(options.webuiUrl === null ? {} : { webuiUrl: options.webuiUrl }),
    capabilities: types.map((type) => ({ type })),
  });
}
