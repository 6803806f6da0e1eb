import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { Endpoint } from '@mesos-torque/common/endpoint.ts';
import { aPolicy } from '../core/testing/builders.ts';
import type { Ask, HttpSeen } from './http.ts';
import { judgeCredential, judgeMasters, lookAtMasters } from './mesos-master.ts';
import { agentHostsIn, judgeAgents, judgeQuota, judgeRole } from './mesos-role.ts';

const reads = new URL('../../../../fixtures/mesos/08-operator-reads/reads/', import.meta.url);

/** As the real master answered. */
function recorded(name: string): HttpSeen {
  return answer(200, readFileSync(new URL(`${name}.json`, reads), 'utf8'));
}

function answer(status: number, body: string, location: string | null = null): HttpSeen {
  return { kind: 'answer', status, location, body: Buffer.from(body) };
}

function at(host: string): Endpoint {
  return { scheme: 'http', host, port: 5050, socketPath: null };
}

describe('the masters', () => {
  const answers: Readonly<Record<string, HttpSeen>> = {
    'http://a:5050/api/v1': answer(307, '', '//b:5050/master/api/v1'),
    'http://b:5050/api/v1': recorded('GET_VERSION'),
    'http://c:5050/api/v1': { kind: 'failed', why: 'ECONNREFUSED' },
    'http://d:5050/api/v1': answer(503, 'No leader elected'),
    'http://e:5050/api/v1': answer(307, '', '//c:5050/master/api/v1'),
  };
  const ask: Ask = ({ url }) => Promise.resolve(answers[url] ?? { kind: 'failed', why: `nothing at ${url}` });
  const judged = async (...hosts: readonly string[]) =>
    judgeMasters(await lookAtMasters(ask, hosts.map(at), null, 1000));

  test('redirect to the one that leads', async () => {
    expect(await judged('a')).toMatchObject({
      status: 'ok',
      found: expect.stringMatching(
        /^http:\/\/b:5050 leads \(http:\/\/a:5050 redirects there\), Mesos 1\.12/,
      ) as string,
    });
  });

  test('that are down are named beside the one that leads', async () => {
    expect(await judged('b', 'c')).toMatchObject({
      status: 'warning',
      found: expect.stringContaining('http://c:5050: ECONNREFUSED') as string,
    });
  });

  test.each(['c', 'd', 'e'])('%s alone is not enough', async (host) => {
    expect((await judged(host)).status).toBe('wrong');
  });
});

describe('a principal', () => {
  const credential = { principal: 'torque', secret: 'x' };

  test.each([
    [400, '"Framework cannot be found"', null, 'ok'],
    [400, '"Framework cannot be found"', credential, 'ok'],
    [401, '401 Unauthorized.', credential, 'wrong'],
    [401, '401 Unauthorized.', null, 'wrong'],
    [503, 'No leader elected', null, 'unknown'],
  ] as const)('answered %s %s with %j is %s', (status, body, given, expected) => {
    expect(judgeCredential(answer(status, body), given).status).toBe(expected);
  });
});

describe('the role', () => {
  const flags = recorded('GET_flags');
  const none = answer(200, '{"get_frameworks":{}}');
  const withFlag = (flag: string, value: string): HttpSeen => {
    const { flags: all } = JSON.parse(readFileSync(new URL('GET_flags.json', reads), 'utf8')) as {
      flags: Record<string, string>;
    };
    return answer(200, JSON.stringify({ flags: { ...all, [flag]: value } }));
  };

  test('is proven by a framework that is registered with it', () => {
    expect(judgeRole('torque', 'root', flags, recorded('GET_FRAMEWORKS'))).toMatchObject({
      status: 'ok',
      found: 'torque: a framework is registered with it',
    });
  });

  test('is told from the flags of the master', () => {
    expect(judgeRole('torque', 'root', flags, none).status).toBe('ok');
    expect(judgeRole('torque', 'root', withFlag('roles', 'hpc,web'), none)).toMatchObject({
      status: 'wrong',
      found: 'the master takes the roles hpc,web alone (its flag --roles), not torque',
    });
    expect(judgeRole('torque', 'root', withFlag('acls', '{}'), none).status).toBe('unknown');
    expect(judgeRole('torque', 'root', answer(403, ''), none).status).toBe('unknown');
  });

  test('is of no use to root where the master refuses root', () => {
    const refusing = withFlag('root_submissions', 'false');

    expect(judgeRole('torque', 'root', refusing, none).status).toBe('wrong');
    expect(judgeRole('torque', 'alice', refusing, none).status).toBe('ok');
  });
});

describe('the quota', () => {
  const policy = aPolicy({
    safeAllocation: { cpuMilli: 48_000, memMib: 49_152, diskMib: null, gpus: null, nodes: null },
  });

  test.each([
    ['GET_QUOTA', 'ok', 'torque has no limit'],
    [
      'GET_QUOTA_after',
      'warning',
      'ends before the safe allocation: 2 cpus of 48 cpus; 1,024 MiB of 49,152 MiB',
    ],
    ['GET_QUOTA_with_guarantees', 'warning', '6 cpus of 48 cpus; 4,096 MiB of 49,152 MiB'],
    ['GET_QUOTA_removed', 'ok', 'torque has no limit'],
  ])('of %s is %s', (name, status, words) => {
    const verdict = judgeQuota('torque', policy, recorded(name));

    expect(verdict.status).toBe(status);
    expect(verdict.found).toContain(words);
  });

  test('that is large enough is fine', () => {
    const small = aPolicy({ safeAllocation: { ...policy.safeAllocation, cpuMilli: 2000, memMib: 1024 } });

    expect(judgeQuota('torque', small, recorded('GET_QUOTA_after')).status).toBe('ok');
  });
});

test('agents are counted', () => {
  const hosts = agentHostsIn(recorded('GET_AGENTS'));

  expect(hosts.length).toBeGreaterThan(0);
  expect(judgeAgents(hosts).status).toBe('ok');
  expect(judgeAgents([]).status).toBe('warning');
  expect(() => agentHostsIn(answer(403, 'Forbidden'))).toThrow(
    'the master did not tell its agents: answered 403 "Forbidden"',
  );
});
