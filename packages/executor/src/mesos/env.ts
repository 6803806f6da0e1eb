/**
 * What the agent tells an executor through its environment. Mesos 1.12 sets PATH, PWD, LIBPROCESS_*
 * and MESOS_*, and no HOME and no LANG.
 */
import { readEndpoint } from '@mesos-torque/common/endpoint.ts';
import type { Endpoint } from '@mesos-torque/common/endpoint.ts';
import { quote } from '@mesos-torque/common/text.ts';
import { agentTlsIn, type AgentTls } from './agent-trust.ts';
import { readDurationMs } from './duration.ts';

export interface ExecutorEnv {
  /** The agent: over the network, or through its unix socket where it has one for executors. */
  readonly agent: Endpoint;
  /** Null where the agent speaks without TLS. */
  readonly agentTls: AgentTls | null;
  readonly frameworkId: string;
  readonly executorId: string;
  /** The agent's name for itself; null where it gave none. */
  readonly agentId: string | null;
  /** Our folder, absolute. */
  readonly sandbox: string;
  /** Whether executors outlive their agent. */
  readonly checkpoint: boolean;
  /** How long an agent may be away before we end ourselves; only with `checkpoint`. Milliseconds. */
  readonly recoveryTimeMsMax: number;
  /** The longest wait between two attempts to subscribe; the agent waits no longer for us. Milliseconds. */
  readonly subscriptionBackoffMsMax: number;
  /** How long the agent waits after SHUTDOWN before it kills us. Milliseconds. */
  readonly shutdownGraceMs: number;
  /** For `Authorization: Bearer`; null where the agent does not authenticate executors. */
  readonly authenticationToken: string | null;
}

export type EnvReading =
  { readonly ok: true; readonly env: ExecutorEnv } | { readonly ok: false; readonly why: string };

/** Mesos' own port of an agent. */
const agentPort = 5051;

type Variables = Readonly<Record<string, string | undefined>>;

/** Reads the environment as a whole; the first thing that is missing or wrong is named. */
export function readExecutorEnv(variables: Variables): EnvReading {
  const reader = new EnvReader(variables);
  const env: ExecutorEnv = {
    agent: reader.agent(),
    agentTls: agentTlsIn(variables),
    frameworkId: reader.text('MESOS_FRAMEWORK_ID'),
    executorId: reader.text('MESOS_EXECUTOR_ID'),
    agentId: variables['MESOS_SLAVE_ID'] ?? null,
    // MESOS_SANDBOX is the folder as the executor sees it, MESOS_DIRECTORY as the agent does.
    sandbox: reader.text(variables['MESOS_SANDBOX'] === undefined ? 'MESOS_DIRECTORY' : 'MESOS_SANDBOX'),
    checkpoint: variables['MESOS_CHECKPOINT'] === '1',
    recoveryTimeMsMax: reader.durationMs('MESOS_RECOVERY_TIMEOUT', 15 * 60_000),
    subscriptionBackoffMsMax: reader.durationMs('MESOS_SUBSCRIPTION_BACKOFF_MAX', 2000),
    shutdownGraceMs: reader.durationMs('MESOS_EXECUTOR_SHUTDOWN_GRACE_PERIOD', 5000),
    authenticationToken: variables['MESOS_EXECUTOR_AUTHENTICATION_TOKEN'] ?? null,
  };
  const [problem] = reader.problems;
  return problem === undefined ? { ok: true, env } : { ok: false, why: problem };
}

class EnvReader {
  readonly problems: string[] = [];
  readonly #variables: Variables;

  constructor(variables: Variables) {
    this.#variables = variables;
  }

  text(name: string): string {
    const value = this.#variables[name] ?? '';
    if (value === '') {
      this.problems.push(`${name} is not set: an executor is started by a Mesos agent, not by hand`);
    }
    return value;
  }

  durationMs(name: string, defaultMs: number): number {
    const value = this.#variables[name];
    if (value === undefined) return defaultMs;
    const ms = readDurationMs(value);
    if (ms === null) this.problems.push(`${name} is ${quote(value)}, which is no duration such as "15mins"`);
    return ms ?? defaultMs;
  }

  agent(): Endpoint {
    const text = this.text('MESOS_AGENT_ENDPOINT');
    const overTls = agentTlsIn(this.#variables) !== null;
    const socketPath = socketPathOf(this.#variables['MESOS_DOMAIN_SOCKET']);
    const reading = readEndpoint(text, agentPort);
    if (!reading.ok) {
      if (text !== '') this.problems.push(`MESOS_AGENT_ENDPOINT: ${reading.why}`);
      return { scheme: 'http', host: '', port: agentPort, socketPath };
    }
    // What goes over the socket never leaves the machine and is not encrypted.
    const scheme = overTls && socketPath === null ? 'https' : 'http';
    return { ...reading.endpoint, scheme, socketPath };
  }
}

function socketPathOf(value: string | undefined): string | null {
  return value === undefined || value === '' ? null : value.replace(/^unix:(\/\/)?/, '');
}
