/**
 * The executor as a program: `node main.ts`, started by a Mesos agent, or the executable that agents fetch.
 * Exit code 0 when the task's end was told or there was none, 1 after a fault of ours, 2 when the
 * environment is not one that an agent makes. With arguments it answers people, see `command-line.ts`.
 */
import { randomUUID } from 'node:crypto';
import os from 'node:os';
import { systemClock } from '@mesos-torque/common/clock.ts';
import { pinoLog } from '@mesos-torque/common/pino-log.ts';
import { unreachable } from '@mesos-torque/common/units.ts';
import { runCheck } from './check/run-check.ts';
import { helpText, readCommandLine, type CommandLine } from './command-line.ts';
import { runExecutor } from './executor.ts';
import { childEnvironment, machinePorts, ownAddresses } from './machine.ts';
import { AgentClient } from './mesos/agent-client.ts';
import { readExecutorEnv } from './mesos/env.ts';
import type { ExecutorEnv } from './mesos/env.ts';
import { readAgentTrust } from './mesos/agent-trust.ts';
import { ownBuild } from './own-build.ts';
import type { ExecutorSettings } from './ports.ts';

const log = pinoLog({ name: 'torque-executor', level: 'info' });
/** For one call to the agent, which is on this machine. */
const callTimeMsMax = 10_000;

// A module of CommonJS, which the single executable is, waits for nothing at its top.
void main(readCommandLine(process.argv.slice(2)));

async function main(command: CommandLine): Promise<void> {
  switch (command.kind) {
    case 'run':
      await runAsExecutor();
      return;
    case 'help':
      process.stdout.write(helpText);
      return;
    case 'version':
      process.stdout.write(`${ownBuild.version} ${ownBuild.build}`.trimEnd() + '\n');
      return;
    case 'check':
      process.exitCode = await runCheck(command.check);
      return;
    case 'wrong':
      process.stderr.write(`torque-executor: ${command.why}\n\n${helpText}`);
      process.exitCode = 2;
      return;
    default:
      unreachable(command);
  }
}

async function runAsExecutor(): Promise<void> {
  const reading = readExecutorEnv(process.env);
  if (reading.ok) {
    await run(reading.env);
  } else {
    log.error('executor not started', { why: reading.why });
    process.exitCode = 2;
  }
}

async function run(env: ExecutorEnv): Promise<void> {
  const trusted = await readAgentTrust(env.agentTls, os.hostname());
  if (!trusted.ok) {
    log.error('executor not started', { why: trusted.why });
    process.exitCode = 2;
    return;
  }
  const agent = new AgentClient({
    env,
    tls: trusted.trust,
    encoding: 'protobuf',
    callTimeMsMax,
    clock: systemClock,
    random: Math.random,
    newUuid: randomUUID,
    log,
  });
  const machine = machinePorts({ owner: env, log, isRoot: process.getuid?.() === 0, tmpDir: os.tmpdir() });
  const executor = runExecutor({ agent, ...machine }, settingsFrom(env));
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
    process.on(signal, () => {
      executor.signalled(signal);
    });
  }
  // Even with a fault of ours the mom is stopped in order: nobody else would do it.
  process.on('uncaughtException', (fault) => {
    log.error('fault', { why: fault.stack ?? fault.message });
    process.exitCode = 1;
    executor.signalled('a fault of its own');
  });
  const why = await executor.ended;
  log.info('executor ended', { why });
  // Whatever still listens or waits in this process has nothing to do any more.
  process.exit();
}

function settingsFrom(env: ExecutorEnv): ExecutorSettings {
  return {
    startedAtMs: Date.now() - performance.now(),
    hostName: os.hostname(),
    addresses: ownAddresses(os.networkInterfaces()),
    ownPid: process.pid,
    sandbox: env.sandbox,
    childEnv: childEnvironment(process.env),
    ownPath: process.env['PATH'] ?? '/usr/bin:/bin',
    shutdownGraceMs: env.shutdownGraceMs,
  };
}
