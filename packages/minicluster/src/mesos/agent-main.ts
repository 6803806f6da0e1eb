/**
 * The stand-in's mesos-agent as a program: `node agent-main.ts --master 127.0.0.1:5050 --hostname
 * node1.example.org --work-dir DIR`. Prints `ready {…}` when it serves, logs JSON lines to stderr. TERM
 * and INT end the agent alone, its executors stay; USR1 takes the agent and its executors out of the
 * cluster, as it does with the real one.
 */
import { messageOf } from '@mesos-torque/common/text.ts';
import { commandLine, onSignals, sayReady, usageError } from './program.ts';
import { startAgent } from './start-agent.ts';

const program = 'mesos-agent';
const texts = {
  host: 'host',
  resources: 'resources',
  attributes: 'attributes',
  'executor-path': 'executorPath',
};
const numbers = {
  port: 'port',
  'executor-registration-timeout-ms': 'executorRegistrationTimeoutMs',
  'executor-reregistration-timeout-ms': 'executorReregistrationTimeoutMs',
  'executor-shutdown-grace-period-ms': 'executorShutdownGracePeriodMs',
  'recovery-timeout-ms': 'recoveryTimeoutMs',
  'update-resend-ms': 'updateResendMs',
};
const line = commandLine(
  program,
  [...Object.keys(texts), ...Object.keys(numbers), 'master', 'hostname', 'work-dir'],
  [],
);

try {
  const agent = await startAgent({
    master: required('master'),
    hostname: required('hostname'),
    workDir: required('work-dir'),
    ...line.texts(texts),
    ...line.numbers(numbers),
    log: line.log(program),
  });
  onSignals(['SIGTERM', 'SIGINT'], () => agent.close());
  onSignals(['SIGUSR1'], () => agent.retire());
  sayReady({ url: agent.url, port: agent.port, pid: process.pid });
} catch (error) {
  usageError(program, messageOf(error));
}

function required(name: string): string {
  return line.text(name) ?? usageError(program, `--${name} is missing`);
}
