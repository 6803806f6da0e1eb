import { expect, it } from 'vitest';
import { JobHookPoint } from '@mesos-torque/proto/gen/torque/v1/orders.ts';
import { checkOrders } from '../orders.ts';
import { ordersWith } from '../testing/fakes.ts';

const before = JobHookPoint.JOB_HOOK_POINT_BEFORE;

function fault(changes: Parameters<typeof ordersWith>[0]): string | null {
  const check = checkOrders(ordersWith(changes));
  return check.ok ? null : check.error;
}

it('hooks are taken as they are, those without lines left out', () => {
  const check = checkOrders(
    ordersWith({
      jobHooks: [
        { script: 'epilogue', point: before, lines: ['  true', 'echo "é"'] },
        { script: 'prologue', point: before, lines: [] },
      ],
    }),
  );
  expect(check.ok && check.orders.hooks).toEqual([
    { script: 'epilogue', point: 'before', lines: ['  true', 'echo "é"'] },
  ]);
});

it.each([
  [
    { script: 'prologue.user', point: before, lines: ['true'] },
    'job_hooks: "prologue.user" is none of prologue,',
  ],
  [
    { script: 'prologue', point: JobHookPoint.JOB_HOOK_POINT_UNSPECIFIED, lines: ['true'] },
    'job_hooks: prologue: neither before nor after',
  ],
  [
    { script: 'prologue', point: before, lines: ['true\nfalse'] },
    'job_hooks: prologue: "true\\nfalse" is not one line',
  ],
])('the hook %j is refused', (hook, why) => {
  expect(fault({ jobHooks: [hook] })).toContain(why);
});

it('two hooks at one place are refused', () => {
  const hook = { script: 'prologue', point: before, lines: ['true'] };
  expect(fault({ jobHooks: [hook, hook] })).toBe('job_hooks: prologue: there are two hooks before it');
});

it.each([
  [{ pbsdsh: 'a b', environment: [], mpd: false }, 'mpi.pbsdsh "a b" is neither a name nor an absolute path'],
  [{ pbsdsh: 'pbsdsh', environment: ['A B=1'], mpd: false }, 'mpi.environment: "A B=1" is not NAME=VALUE'],
  [{ pbsdsh: 'pbsdsh', environment: [`A=${'x'.repeat(249)}`], mpd: false }, 'of up to 250 characters'],
])('of MPI, %j is refused', (mpi, why) => {
  expect(fault({ mpi })).toContain(why);
});
