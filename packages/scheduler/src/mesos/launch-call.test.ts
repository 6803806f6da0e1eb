import { describe, expect, test } from 'vitest';
import { MomOrders } from '@mesos-torque/proto/gen/torque/v1/orders.ts';
import { launchCall } from './launch-call.ts';
import type { LaunchOptions } from './launch-call.ts';
import { executor, launch, offer, orders, ports, reserved, scalar } from './testing/builders.ts';

const options: LaunchOptions = { frameworkId: 'F1', frameworkName: 'mesos-torque', executor, orders };

test('one executor per task, under the same id, with its own part of the resources', () => {
  const picked = launchCall(launch(), [offer()], options);

  const call = picked.ok ? picked.value : null;
  expect(call).toMatchObject({ frameworkId: { value: 'F1' }, type: 'ACCEPT' });
  expect(call?.accept?.offerIds).toEqual([{ value: 'O1' }]);
  const [task, ...others] = call!.accept!.operations[0]!.launch!.taskInfos;
  expect(others).toEqual([]);
  expect(task).toMatchObject({
    taskId: { value: 'mom.node1.example.org.7' },
    agentId: { value: 'S1' },
    resources: [scalar('cpus', 2), scalar('mem', 1000)],
    killPolicy: { gracePeriod: { nanoseconds: 8_000_000_000n } },
    executor: {
      type: 'CUSTOM',
      executorId: { value: 'mom.node1.example.org.7' },
      frameworkId: { value: 'F1' },
      resources: [scalar('cpus', 0.1), scalar('mem', 64)],
      shutdownGracePeriod: { nanoseconds: 5_000_000_000n },
      command: { shell: false, value: './executor', arguments: ['executor'] },
    },
  });
  expect(MomOrders.decode(task!.data!)).toMatchObject({ nodeName: 'node1.example.org', np: 2 });
});

test('an image goes to the containerizer of Mesos, on the network of the agent', () => {
  const image = 'registry.example.org/torque/mom:6.1.3';
  const inImage = { ...options, executor: { ...executor, image } };
  const container = (picked: ReturnType<typeof launchCall>): unknown =>
    picked.ok ? picked.value.accept!.operations[0]!.launch!.taskInfos[0]!.executor!.container : picked.why;

  expect(container(launchCall(launch(), [offer()], options))).toBeUndefined();
  const info = container(launchCall(launch(), [offer()], inImage));
  expect(info).toMatchObject({
    type: 'MESOS',
    mesos: { image: { type: 'DOCKER', docker: { name: image } } },
  });
  expect(info).toMatchObject({ networkInfos: [], volumes: [] });
});

test('several offers of one agent serve one launch, reserved resources first', () => {
  const offers = [
    offer({ id: 'O1', resources: [scalar('cpus', 2)] }),
    offer({ id: 'O2', resources: [scalar('cpus', 1, reserved('torque')), scalar('mem', 4096)] }),
  ];
  const picked = launchCall(launch({}, ['O1', 'O2']), offers, options);

  const [task] = picked.ok ? picked.value.accept!.operations[0]!.launch!.taskInfos : [];
  expect(task?.executor?.resources[0]).toEqual(scalar('cpus', 0.1, reserved('torque')));
  expect(task?.resources.slice(0, 2)).toEqual([scalar('cpus', 0.9, reserved('torque')), scalar('cpus', 1.1)]);
});

test('the ports of the mom go with the task', () => {
  const resources = [scalar('cpus', 4), scalar('mem', 4096), ports([[31_000, 31_100]])];
  const wanted = launch({ ports: { service: 31_007, manager: 31_008 } });
  const picked = launchCall(wanted, [offer({ resources })], options);
  const [task] = picked.ok ? picked.value.accept!.operations[0]!.launch!.taskInfos : [];
  expect(task?.resources.at(-1)).toEqual(
    ports([
      [31_007, 31_007],
      [31_008, 31_008],
    ]),
  );
});

describe('a launch that its offers do not carry', () => {
  const noCpus = offer({ resources: [scalar('mem', 4096)] });
  const small = offer({ resources: [scalar('cpus', 1), scalar('mem', 4096)] });
  const lessThanExecutor = launch({ resources: { cpuMilli: 50, memMib: 64, diskMib: 0, gpus: 0 } });
  test.each([
    ['another agent', launch({ agentId: 'S2' }), offer(), 'offer O1 is not of agent S2'],
    ['no cpus at all', launch(), noCpus, 'for the executor: 0.1 cpus short of 0.1 cpus'],
    ['too few cpus', launch(), small, 'for the task: 1.1 cpus short of 2 cpus'],
    ['less than the executor takes', lessThanExecutor, offer(), 'for the task: -0.05 cpus wanted'],
    [
      'ports that are not there',
      launch({ ports: { service: 1, manager: 2 } }),
      offer(),
      'port 1 is not among',
    ],
  ])('for %s is not made', (_what, wanted, offered, why) => {
    expect(launchCall(wanted, [offered], options)).toEqual({
      ok: false,
      why: expect.stringContaining(why) as unknown,
    });
  });
});
