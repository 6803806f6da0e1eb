/** Recorded schedulers of a real Mesos, played against the stand-in: same calls, same answers. */
import { readFileSync } from 'node:fs';
import { afterEach, expect, test } from 'vitest';
import { type AgentOptions } from './agent/agent.ts';
import { type MasterOptions } from './master/master.ts';
import { type RunningAgent } from './start-agent.ts';
import { startCluster, wireProgram, type TestCluster } from './testing/cluster.ts';
import { deliberateDifferences } from './testing/deliberate-differences.ts';
import { fastClock } from './testing/fast-clock.ts';
import { readRecording, recordedAgents, recordedProbes } from './testing/recording.ts';
import { send, until } from './testing/raw-client.ts';
import { type Difference, type ReplaySetting } from './testing/replay-setting.ts';
import { replay } from './testing/replay.ts';

let cluster: TestCluster;
const agents = new Map<number, RunningAgent>();

afterEach(async () => {
  await cluster.close();
  agents.clear();
});

const limit = { timeout: 120_000 };

test('01: a framework from SUBSCRIBE to TEARDOWN', limit, async () => {
  await given('01-lifecycle', [1]);

  const differences = await played('01-lifecycle');

  expect(differences).toEqual(deliberate('01-lifecycle'));
  const [request] = cluster.requests;
  expect(request?.headers, 'the fetcher sends what the real one sends').toEqual(['Host', 'Accept']);
});

test('02: what is refused, and how', limit, async () => {
  await given('02-refusals', [1, 2]);
  const probes: [recorded: string, ours: string][] = [];

  const differences = await played('02-refusals', {
    acknowledges: true,
    resendsAreChance: true,
    // There the executor was told to make these calls; here we make them for it.
    onCall: {
      138: async (translation) => {
        for (const probe of recordedProbes('02-refusals/executor-1')) {
          const url = agents.get(1)!.url + probe.path;
          const ours = await send({ ...probe, url, body: translation.toOurs(probe.body) });
          probes.push([`${probe.status} ${translation.toOurs(probe.answer)}`, `${ours.status} ${ours.body}`]);
        }
      },
    },
  });

  expect(differences).toEqual(deliberate('02-refusals'));
  expect(probes.map(([, ours]) => ours)).toEqual(probes.map(([recorded]) => recorded));
  expect(probes).toHaveLength(15);
});

test('03: reconciliation', limit, async () => {
  await given('03-reconcile', [1]);

  expect(await played('03-reconcile')).toEqual(deliberate('03-reconcile'));
});

test('04: filters, SUPPRESS, REVIVE, UPDATE_FRAMEWORK, roles', limit, async () => {
  await given('04-offers-suppress-revive', [1, 2]);

  const differences = await played('04-offers-suppress-revive', {
    onNote: { 'a third agent joins': () => startAgent('04-offers-suppress-revive', 3) },
  });

  expect(differences).toEqual(deliberate('04-offers-suppress-revive'));
});

test('05: agents and executors that die and come back', limit, async () => {
  // The flags kept are those of the second agent's successor, which was the first one's twin.
  const second = { attributes: 'rack:r2' };
  await given('05-agent-trouble', [1], { agentPingTimeoutMs: 1_000, maxAgentPingTimeouts: 2 });
  await startAgent('05-agent-trouble', 2, second);
  const comesBack = (): Promise<void> => startAgent('05-agent-trouble', 1);

  const differences = await played('05-agent-trouble', {
    resendsAreChance: true,
    onNote: {
      'kill -9 of agent 1 (executor keeps running)': async () => {
        await until(
          () => 'every update is acknowledged',
          () => pendingUpdates(1) === 0,
        );
        await stopAgent(1);
      },
      'agent 1 comes back, same work dir': comesBack,
      'agent 1 killed again, restarted at once': async () => {
        await stopAgent(1);
        await comesBack();
      },
      'SIGTERM of agent 1 with a running task': () => stopAgent(1),
      'kill -9 of the executor while the agent is away, then the agent comes back': async (
        _translation,
        lastPid,
      ) => {
        process.kill(-lastPid, 'SIGKILL');
        await comesBack();
      },
      "a new agent with agent 2's address and an empty work dir": () =>
        startAgent('05-agent-trouble', 2, { workDir: `${cluster.directory}/a2-new` }),
    },
    // The recording has its note of the SIGUSR1 before the task was launched that is lost by it.
    onCall: { 27: () => retireAgent(2) },
  });

  expect(differences).toEqual(deliberate('05-agent-trouble'));
});

test('06: scheduler failover, and a master that forgets', limit, async () => {
  await given('06-scheduler-failover', [1, 2], { agentPingTimeoutMs: 1_000, maxAgentPingTimeouts: 3 });

  const differences = await played('06-scheduler-failover', {
    // Later parts need a master with a replicated log.
    untilMs: 16_499,
    onNote: {
      'first: master restart (SIGKILL, in-memory registry)': () => cluster.stopMaster(),
      'master starts again': () => cluster.startMaster(),
    },
  });

  expect(differences).toEqual(deliberate('06-scheduler-failover'));
});

async function given(
  name: string,
  numbers: readonly number[],
  options: Partial<MasterOptions> = {},
): Promise<void> {
  cluster = await startCluster(fastClock(10), options);
  for (const n of numbers) await startAgent(name, n);
}

async function startAgent(name: string, n: number, more: Partial<AgentOptions> = {}): Promise<void> {
  const recorded = recordedAgents(name).find((agent) => agent.n === n)!;
  const { resources, attributes } = recorded;
  const port = agents.get(n)?.port ?? 0;
  agents.set(n, await cluster.startAgent(n, { resources, attributes, port, ...more }));
}

async function stopAgent(n: number): Promise<void> {
  await agents.get(n)!.close();
}

/** How many updates an agent has written down that no scheduler has acknowledged. */
function pendingUpdates(n: number): number {
  const file = `${cluster.directory}/a${n}/meta/agent.json`;
  const { updates } = JSON.parse(readFileSync(file, 'utf8')) as { updates: { pending: unknown[] }[] };
  return updates.reduce((total, { pending }) => total + pending.length, 0);
}

async function retireAgent(n: number): Promise<void> {
  await agents.get(n)!.retire();
}

async function played(
  name: string,
  more: Partial<ReplaySetting> & { readonly untilMs?: number } = {},
): Promise<string[]> {
  const { untilMs = Infinity, ...setting } = more;
  const program = JSON.stringify({ name: 'WIRE_PROGRAM', value: wireProgram });
  const steps = readRecording(name).filter((step) => step.ms < untilMs);
  const differences = await replay(steps, {
    masterUrl: cluster.masterUrl,
    rewrite: (body) =>
      body
        .replaceAll('http://127.0.0.1:8099/', cluster.filesUrl)
        .replaceAll('{"name":"WIRE_ENC","value":"json"}', `$&,${program}`),
    acknowledges: false,
    resendsAreChance: false,
    patienceMs: 15_000,
    ...setting,
  });
  return differences.map(text);
}

function text({ where, recorded, ours }: Difference): string {
  return deliberateDifferences.some((each) => each.where === where)
    ? where
    : `${where}\n  recorded ${recorded}\n  ours ${ours}`;
}

function deliberate(name: string): string[] {
  return deliberateDifferences.filter((each) => each.recording === name).map((each) => each.where);
}
