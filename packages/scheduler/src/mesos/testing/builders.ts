/** Builders for the tests of the Mesos adapter: what a story does not mention is ordinary. */
import { systemClock } from '@mesos-torque/common/clock.ts';
import { defaultStreamLimits, inTurn } from '@mesos-torque/common/event-stream.ts';
import { silentLog } from '@mesos-torque/common/logger.ts';
import { usualTrust } from '@mesos-torque/common/tls-trust.ts';
import type { Offer, Resource } from '@mesos-torque/proto/gen/mesos/v1/mesos.ts';
import { Offer as OfferCodec, Resource as ResourceCodec } from '@mesos-torque/proto/gen/mesos/v1/mesos.ts';
import { MomOrders } from '@mesos-torque/proto/gen/torque/v1/orders.ts';
import type { LaunchDecision } from '../../core/decisions.ts';
import type { Intent } from '../../core/facts.ts';
import type { ExecutorOptions, SchedulerClientOptions } from '../client-options.ts';

export function scalar(name: string, value: number, more: object = {}): Resource {
  return ResourceCodec.fromPartial({
    name,
    type: 'SCALAR',
    scalar: { value },
    allocationInfo: { role: 'torque' },
    ...more,
  });
}

export function ports(ranges: readonly (readonly [number, number])[], more: object = {}): Resource {
  const range = ranges.map(([begin, end]) => ({ begin: BigInt(begin), end: BigInt(end) }));
  return ResourceCodec.fromPartial({
    name: 'ports',
    type: 'RANGES',
    ranges: { range },
    allocationInfo: { role: 'torque' },
    ...more,
  });
}

export function reserved(...roles: readonly string[]): object {
  return { reservations: roles.map((role) => ({ type: 'DYNAMIC', role, principal: 'ops' })) };
}

type OfferParts = Omit<Parameters<typeof OfferCodec.fromPartial>[0], 'id' | 'resources'>;

export function offer(more: OfferParts & { id?: string; resources?: Resource[] } = {}): Offer {
  const { id = 'O1', resources = [scalar('cpus', 4), scalar('mem', 4096)], ...rest } = more;
  return OfferCodec.fromPartial({
    id: { value: id },
    frameworkId: { value: 'F1' },
    agentId: { value: 'S1' },
    hostname: 'node1.example.org',
    allocationInfo: { role: 'torque' },
    ...rest,
    resources,
  });
}

export function launch(more: Partial<Intent> = {}, offerIds: readonly string[] = ['O1']): LaunchDecision {
  return {
    kind: 'launch',
    offerIds,
    host: 'node1.example.org',
    intent: {
      taskId: 'mom.node1.example.org.7',
      agentId: 'S1',
      nodeName: 'node1.example.org',
      np: 2,
      gpus: 0,
      properties: [],
      resources: { cpuMilli: 2100, memMib: 1064, diskMib: 0, gpus: 0 },
      ports: null,
      launchedAtMs: 0,
      executorId: null,
      goal: { kind: 'hold' },
      ...more,
    },
    requestId: 'mt.F1.mom.node1.example.org.7',
    why: { code: 'test', text: 'for a test' },
  };
}

export const executor: ExecutorOptions = {
  programFor: () => ({
    ok: true,
    program: {
      uris: [
        {
          value: 'http://sched.example.org:8080/executor',
          executable: true,
          extract: false,
          cache: false,
          outputFile: null,
        },
      ],
      command: { value: './executor', arguments: ['executor'] },
    },
  }),
  builds: new Set(),
  env: { LOG_LEVEL: 'info' },
  resources: { cpuMilli: 100, memMib: 64, diskMib: 0, gpus: 0 },
  image: null,
  shutdownGraceMs: 5000,
  killGraceMs: 8000,
};

export function orders({ intent }: LaunchDecision): MomOrders {
  return MomOrders.create({ nodeName: intent.nodeName, pbsServer: 'head.example.org', np: intent.np });
}

export function clientOptions(
  masters: Parameters<typeof inTurn>[0],
  more: Partial<SchedulerClientOptions> = {},
): SchedulerClientOptions {
  return {
    masters: inTurn(masters),
    encoding: 'protobuf',
    credential: null,
    agentCredential: null,
    tls: usualTrust,
    executor,
    orders,
    callTimeMsMax: 2000,
    limits: { ...defaultStreamLimits, backoff: { firstMs: 2, mostMs: 10 } },
    clock: systemClock,
    random: () => 0.5,
    log: silentLog,
    frameworkName: 'mesos-torque',
    user: 'root',
    role: 'torque',
    principal: null,
    failoverTimeoutS: 604_800,
    wantsGpus: false,
    wantsOtherRegions: false,
    keepsToFairShare: false,
    wishes: { constraints: [], least: { cpuMilli: 0, memMib: 0 } },
    webuiUrl: 'http://sched.example.org:8080/',
    hostname: 'sched.example.org',
    ...more,
  };
}
