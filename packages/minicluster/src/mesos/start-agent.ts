/** The stand-in's agent, within this process; its executors are processes of their own. */
import { systemClock, sleep } from '@mesos-torque/common/clock.ts';
import { silentLog } from '@mesos-torque/common/logger.ts';
import { type Agent, type AgentOptions, treeOf } from './agent/agent.ts';
import { saveCheckpoint } from './agent/checkpoint.ts';
import { agentHandler } from './agent/http.ts';
import { joinOf } from './agent/join.ts';
import { masterLink } from './agent/master-link.ts';
import { listProcesses } from './agent/processes.ts';
import { endLatecomers, recover } from './agent/recovery.ts';
import { parseAttributes, parseResources } from './resources/text.ts';
import { stoppable } from './stoppable-clock.ts';
import { listen } from './wire/http.ts';

export interface RunningAgent {
  readonly url: string;
  readonly port: number;
  /** Null until the master has given one. */
  id(): string | null;
  /** Ends as an agent on TERM does: executors stay, and are found again by an agent with the same work directory. */
  readonly close: () => Promise<void>;
  /** Unregisters, ends all executors, then itself. Gives the number of processes that could not be ended. */
  retire(): Promise<number>;
}

export type AgentSettings = Partial<AgentOptions> & Pick<AgentOptions, 'master' | 'hostname' | 'workDir'>;

export const agentDefaults: Omit<AgentOptions, 'master' | 'hostname' | 'workDir'> = {
  host: '127.0.0.1',
  port: 0,
  resources: 'cpus:4;mem:4096;disk:10000;ports:[31000-31100]',
  attributes: '',
  executorPath: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  executorRegistrationTimeoutMs: 60_000,
  executorReregistrationTimeoutMs: 2_000,
  executorShutdownGracePeriodMs: 5_000,
  recoveryTimeoutMs: 900_000,
  updateResendMs: 10_000,
  updateResendMsMax: 600_000,
  reconnectMs: 1_000,
  executorHeartbeatMs: 1_800_000,
  fetchStallTimeoutMs: 60_000,
  fetchBytesMax: 4 * 1024 * 1024 * 1024,
  executorsMax: 1_000,
  updatesPerTaskMax: 1_000,
  reportsMax: 100_000,
  bodyBytesMax: 16 * 1024 * 1024,
  streamQueueBytesMax: 64 * 1024 * 1024,
  clock: systemClock,
  log: silentLog,
};

/** How often the processes of every container are looked at, so that orphans are known when it ends. */
const lookMs = 500;

/**
 * Resolves when the agent serves; after a restart that is before its executors are back, and it joins
 * its master when the wait for them is over. Rejects when the port cannot be had or a setting is wrong.
 */
export async function startAgent(settings: AgentSettings): Promise<RunningAgent> {
  const timers = stoppable(settings.clock ?? systemClock);
  const options: AgentOptions = { ...agentDefaults, ...settings, clock: timers.clock };
  const agent = createAgent(options);
  const server = await listen(agentHandler(agent), options.host, options.port, (error) => {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    agent.log.error('request failed', { error: text });
  });
  agent.port = server.port;
  const link = masterLink(agent, () => joinOf(agent));
  agent.report = link.report;
  void begin(agent, link.start);
  const close = async (): Promise<void> => {
    link.stop();
    agent.closed = true;
    timers.stop();
    await server.close();
  };
  return {
    url: `http://${options.host}:${server.port}`,
    port: server.port,
    id: () => agent.id,
    close,
    async retire() {
      agent.report({ type: 'unregister' });
      await link.flushed();
      const left = await endAll(agent);
      await close();
      return left;
    },
  };
}

function createAgent(options: AgentOptions): Agent {
  const agent: Agent = {
    options,
    clock: options.clock,
    log: options.log,
    resources: parseResources(options.resources),
    attributes: parseAttributes(options.attributes),
    port: options.port,
    id: null,
    frameworks: new Map(),
    executors: new Map(),
    tasks: new Map(),
    updates: new Map(),
    report: () => undefined,
    save: () => {
      saveCheckpoint(agent);
    },
    closed: false,
  };
  return agent;
}

/** The master hears of the agent only when it knows which of its executors are left. */
async function begin(agent: Agent, start: () => void): Promise<void> {
  const hasExecutors = await recover(agent);
  if (hasExecutors) await sleep(agent.clock, agent.options.executorReregistrationTimeoutMs);
  await endLatecomers(agent);
  if (agent.closed) return;
  start();
  await lookAfter(agent);
}

async function lookAfter(agent: Agent): Promise<void> {
  while (!agent.closed) {
    const trees = [...agent.executors.values()].flatMap((executor) => treeOf(executor) ?? []);
    if (trees.length > 0) {
      const processes = await listProcesses();
      for (const tree of trees) tree.look(processes);
    }
    await sleep(agent.clock, lookMs);
  }
}

async function endAll(agent: Agent): Promise<number> {
  const trees = [...agent.executors.values()].flatMap((executor) => treeOf(executor) ?? []);
  const left = await Promise.all(trees.map((tree) => tree.kill()));
  return left.reduce((total, each) => total + each, 0);
}
