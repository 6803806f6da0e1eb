import { expect, test } from 'vitest';
import { JobHookPoint, MomOrders } from '@mesos-torque/proto/gen/torque/v1/orders.ts';
import { momOrders, type MomSettings } from './mom-orders.ts';
import { launch } from './testing/builders.ts';

const settings: MomSettings = {
  pbsServer: 'head.example.org',
  pbsMom: 'pbs_mom',
  momctl: 'momctl',
  path: '/usr/sbin:/usr/bin',
  momConfigLines: ['$usecp *:/home /home'],
  torqueHome: null,
  hostHome: false,
  healthIntervalMs: 10_000,
  mpi: { pbsdsh: 'pbsdsh', environment: ['UCX_TLS=tcp,self'], mpd: false },
  hooks: [
    { script: 'prologue', point: 'before', lines: ['/etc/site/prologue "$@"'] },
    { script: 'prologue', point: 'after', lines: [] },
    { script: 'epilogue.parallel', point: 'after', lines: ['  indented', 'exit 0'] },
  ],
  restartsMax: 3,
  waitForJobs: true,
  momLayoutLines: ['nodes=0'],
};

test('orders arrive as they were made, hooks without lines left out', () => {
  const sent = MomOrders.encode(momOrders(launch(), settings)).finish();
  expect(MomOrders.decode(sent)).toMatchObject({
    nodeName: 'node1.example.org',
    pbsServer: 'head.example.org',
    mpi: { pbsdsh: 'pbsdsh', environment: ['UCX_TLS=tcp,self'], mpd: false },
    jobHooks: [
      { script: 'prologue', point: JobHookPoint.JOB_HOOK_POINT_BEFORE, lines: ['/etc/site/prologue "$@"'] },
      {
        script: 'epilogue.parallel',
        point: JobHookPoint.JOB_HOOK_POINT_AFTER,
        lines: ['  indented', 'exit 0'],
      },
    ],
    restartsMax: 3,
    waitForJobs: true,
    momLayoutLines: ['nodes=0'],
    torqueHome: '',
  });
});

test('without MPI nothing is said of it', () => {
  expect(momOrders(launch(), { ...settings, mpi: null }).mpi).toBeUndefined();
});
