import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { nothing } from '@mesos-torque/common/units.ts';
import type { Resource } from '@mesos-torque/proto/gen/mesos/v1/mesos.ts';
import { Pool } from './pick-resources.ts';
import { usablePieces } from './resource-pieces.ts';
import { ports, reserved, scalar } from './testing/builders.ts';

describe('what is taken', () => {
  test('carries its allocation and its whole stack of reservations, reserved resources first', () => {
    const pool = poolOf([
      scalar('cpus', 4),
      scalar('cpus', 1, reserved('torque', 'torque/night')),
      scalar('cpus', 1, reserved('torque')),
    ]);

    const taken = valueOf(pool.take({ ...nothing, cpuMilli: 2500 }));

    expect(taken).toEqual([
      scalar('cpus', 1, reserved('torque', 'torque/night')),
      scalar('cpus', 1, reserved('torque')),
      scalar('cpus', 0.5),
    ]);
  });

  test('is exactly what is wanted, and nothing of what is not', () => {
    const pool = poolOf([scalar('cpus', 4), scalar('mem', 4096), scalar('disk', 1000), scalar('gpus', 2)]);
    const taken = valueOf(pool.take({ cpuMilli: 100, memMib: 64, diskMib: 0, gpus: 0 }));
    expect(taken).toEqual([scalar('cpus', 0.1), scalar('mem', 64)]);
  });

  test('is not there a second time', () => {
    const pool = poolOf([scalar('cpus', 4)]);
    expect(pool.take({ ...nothing, cpuMilli: 3000 }).ok).toBe(true);
    expect(pool.take({ ...nothing, cpuMilli: 1500 })).toEqual({
      ok: false,
      why: '0.5 cpus short of 1.5 cpus',
    });
  });

  test('has no cpus where the quota leaves none', () => {
    const pool = poolOf([scalar('mem', 4096), ports([[31_000, 31_100]])]);
    expect(pool.take({ ...nothing, memMib: 100 }).ok).toBe(true);
    expect(pool.take({ ...nothing, cpuMilli: 100 })).toMatchObject({ ok: false });
  });
});

describe('what is never taken', () => {
  test.each([
    ['revocable', { revocable: {} }],
    ['shared', { shared: {} }],
    ['a persistent volume', { disk: { persistence: { id: 'v1' } } }],
    ['a disk of its own', { disk: { source: { type: 'MOUNT', mount: { root: '/d' } } } }],
    ['of a resource provider', { providerId: { value: 'p1' } }],
  ])('%s', (_what, more) => {
    const pool = poolOf([scalar('disk', 1000, more)]);
    expect(pool.take({ ...nothing, diskMib: 1 }).ok).toBe(false);
  });
});

describe('ports', () => {
  test('are the two that are wanted, from the pieces they are in', () => {
    const pool = poolOf([ports([[31_000, 31_010]]), ports([[31_020, 31_030]], reserved('torque'))]);
    expect(valueOf(pool.takePorts({ service: 31_005, manager: 31_020 }))).toEqual([
      ports([[31_020, 31_020]], reserved('torque')),
      ports([[31_005, 31_005]]),
    ]);
  });

  test('are not there a second time, their neighbours are', () => {
    const pool = poolOf([ports([[31_000, 31_003]])]);
    expect(pool.takePorts({ service: 31_001, manager: 31_002 }).ok).toBe(true);
    expect(pool.takePorts({ service: 31_000, manager: 31_002 })).toEqual({
      ok: false,
      why: 'port 31002 is not among those offered',
    });
  });

  test('are two', () => {
    expect(poolOf([ports([[1, 9]])]).takePorts({ service: 5, manager: 5 }).ok).toBe(false);
  });
});

describe('an offer that makes no sense', () => {
  test.each([
    ['an amount below zero', scalar('cpus', -1), 'resource "cpus" of the amount -1'],
    ['an amount that is no number', scalar('mem', NaN), 'resource "mem" of the amount NaN'],
    ['an amount beyond counting', scalar('disk', 1e300), 'resource "disk" of the amount 1e+300'],
    ['cpus that are ranges', { ...ports([[1, 2]]), name: 'cpus' }, 'of type RANGES without a scalar'],
    ['a type of a later Mesos', scalar('cpus', 1, { type: 'UNRECOGNIZED' }), 'of type UNRECOGNIZED'],
    ['ports without ranges', scalar('ports', 1), 'resource "ports" of type SCALAR without ranges'],
    ['ports backwards', ports([[9, 5]]), 'ports 9-5, which is no range'],
    ['ports beyond the last', ports([[1, 65_536]]), 'ports 1-65536, which is no range'],
  ])('%s is named', (_what, resource, why) => {
    expect(usablePieces([resource])).toEqual({ ok: false, why: expect.stringContaining(why) as unknown });
  });
});

test('whatever is taken adds up to what was wanted, and never to more than was offered', () => {
  const amounts = fc.array(fc.integer({ min: 0, max: 4000 }), { maxLength: 5 });
  fc.assert(
    fc.property(amounts, fc.array(fc.integer({ min: 0, max: 9000 }), { maxLength: 4 }), (offered, wants) => {
      const pool = poolOf(offered.map((milli, n) => scalar('cpus', milli / 1000, reserved(`role${n}`))));
      const takenByRole = new Map<string, number>();
      for (const cpuMilli of wants) {
        const taken = pool.take({ ...nothing, cpuMilli });
        if (!taken.ok) break;
        expect(sumMilli(taken.value)).toBe(cpuMilli);
        for (const resource of taken.value) {
          const role = resource.reservations[0]!.role!;
          takenByRole.set(role, (takenByRole.get(role) ?? 0) + sumMilli([resource]));
        }
      }
      offered.forEach((milli, n) => {
        expect(takenByRole.get(`role${n}`) ?? 0).toBeLessThanOrEqual(milli);
      });
    }),
  );
});

function poolOf(resources: readonly Resource[]): Pool {
  const reading = usablePieces(resources);
  if (!reading.ok) throw new Error(reading.why);
  return new Pool(reading.pieces);
}

function valueOf<T>(picked: { ok: true; value: T } | { ok: false; why: string }): T {
  if (!picked.ok) throw new Error(picked.why);
  return picked.value;
}

function sumMilli(resources: readonly Resource[]): number {
  return resources.reduce((sum, { scalar: amount }) => sum + Math.round(amount!.value! * 1000), 0);
}
