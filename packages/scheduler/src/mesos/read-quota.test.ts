import { describe, expect, test } from 'vitest';
import { readQuota } from './read-quota.ts';

const none = { cpuMilli: null, memMib: null, diskMib: null, gpus: null };

function answer(...configs: readonly object[]): string {
  return JSON.stringify({ type: 'GET_QUOTA', get_quota: { status: { configs } } });
}

describe('the answer to GET_QUOTA', () => {
  test('without any quota has an empty status', () => {
    expect(readQuota('{"type":"GET_QUOTA","get_quota":{"status":{}}}', 'torque')).toEqual({
      ok: true,
      value: none,
    });
  });

  test('gives the limits of the role, as Mesos 1.12 words it', () => {
    const text =
      '{"type":"GET_QUOTA","get_quota":{"status":{"infos":[{"role":"torque"}],"configs":[{"role":"torque","limits":{"cpus":{"value":2.5},"mem":{"value":1024.0}}}]}}}';

    expect(readQuota(text, 'torque')).toEqual({ ok: true, value: { ...none, cpuMilli: 2500, memMib: 1024 } });
  });

  test('limits of other roles bind others, and those of roles above bind us', () => {
    const text = answer(
      { role: 'torque', limits: { cpus: { value: 4 } } },
      { role: 'torque/batch', limits: { cpus: { value: 6 }, gpus: { value: 1 } } },
      { role: 'torque/batch2', limits: { cpus: { value: 1 } } },
      { role: '*', limits: { cpus: { value: 0.1 } } },
    );

    expect(readQuota(text, 'torque/batch')).toEqual({
      ok: true,
      value: { ...none, cpuMilli: 4000, gpus: 1 },
    });
  });

  test('a role whose limits were taken away has none', () => {
    expect(readQuota(answer({ role: 'torque' }), 'torque')).toEqual({ ok: true, value: none });
  });

  test.each([
    '',
    '<html>',
    '{"type":"GET_ROLES"}',
    answer({ role: 'torque', limits: { cpus: { value: -1 } } }),
  ])('that cannot be read is no quota of nothing: %s', (text) => {
    expect(readQuota(text, 'torque')).toMatchObject({ ok: false });
  });
});
