/** What changes from one chapter of an episode to the next, in the notation of `episode.ts`. */
import { unreachable } from '@mesos-torque/common/units.ts';
import type {
  NodeHistory,
  Intent,
  MomStage,
  NodeStateWord,
  Reading,
  Snapshot,
  TaskStateName,
  TorqueNode,
} from '../facts.ts';
import { isReachable } from '../derive.ts';
import { requestIdOf } from '../names.ts';
import { aNode, anIntent, aTask, ourNode, storyFramework, storyMs } from './builders.ts';
import { readScenario } from './scenario.ts';

/** The snapshot after what an episode tells line by line, all of it seen by readings begun now. */
export function change(snapshot: Snapshot, lines: readonly string[]): Snapshot {
  return withHistory(withIdleTimes(lines.reduce(changeOne, snapshot)));
}

function changeOne(snapshot: Snapshot, line: string): Snapshot {
  const [kind = '', name = ''] = line.split(' ');
  const pairs = pairsOf(line);
  switch (kind) {
    case 'gone':
      return without(snapshot, name, line.split(' ')[2] ?? '');
    case 'task':
      return withTask(snapshot, name, pairs);
    case 'torque':
      return withNode(snapshot, ourNode(intentOf(snapshot, name), nodeParts(pairs)));
    case 'foreign':
      return withNode(snapshot, foreignNode(name, pairs));
    case 'trouble':
      return withTrouble(snapshot, name, pairs);
    case 'static':
    case 'job':
    case 'offer':
    case 'mesos':
      return withScenarioLine(snapshot, kind, line);
    case 'reading':
      return withReadings(snapshot, pairs);
    default:
      throw new Error(`an episode cannot change ${kind}: ${line}`);
  }
}

type Pairs = ReadonlyMap<string, string>;

function pairsOf(line: string): Pairs {
  const words = line.match(/(?:[^\s"]|"[^"]*")+/g) ?? [];
  return new Map(
    words
      .filter((word) => word.includes('='))
      .map((word) => [
        word.slice(0, word.indexOf('=')),
        word.slice(word.indexOf('=') + 1).replaceAll('"', ''),
      ]),
  );
}

function listOf(pairs: Pairs, key: string): string[] {
  const text = pairs.get(key);
  return text === undefined || text === '' ? [] : text.split(',');
}

/** The intent of a node of ours that stands, or one for a node that nobody has spoken of. */
function intentOf({ intents }: Snapshot, nodeName: string): Intent {
  return intents.find((intent) => intent.nodeName === nodeName) ?? anIntent(nodeName);
}

function withTask(snapshot: Snapshot, nodeName: string, pairs: Pairs): Snapshot {
  const { nowMs, tasks } = snapshot;
  const intent = intentOf(snapshot, nodeName);
  const all = tasks.state === 'unknown' ? [] : tasks.value;
  const before = all.find((task) => task.id === intent.taskId);
  const state = (pairs.get('state') ?? before?.state ?? 'TASK_RUNNING') as TaskStateName;
  const healthy = pairs.get('healthy');
  const task = aTask(intent, {
    ...(before ?? {}),
    state,
    stage: (pairs.get('stage') ?? before?.stage ?? 'unknown') as MomStage,
    momName: pairs.get('momName') ?? before?.momName ?? null,
    healthy: healthy === undefined ? (before?.healthy ?? null) : healthy === 'yes',
    message: pairs.get('message') ?? '',
    sinceMs: before?.state === state ? before.sinceMs : nowMs,
  });
  const others = all.filter((one) => one.id !== task.id);
  return { ...snapshot, tasks: { state: 'fresh', atMs: nowMs, value: [...others, task] } };
}

function nodeParts(pairs: Pairs): Partial<TorqueNode> {
  const states = listOf(pairs, 'states');
  return {
    states: (states.length === 0 ? ['free'] : states) as NodeStateWord[],
    jobs: listOf(pairs, 'jobs').map((id) => ({ jobId: `${id}.head`, slots: 1 })),
  };
}

function foreignNode(name: string, pairs: Pairs): TorqueNode {
  const owner = {
    frameworkId: pairs.get('framework') ?? storyFramework,
    taskId: pairs.get('task') ?? `mom.${name}.1`,
  };
  return aNode(name, { ...nodeParts(pairs), requestId: requestIdOf('mesos-torque', owner) });
}

function withNode(snapshot: Snapshot, node: TorqueNode): Snapshot {
  const all = snapshot.nodes.state === 'unknown' ? [] : snapshot.nodes.value;
  const others = all.filter((one) => one.name !== node.name);
  return { ...snapshot, nodes: { state: 'fresh', atMs: snapshot.nowMs, value: [...others, node] } };
}

function withTrouble(snapshot: Snapshot, host: string, pairs: Pairs): Snapshot {
  const one = {
    agentId: `agent-of-${host}`,
    failures: Number(pairs.get('failures') ?? 1),
    lastMs: snapshot.nowMs - 1000 * Number(pairs.get('ago') ?? 0),
    lastMessage: pairs.get('message') ?? '',
    evidence: [],
  };
  const others = snapshot.trouble.filter(({ agentId }) => agentId !== one.agentId);
  return { ...snapshot, trouble: [...others, one] };
}

/** A line of a scenario, read by its reader; its times count from the story's present. */
function withScenarioLine(
  snapshot: Snapshot,
  kind: 'static' | 'job' | 'offer' | 'mesos',
  line: string,
): Snapshot {
  const { nowMs, queue, nodes } = snapshot;
  const read = readScenario(line).snapshot;
  const laterMs = nowMs - storyMs;
  switch (kind) {
    case 'static':
      return valueOf(read.nodes, []).reduce(withNode, { ...snapshot, nodes });
    case 'offer': {
      const offers = read.offers.map((one) => ({ ...one, receivedAtMs: one.receivedAtMs + laterMs }));
      return {
        ...snapshot,
        offers: [...snapshot.offers, ...offers],
        mesos: {
          ...snapshot.mesos,
          revivesUnanswered: 0,
          declined: snapshot.mesos.declined.filter(
            (one) => !offers.some(({ agentId }) => agentId === one.offer.agentId),
          ),
        },
      };
    }
    case 'job': {
      const before = valueOf(queue, { jobs: [] }).jobs;
      const jobs = valueOf(read.queue, { jobs: [] }).jobs.map((job) => {
        const queuedAtMs = before.find(({ id }) => id === job.id)?.queuedAtMs ?? job.queuedAtMs + laterMs;
        return { ...job, queuedAtMs };
      });
      const others = before.filter(({ id }) => !jobs.some((job) => job.id === id));
      return { ...snapshot, queue: { state: 'fresh', atMs: nowMs, value: { jobs: [...others, ...jobs] } } };
    }
    case 'mesos':
      return { ...snapshot, mesos: { ...snapshot.mesos, connected: read.mesos.connected } };
    default:
      return unreachable(kind);
  }
}

function valueOf<T>(reading: Reading<T>, otherwise: T): T {
  return reading.state === 'unknown' ? otherwise : reading.value;
}

function without(snapshot: Snapshot, kind: string, name: string): Snapshot {
  const { nowMs } = snapshot;
  const fresh = <T>(value: T): Reading<T> => ({ state: 'fresh', atMs: nowMs, value });
  switch (kind) {
    case 'job': {
      const jobs = valueOf(snapshot.queue, { jobs: [] }).jobs.filter(({ id }) => id !== `${name}.head`);
      return { ...snapshot, queue: fresh({ jobs }) };
    }
    case 'offer':
      return { ...snapshot, offers: snapshot.offers.filter(({ host }) => host !== name) };
    case 'torque':
      return { ...snapshot, nodes: fresh(valueOf(snapshot.nodes, []).filter((node) => node.name !== name)) };
    case 'task': {
      const { taskId } = intentOf(snapshot, name);
      return { ...snapshot, tasks: fresh(valueOf(snapshot.tasks, []).filter(({ id }) => id !== taskId)) };
    }
    case 'trouble':
      return {
        ...snapshot,
        trouble: snapshot.trouble.filter(({ agentId }) => agentId !== `agent-of-${name}`),
      };
    default:
      throw new Error(`not a thing that can be gone: ${kind}`);
  }
}

function withReadings(snapshot: Snapshot, pairs: Pairs): Snapshot {
  const failed = <T>(what: string, reading: Reading<T>): Reading<T> => {
    const state = pairs.get(what);
    if (state === undefined) return reading;
    const why = 'timed out after 10 s';
    if (state === 'unknown' || reading.state === 'unknown') return { state: 'unknown', why };
    if (state === 'stale') return { ...reading, state: 'stale', why };
    throw new Error(`a reading is stale or unknown, not ${state}`);
  };
  return {
    ...snapshot,
    queue: failed('queue', snapshot.queue),
    nodes: failed('nodes', snapshot.nodes),
    tasks: failed('tasks', snapshot.tasks),
  };
}

/** As the loop's memory does: since when each of our nodes has been missing, up or unwell. */
function withHistory(snapshot: Snapshot): Snapshot {
  const { nodes, intents, nowMs } = snapshot;
  if (nodes.state !== 'fresh') return snapshot;
  const tasks = valueOf(snapshot.tasks, []);
  const history = intents.map(({ taskId, nodeName }) => {
    const before = snapshot.history[taskId];
    const node = nodes.value.find(({ name }) => name === nodeName);
    const task = tasks.find(({ id }) => id === taskId);
    const isWell = node !== undefined && isReachable(node) && task?.healthy !== false;
    const isUp = isWell && task?.state === 'TASK_RUNNING' && !node.states.includes('offline');
    const now: NodeHistory = {
      absentSinceMs: node === undefined ? (before?.absentSinceMs ?? nowMs) : null,
      upAtMs: before?.upAtMs ?? (isUp ? nowMs : null),
      unwellSinceMs: isWell ? null : (before?.unwellSinceMs ?? nowMs),
    };
    return [taskId, now] as const;
  });
  return { ...snapshot, history: Object.fromEntries(history) };
}

/** As the loop's memory does: since when each node has been seen without jobs, without a break. */
function withIdleTimes(snapshot: Snapshot): Snapshot {
  const { nodes, nowMs, idleSinceMs } = snapshot;
  if (nodes.state !== 'fresh') return snapshot;
  const idle = nodes.value
    .filter((node) => node.jobs.length === 0)
    .map((node) => [node.name, idleSinceMs[node.name] ?? nowMs] as const);
  return { ...snapshot, idleSinceMs: Object.fromEntries(idle) };
}
