import { describe, expect, test } from 'vitest';
import { readDurationMs } from './duration.ts';
import { readExecutorEnv } from './env.ts';

/** As a Mesos 1.12 agent set it. */
const recorded = {
  LIBPROCESS_IP: '127.0.0.1',
  LIBPROCESS_PORT: '0',
  MESOS_AGENT_ENDPOINT: '127.0.0.1:5051',
  MESOS_CHECKPOINT: '1',
  MESOS_DIRECTORY: '/var/lib/mesos/sandbox',
  MESOS_EXECUTOR_ID: 'exec-1',
  MESOS_EXECUTOR_SHUTDOWN_GRACE_PERIOD: '3secs',
  MESOS_FRAMEWORK_ID: 'F1-0000',
  MESOS_HTTP_COMMAND_EXECUTOR: '0',
  MESOS_RECOVERY_TIMEOUT: '15mins',
  MESOS_SANDBOX: '/mnt/mesos/sandbox',
  MESOS_SLAVE_ID: 'S1',
  MESOS_SLAVE_PID: 'slave(1)@127.0.0.1:5051',
  MESOS_SUBSCRIPTION_BACKOFF_MAX: '2secs',
};

describe('the environment', () => {
  test('of a real agent is understood', () => {
    expect(readExecutorEnv(recorded)).toEqual({
      ok: true,
      env: {
        agent: { scheme: 'http', host: '127.0.0.1', port: 5051, socketPath: null },
        agentTls: null,
        frameworkId: 'F1-0000',
        executorId: 'exec-1',
        agentId: 'S1',
        sandbox: '/mnt/mesos/sandbox',
        checkpoint: true,
        recoveryTimeMsMax: 900_000,
        subscriptionBackoffMsMax: 2000,
        shutdownGraceMs: 3000,
        authenticationToken: null,
      },
    });
  });

  test.each([
    [{ MESOS_DOMAIN_SOCKET: '/run/mesos/agent.sock' }, { socketPath: '/run/mesos/agent.sock' }],
    [{ MESOS_DOMAIN_SOCKET: 'unix:///run/agent.sock' }, { socketPath: '/run/agent.sock' }],
    [{ LIBPROCESS_SSL_ENABLED: 'true' }, { scheme: 'https' }],
    [
      { LIBPROCESS_SSL_ENABLED: '1', MESOS_DOMAIN_SOCKET: '/s' },
      { scheme: 'http', socketPath: '/s' },
    ],
  ])('with %j leads to the agent by %j', (more, agent) => {
    expect(readExecutorEnv({ ...recorded, ...more })).toMatchObject({ ok: true, env: { agent } });
  });

  test('may leave out what has a default, and the folder as the executor sees it', () => {
    const { MESOS_AGENT_ENDPOINT, MESOS_FRAMEWORK_ID, MESOS_EXECUTOR_ID, MESOS_DIRECTORY } = recorded;
    const least = { MESOS_AGENT_ENDPOINT, MESOS_FRAMEWORK_ID, MESOS_EXECUTOR_ID, MESOS_DIRECTORY };
    expect(readExecutorEnv(least)).toMatchObject({
      ok: true,
      env: { checkpoint: false, recoveryTimeMsMax: 900_000, sandbox: '/var/lib/mesos/sandbox' },
    });
  });

  test.each([
    [
      'MESOS_FRAMEWORK_ID',
      undefined,
      'MESOS_FRAMEWORK_ID is not set: an executor is started by a Mesos agent',
    ],
    ['MESOS_AGENT_ENDPOINT', undefined, 'MESOS_AGENT_ENDPOINT is not set'],
    ['MESOS_AGENT_ENDPOINT', 'a b', 'MESOS_AGENT_ENDPOINT: "a b" is not host:port'],
    ['MESOS_RECOVERY_TIMEOUT', '15', 'MESOS_RECOVERY_TIMEOUT is "15", which is no duration such as "15mins"'],
  ])('with %s as %j is refused', (name, value, why) => {
    expect(readExecutorEnv({ ...recorded, [name]: value })).toEqual({
      ok: false,
      why: expect.stringContaining(why) as unknown,
    });
  });
});

describe('durations', () => {
  test.each([
    ['15mins', 900_000],
    ['3secs', 3000],
    ['500ms', 500],
    ['2.5secs', 2500],
    ['1hrs', 3_600_000],
    ['2weeks', 1_209_600_000],
    ['1500us', 2],
    ['0ns', 0],
  ])('%s', (text, ms) => {
    expect(readDurationMs(text)).toBe(ms);
  });

  test.each(['', '15', 'mins', '15 mins', '-1secs', '1e3secs', '15minutes', '15mins '])(
    '%j is none',
    (text) => {
      expect(readDurationMs(text)).toBeNull();
    },
  );
});
