import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { readFairShare } from './read-fair-share.ts';

const reads = new URL('../../../../fixtures/mesos/08-operator-reads/reads/', import.meta.url);
const recorded = (name: string): string => readFileSync(new URL(`${name}.json`, reads), 'utf8');

/** Roles as `name weight`; those with a star behind have frameworks. */
function rolesOf(...texts: readonly string[]): string {
  const roles = texts.map((text) => {
    const [name = '', weight = '1'] = text.replace('*', '').split(' ');
    return { name, weight: Number(weight), frameworks: text.endsWith('*') ? [{ value: 'F1' }] : [] };
  });
  return JSON.stringify({ type: 'GET_ROLES', get_roles: { roles } });
}

function agentsWith(...resources: readonly object[]): string {
  const agents = [{ active: true, total_resources: resources }];
  return JSON.stringify({ type: 'GET_AGENTS', get_agents: { agents } });
}

const cpus = (value: number, more: object = {}): object => ({
  name: 'cpus',
  type: 'SCALAR',
  scalar: { value },
  ...more,
});
const hundred = agentsWith(cpus(100));

function shareOf(role: string, ...roles: readonly string[]): readonly [number | null, string] {
  const reading = readFairShare(rolesOf(...roles), hundred, role);
  if (!reading.ok) throw new Error(reading.why);
  return [reading.value.limits.cpuMilli, reading.value.words];
}

describe('the fair share', () => {
  test.each([
    [['torque*'], 100_000, '100 % of the cluster: weight 1 of 1 among 1 role'],
    [['torque*', 'spark*'], 50_000, '50 % of the cluster: weight 1 of 2 among 2 roles'],
    [['torque 2*', 'spark 5*', 'web*'], 25_000, '25 % of the cluster: weight 2 of 8 among 3 roles'],
    [['torque*', 'idle 7'], 100_000, '100 % of the cluster: weight 1 of 1 among 1 role'],
    [['spark*'], 50_000, '50 % of the cluster: weight 1 of 2 among 2 roles'],
  ])('of torque among %j', (roles, cpuMilli, words) => {
    expect(shareOf('torque', ...roles)).toEqual([cpuMilli, words]);
  });

  test('is divided level by level where roles stand below one another', () => {
    const roles = ['web*', 'hpc 3', 'hpc/torque*', 'hpc/slurm 4*', 'hpc/idle 9'];
    expect(shareOf('hpc/torque', ...roles)).toEqual([
      15_000,
      '15 % of the cluster: weight 3 of 4 among 2 roles, then weight 1 of 5 among 2 roles',
    ]);
  });

  test('is shared with the roles below ours', () => {
    expect(shareOf('torque', 'torque*', 'torque/sub*', 'web 2*')[0]).toBe(16_666);
  });

  test("counts what we may use: nothing of others' reservations, nothing revocable", () => {
    const agents = agentsWith(
      cpus(4),
      cpus(8, { reservations: [{ role: 'torque' }] }),
      cpus(16, { reservations: [{ role: 'web' }] }),
      cpus(32, { revocable: {} }),
    );
    expect(readFairShare(rolesOf('torque*'), agents, 'torque')).toMatchObject({
      ok: true,
      value: { limits: { cpuMilli: 12_000, memMib: 0, diskMib: 0, gpus: 0 } },
    });
  });

  test('of the real master: two agents, torque has a role below it, extra has no framework', () => {
    expect(readFairShare(recorded('GET_ROLES'), recorded('GET_AGENTS'), 'torque')).toMatchObject({
      ok: true,
      value: {
        limits: { cpuMilli: 4000, memMib: 4096 },
        words: '50 % of the cluster: weight 1 of 1 among 1 role, then weight 1 of 2 among 2 roles',
      },
    });
  });

  test.each(['', '[]', '{"type":"GET_ROLES"}', '{"type":"GET_QUOTA","get_quota":{}}'])(
    'is not known from %j',
    (text) => {
      expect(readFairShare(text, hundred, 'torque').ok).toBe(false);
      expect(readFairShare(rolesOf(), text, 'torque').ok).toBe(false);
    },
  );
});
