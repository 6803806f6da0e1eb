/**
 * Scenarios as plain text: a snapshot in a small notation, and what the plan says of it. One line is one
 * thing, the first word its kind, the rest `key=value` pairs; times are seconds before (or with `+` after)
 * the story's moment.
 *
 *     policy minSlotsHeld=1 nodes=4 idleS=300
 *     job 42 nodes=3:ppn=2 mem=500 state=queued comment="Not Running: …"
 *     static s1 np=4 states=free properties=a,b jobs=7
 *     node n1 np=2 phase=up idle=400 jobs=7
 *     queue batch maxRunning=10 maxUserRun=4 nodect=8 started=no
 *     server maxRunning=20
 *     offer a1 cpus=4 mem=4000 gpus=1 attributes=rack:7 age=10
 *     reading queue=stale
 *     mesos suppressed=yes
 *     trouble …, quota …, maintenance …: see `scenario-conditions.ts`
 *     wish hold who=ada why="…" | wish drain node=n1 deadline=+60 force=yes | wish drain agent=a | wish limits min=1 max=4
 */
import type { Plan } from '../decisions.ts';
import type {
  JobFacts,
  JobState,
  NodeRequest,
  NodeStateWord,
  OfferFacts,
  Snapshot,
  TorqueNode,
} from '../facts.ts';
import type { Policy } from '../policy.ts';
import { noAmounts, noLimits, nothingLimited, type Limiting, type RunLimits } from '../settings.ts';
import type { DrainTarget, DrainWish, Wish, Wishes } from '../wishes.ts';
import {
  aJob,
  aNode,
  anIntent,
  anOffer,
  aPolicy,
  aQueue,
  aSnapshot,
  aStartingTask,
  aTask,
  ourNode,
  stale,
  storyMs,
  unknown,
} from './builders.ts';
import { readConditions, readTrouble } from './scenario-conditions.ts';

export interface Scenario {
  readonly snapshot: Snapshot;
  readonly policy: Policy;
}

type Pairs = Readonly<Record<string, string>>;

interface Line {
  readonly kind: string;
  readonly name: string;
  readonly pairs: Pairs;
}

export function readScenario(text: string): Scenario {
  const lines = text
    .split('\n')
    .filter((line) => line.trim() !== '' && !line.startsWith('#'))
    .map(readLine);
  const of = (kind: string): Line[] => lines.filter((line) => line.kind === kind);
  const ours = of('node').map(ourTrio);
  const readings = of('reading')[0]?.pairs ?? {};
  const jobs = of('job').map(readJob);
  const nodes = [...of('static').map(readStatic), ...ours.flatMap((one) => one.node)];
  const base = aSnapshot({
    jobs,
    nodes,
    tasks: ours.flatMap((one) => one.task),
    intents: ours.map((one) => one.intent),
    offers: of('offer').map(readOffer),
    settings: readSettings(of('queue'), of('server')[0]?.pairs ?? {}),
    idleSinceMs: Object.fromEntries(ours.flatMap((one) => one.idle)),
    wishes: readWishes(of('wish')),
    trouble: of('trouble').map(readTrouble),
    conditions: readConditions(of('quota')[0], of('maintenance')),
    mesos: {
      connected: of('mesos')[0]?.pairs['connected'] !== 'no',
      suppressed: of('mesos')[0]?.pairs['suppressed'] === 'yes',
    },
  });
  const snapshot: Snapshot = {
    ...base,
    queue:
      readings['queue'] === 'stale'
        ? stale({ jobs })
        : readings['queue'] === 'unknown'
          ? unknown()
          : base.queue,
    settings:
      readings['settings'] === 'stale'
        ? stale(readSettings(of('queue'), of('server')[0]?.pairs ?? {}))
        : readings['settings'] === 'unknown'
          ? unknown()
          : base.settings,
    nodes:
      readings['nodes'] === 'stale' ? stale(nodes) : readings['nodes'] === 'unknown' ? unknown() : base.nodes,
  };
  return { snapshot, policy: readPolicy(of('policy').map(({ pairs }) => pairs)) };
}

function readWishes(lines: readonly Line[]): Wishes {
  const wish = ({ pairs }: Line): Wish => ({
    who: pairs['who'] ?? 'ada',
    why: pairs['why'] ?? 'a new disk',
    sinceMs: storyMs - 60_000,
  });
  const drain = (line: Line): DrainWish => {
    const { node, agent, deadline, force } = line.pairs;
    const target: DrainTarget =
      node === undefined ? { kind: 'agent', agentId: agent ?? '' } : { kind: 'node', node };
    const deadlineMs = deadline === undefined ? null : storyMs + 1000 * Number(deadline);
    return { ...wish(line), target, deadlineMs, force: force === 'yes' };
  };
  const hold = lines.find(({ name }) => name === 'hold');
  const limits = lines.find(({ name }) => name === 'limits');
  const whole = (text: string | undefined): number | null => (text === undefined ? null : Number(text));
  return {
    growthHeld: hold === undefined ? null : wish(hold),
    drains: lines.filter(({ name }) => name === 'drain').map(drain),
    limits:
      limits === undefined
        ? null
        : {
            ...wish(limits),
            nodesMin: whole(limits.pairs['min']),
            nodesMax: whole(limits.pairs['max']),
          },
  };
}

function readLine(line: string): Line {
  const words = line.match(/(?:[^\s"]|"[^"]*")+/g) ?? [];
  const [kind = '', ...rest] = words;
  const named = rest[0]?.includes('=') === false || /^\d+$/.test(rest[0] ?? '=');
  const pairs = named ? rest.slice(1) : rest;
  return { kind, name: named ? (rest[0] ?? '') : '', pairs: Object.fromEntries(pairs.map(readPair)) };
}

function readPair(word: string): readonly [string, string] {
  const at = word.indexOf('=');
  if (at < 0) throw new Error(`not a pair: ${word}`);
  return [word.slice(0, at), word.slice(at + 1).replaceAll('"', '')];
}

function number(pairs: Pairs, key: string, otherwise: number): number {
  const text = pairs[key];
  return text === undefined ? otherwise : Number(text);
}

function list(pairs: Pairs, key: string): readonly string[] {
  const text = pairs[key];
  return text === undefined ? [] : text.split(',');
}

function readPolicy(all: readonly Pairs[]): Policy {
  const pairs: Pairs = Object.assign({}, ...all) as Pairs;
  const limit = (key: string, times = 1): number | null => {
    const text = pairs[key];
    return text === undefined ? null : Number(text) * times;
  };
  return aPolicy({
    minSlotsHeld: number(pairs, 'minSlotsHeld', 0),
    npMax: number(pairs, 'npMax', 64),
    nodeSize: pairs['nodeSize'] === 'whole' ? 'whole' : 'fit',
    propertyAttributes: list(pairs, 'propertyAttributes'),
    placeholderNodes: list(pairs, 'placeholderNodes'),
    launchesInFlightMax: number(pairs, 'launchesInFlightMax', 100),
    quarantineFailures: number(pairs, 'quarantineFailures', 100),
    safeAllocation: {
      cpuMilli: limit('cpus', 1000),
      memMib: limit('mem'),
      diskMib: null,
      gpus: limit('gpus'),
      nodes: limit('nodes'),
    },
  });
}

/** Not looked at, unless the story names a queue. */
function readSettings(queues: readonly Line[], server: Pairs): Limiting {
  if (queues.length === 0) return nothingLimited;
  return {
    kind: 'settings',
    server: readLimits(server),
    queues: queues.map(({ name, pairs }) =>
      aQueue(name, {
        ...readLimits(pairs),
        isStarted: pairs['started'] !== 'no',
        kind: pairs['kind'] === 'route' ? 'route' : 'execution',
        propertiesRequired: list(pairs, 'requires'),
      }),
    ),
  };
}

function readLimits(pairs: Pairs): RunLimits {
  const limit = (key: string): number | null => (pairs[key] === undefined ? null : Number(pairs[key]));
  return {
    ...noLimits,
    maxRunning: limit('maxRunning'),
    maxUserRun: limit('maxUserRun'),
    maxGroupRun: limit('maxGroupRun'),
    available: { ...noAmounts, nodect: limit('nodect') },
  };
}

/** `3:ppn=2:bigmem+1:ppn=8`, a host name in place of a count, or `procs=…` as its own pair. */
function readJob({ name, pairs }: Line): JobFacts {
  const procs = pairs['procs'];
  const memory = number(pairs, 'mem', 0);
  return aJob(name.includes('[') ? `${name}.head` : Number(name), {
    request:
      procs === undefined
        ? {
            kind: 'nodes',
            parts: (pairs['nodes'] ?? '1').split('+').map(readPart),
            memMibPerNode: memory,
            memMibPerSlot: 0,
            exclusive: pairs['exclusive'] === 'yes',
          }
        : { kind: 'procs', slots: Number(procs), memMibPerSlot: memory },
    state: (pairs['state'] ?? 'queued') as JobState,
    owner: pairs['owner'] ?? 'ada',
    queue: pairs['queue'] ?? 'batch',
    holds: pairs['holds'] ?? '',
    depend: pairs['depend'] ?? null,
    counted: { ...noAmounts, nodect: pairs['nodect'] === undefined ? null : Number(pairs['nodect']) },
    execGpus: readGpus(pairs['execGpus'] ?? ''),
    comment: pairs['comment'] ?? null,
    execNodes: list(pairs, 'on'),
    queuedAtMs: storyMs - 1000 * number(pairs, 'age', 10),
    arraySlotLimit: pairs['slotLimit'] === undefined ? null : Number(pairs['slotLimit']),
    isArrayTemplate: name.includes('[]'),
  });
}

/** `s1:2,s2:1`: two gpus on s1, one on s2. */
function readGpus(text: string): JobFacts['execGpus'] {
  if (text === '') return {};
  return Object.fromEntries(
    text.split(',').map((word): [string, number] => {
      const [node = '', count] = word.split(':');
      return [node, Number(count)];
    }),
  );
}

function readPart(text: string): NodeRequest {
  const [head = '1', ...rest] = text.split(':');
  const isCount = /^\d+$/.test(head);
  const value = (key: string, otherwise: number): number => {
    const found = rest.find((word) => word.startsWith(`${key}=`));
    return found === undefined ? otherwise : Number(found.slice(key.length + 1));
  };
  return {
    count: isCount ? Number(head) : 1,
    ppn: value('ppn', 1),
    gpus: value('gpus', 0),
    properties: rest.filter((word) => !word.includes('=')),
    host: isCount ? null : head,
  };
}

function readStatic({ name, pairs }: Line): TorqueNode {
  return aNode(name, {
    np: number(pairs, 'np', 2),
    gpus: number(pairs, 'gpus', 0),
    states: statesOf(pairs),
    properties: list(pairs, 'properties'),
    jobs: list(pairs, 'jobs').map((id) => ({ jobId: `${id}.head`, slots: 1 })),
    memMib: pairs['mem'] === undefined ? null : Number(pairs['mem']),
  });
}

function statesOf(pairs: Pairs): readonly NodeStateWord[] {
  return pairs['states'] === undefined ? ['free'] : (list(pairs, 'states') as NodeStateWord[]);
}

interface OurTrio {
  readonly intent: Snapshot['intents'][number];
  readonly task: ReturnType<typeof aTask>[];
  readonly node: TorqueNode[];
  readonly idle: (readonly [string, number])[];
}

/** `phase` launching, starting, registering, up (also: offline, of an administrator), draining, leaving, ended. */
function ourTrio({ name, pairs }: Line, index: number): OurTrio {
  const phase = pairs['phase'] ?? 'up';
  const since = storyMs - 1000 * number(pairs, 'since', 5);
  const why = pairs['why'] ?? 'idle for 300 s, 300 s are allowed';
  const goal = phase === 'draining' ? 'drain' : phase === 'leaving' ? 'leave' : 'hold';
  const intent = anIntent(name, {
    serial: index + 1,
    np: number(pairs, 'np', 2),
    properties: list(pairs, 'properties'),
    launchedAtMs: since,
    goal: goal === 'hold' ? { kind: 'hold' } : { kind: goal, sinceMs: since, why },
  });
  const jobs = list(pairs, 'jobs').map((id) => ({ jobId: `${id}.head`, slots: 1 }));
  const inTorque = (states: readonly NodeStateWord[]): TorqueNode[] => [
    ourNode(intent, { states: pairs['states'] === undefined ? states : statesOf(pairs), jobs }),
  ];
  const starting = aStartingTask(intent, { sinceMs: since });
  const running = aTask(intent, { sinceMs: since });
  const idle = pairs['idle'] === undefined ? [] : [[name, storyMs - 1000 * Number(pairs['idle'])] as const];
  switch (phase) {
    case 'launching':
      return { intent, task: [], node: [], idle };
    case 'starting':
      return { intent, task: [starting], node: [], idle };
    case 'registering':
      return { intent, task: [starting], node: inTorque(['down']), idle };
    case 'offline':
    case 'draining':
      return { intent, task: [running], node: inTorque(['offline']), idle };
    case 'leaving':
      return { intent, task: [running], node: [], idle };
    case 'ended':
      return {
        intent,
        task: [{ ...running, state: 'TASK_FAILED', message: 'pbs_mom exited 3' }],
        node: inTorque(['free']),
        idle,
      };
    case 'up':
      return { intent, task: [running], node: inTorque(['free']), idle };
    default:
      throw new Error(`not a phase: ${phase}`);
  }
}

function readOffer({ name, pairs }: Line): OfferFacts {
  const attributes = Object.fromEntries(
    list(pairs, 'attributes').map((word) => word.split(':') as [string, string]),
  );
  return anOffer(name, {
    resources: {
      cpuMilli: 1000 * number(pairs, 'cpus', 4),
      memMib: number(pairs, 'mem', 4_000),
      gpus: number(pairs, 'gpus', 0),
    },
    attributes,
    receivedAtMs: storyMs - 1000 * number(pairs, 'age', 0),
    unavailableFromMs:
      pairs['maintenanceIn'] === undefined ? null : storyMs + 1000 * Number(pairs['maintenanceIn']),
  });
}

/** Decisions in their order, then the verdicts, one line each. */
export function showPlan({ decisions, report }: Plan): string {
  const lines = [
    ...decisions.map((decision) => `${decision.kind} ${subject(decision)}: ${decision.why.text}`),
    ...report.notices.map((notice) => `  notice: ${notice.text}`),
    ...report.jobs.map((job) => `  job ${job.jobId} ${job.kind}: ${job.why.text}`),
    ...report.nodes.map((node) => `  node ${node.node} ${node.phase}: ${node.why.text}`),
    ...report.offers.map((offer) => `  offer ${offer.offerId} ${offer.kind}: ${offer.why.text}`),
    ...(report.wakeAtMs === null ? [] : [`  wakes in ${(report.wakeAtMs - storyMs) / 1000} s`]),
  ];
  return lines.map((line) => line.replaceAll(' :', ':')).join('\n');
}

function subject(decision: Plan['decisions'][number]): string {
  switch (decision.kind) {
    case 'launch': {
      const { nodeName, np, resources } = decision.intent;
      return `${nodeName} np=${np} cpus=${resources.cpuMilli / 1000} mem=${resources.memMib}`;
    }
    case 'decline':
      return `${decision.offerIds.join(' ')} for ${decision.refuseS} s`;
    case 'create-node':
    case 'start-mom':
    case 'offline':
    case 'online':
    case 'delete-node':
    case 'forget':
      return decision.node;
    case 'kill-task':
      return decision.taskId;
    case 'suppress':
    case 'revive':
    case 'kick-scheduler':
      return '';
  }
}
