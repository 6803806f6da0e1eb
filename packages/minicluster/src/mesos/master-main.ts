/**
 * The stand-in's mesos-master as a program: `node master-main.ts --port 5050`. Prints `ready {…}` when
 * it serves, logs JSON lines to stderr, ends on TERM and INT. With `--zk=zk://host:port/path` one of several.
 */
import { messageOf } from '@mesos-torque/common/text.ts';
import { commandLine, onSignals, sayReady, usageError } from './program.ts';
import { startMaster } from './start-master.ts';

const program = 'mesos-master';
const numbers = {
  port: 'port',
  'allocation-interval-ms': 'allocationIntervalMs',
  'heartbeat-interval-ms': 'heartbeatIntervalMs',
  'agent-ping-timeout-ms': 'agentPingTimeoutMs',
  'max-agent-ping-timeouts': 'maxAgentPingTimeouts',
  'zk-session-timeout-ms': 'zkSessionTimeoutMs',
};
// --work-dir is taken for the sake of scripts written for the real one; the registry is in memory.
const line = commandLine(program, [...Object.keys(numbers), 'host', 'zk', 'work-dir'], ['test-calls']);

try {
  const log = line.log(program);
  const master = await startMaster({
    ...line.texts({ host: 'host', zk: 'zk' }),
    ...line.numbers(numbers),
    testCalls: line.isSet('test-calls'),
    log,
  });
  onSignals(['SIGTERM', 'SIGINT'], () => master.close());
  void master.lost.then((why) => {
    log.error('master ends', { why });
    process.exit(1);
  });
  sayReady({ url: master.url, port: master.port, pid: process.pid });
} catch (error) {
  usageError(program, messageOf(error));
}
