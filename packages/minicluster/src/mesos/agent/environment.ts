/** The environment of executors: what 1.12 gives them and nothing else. There is no HOME and no LANG. */
import { type ExecutorInfo, type FrameworkInfo } from '@mesos-torque/proto/gen/mesos/v1/mesos.ts';
import { durationOfMs, durationText } from '../wire/durations.ts';
import { type Agent, type Executor } from './agent.ts';

/** PWD is missing on purpose: the shell sets it, and without a shell there is none. */
export function executorEnvironment(
  agent: Agent,
  framework: FrameworkInfo,
  executor: Executor,
): Record<string, string> {
  const { options } = agent;
  const checkpoint = framework.checkpoint ?? false;
  return {
    LIBPROCESS_IP: options.host,
    LIBPROCESS_PORT: '0',
    MESOS_AGENT_ENDPOINT: `${options.host}:${agent.port}`,
    MESOS_CHECKPOINT: checkpoint ? '1' : '0',
    MESOS_DIRECTORY: executor.directory,
    MESOS_EXECUTOR_ID: executor.id,
    MESOS_EXECUTOR_SHUTDOWN_GRACE_PERIOD: durationText(graceNs(agent, executor.info)),
    MESOS_FRAMEWORK_ID: executor.frameworkId,
    MESOS_HTTP_COMMAND_EXECUTOR: '0',
    ...(checkpoint ? { MESOS_RECOVERY_TIMEOUT: durationOfMs(options.recoveryTimeoutMs) } : {}),
    MESOS_SANDBOX: executor.directory,
    MESOS_SLAVE_ID: agent.id ?? '',
    MESOS_SLAVE_PID: `slave(1)@${options.host}:${agent.port}`,
    ...(checkpoint
      ? { MESOS_SUBSCRIPTION_BACKOFF_MAX: durationOfMs(options.executorReregistrationTimeoutMs) }
      : {}),
    PATH: options.executorPath,
    ...ownVariables(executor.info),
  };
}

function ownVariables(info: ExecutorInfo): Record<string, string> {
  const variables = info.command?.environment?.variables ?? [];
  return Object.fromEntries(variables.map(({ name, value }) => [name ?? '', value ?? '']));
}

export function graceMs(agent: Agent, info: ExecutorInfo): number {
  return Number(graceNs(agent, info) / 1_000_000n);
}

function graceNs(agent: Agent, info: ExecutorInfo): bigint {
  return (
    info.shutdownGracePeriod?.nanoseconds ?? BigInt(agent.options.executorShutdownGracePeriodMs) * 1_000_000n
  );
}
