import { expect, test } from 'vitest';
import { explained } from './launch-trouble.ts';
import type { StatusFacts } from './ports.ts';

function statusWith(more: Partial<StatusFacts>): StatusFacts {
  return {
    taskId: 'mom.node1.1',
    agentId: 'a1',
    state: 'TASK_FAILED',
    reason: null,
    source: 'agent',
    message: '',
    healthy: null,
    stage: 'unknown',
    momName: null,
    trusted: null,
    addresses: [],
    ackToken: null,
    ...more,
  };
}

test.each([
  [
    'a fetch that failed, or an archive that was cut',
    {
      reason: 'CONTAINER_LAUNCH_FAILED',
      message:
        "Failed to launch container: Failed to fetch all URIs for container '8bc68193': exited with status 1",
    },
    'could not fetch or unpack the executor',
  ],
  [
    'a sandbox mounted noexec',
    { reason: 'EXECUTOR_TERMINATED', message: 'Executor terminated' },
    'a sandbox mounted noexec',
  ],
  [
    'an executor that did not register',
    { reason: 'EXECUTOR_REGISTRATION_TIMEOUT', message: 'Executor did not register within 1mins' },
    'did not reach its agent in time',
  ],
])('%s is explained, with the words of Mesos', (_what, said, why) => {
  const text = explained(statusWith(said));
  expect(text).toContain(why);
  expect(text).toContain(`(Mesos: ${said.message})`);
});

test.each([
  [
    "the executor's own words",
    { source: 'executor', reason: 'EXECUTOR_TERMINATED', message: 'Executor terminated' },
  ],
  ['an unknown user', { reason: 'EXECUTOR_TERMINATED', message: "No such user 'nosuchuser'" }],
  [
    'what the master refused',
    { source: 'master', reason: 'TASK_INVALID', message: 'Task uses more resources' },
  ],
] as const)('%s stays as it is', (_what, said) => {
  expect(explained(statusWith(said))).toBe(said.message);
});
