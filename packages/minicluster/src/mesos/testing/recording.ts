/** A recorded session of a real scheduler with a real master, in the order in which it happened. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { RecordDecoder } from '@mesos-torque/common/recordio.ts';
import { type JsonEvent } from './raw-client.ts';

export interface RecordedCall {
  readonly kind: 'call';
  readonly n: number;
  readonly ms: number;
  readonly who: string;
  readonly label: string;
  readonly method: string;
  readonly path: string;
  /** Null where the recording says "as usual". */
  readonly headers: Readonly<Record<string, string>> | null;
  readonly body: string;
  readonly status: number;
  readonly answer: string;
  /** The answer was a stream that the scheduler went on reading. */
  readonly isStream: boolean;
  readonly streamId: string | null;
}

export type RecordedStep =
  | RecordedCall
  | { readonly kind: 'event'; readonly ms: number; readonly who: string; readonly event: JsonEvent }
  | { readonly kind: 'note'; readonly ms: number; readonly text: string };

const fixtures = fileURLToPath(new URL('../../../../../fixtures/mesos/', import.meta.url));

export function readRecording(name: string): RecordedStep[] {
  const directory = `${fixtures}${name}/`;
  const calls = jsonLines(`${directory}calls.jsonl`).map((line) => callOf(line));
  const steps = [...calls, ...eventsAndNotes(directory, jsonLines(`${directory}calls.jsonl`))];
  // Two things within one millisecond: what came is told before what went.
  const rank = { note: 0, event: 1, call: 2 };
  return steps.sort((a, b) => a.ms - b.ms || rank[a.kind] - rank[b.kind]);
}

/** A request that a recorded executor made to see it refused, and the answer. */
export interface ExecutorProbe {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly status: number;
  readonly answer: string;
}

export function recordedProbes(name: string): ExecutorProbe[] {
  const lines = jsonLines(`${fixtures}${name}/timeline.jsonl`) as RawProbe[];
  return lines
    .filter((line) => line.dir === 'probe')
    .map(({ request, response }) => ({ ...request, status: response.status, answer: response.body }));
}

interface RawProbe {
  readonly dir: string;
  readonly request: Omit<ExecutorProbe, 'status' | 'answer'>;
  readonly response: { readonly status: number; readonly body: string };
}

export interface RecordedAgent {
  readonly n: number;
  readonly hostname: string;
  readonly resources: string;
  readonly attributes: string;
}

/** How the agents of a recording were started. */
export function recordedAgents(name: string): RecordedAgent[] {
  const flags = JSON.parse(readFileSync(`${fixtures}${name}/flags.json`, 'utf8')) as {
    readonly agents: Readonly<Record<string, Omit<RecordedAgent, 'n'>>>;
  };
  return Object.entries(flags.agents).map(([n, agent]) => ({ ...agent, n: Number(n) }));
}

interface RawCall {
  readonly n: number;
  readonly ms: number;
  readonly who: string;
  readonly label?: string;
  readonly request: {
    readonly method: string;
    readonly path: string;
    readonly headers: Readonly<Record<string, string>> | string;
    readonly body?: unknown;
    readonly body_text?: string;
    readonly body_base64?: string;
  };
  readonly response: {
    readonly status: number;
    readonly headers?: Readonly<Record<string, string>>;
    readonly body?: string;
    readonly stream?: string;
  };
}

function callOf(line: unknown): RecordedCall {
  const { n, ms, who, label = '', request, response } = line as RawCall;
  return {
    kind: 'call',
    n,
    ms,
    who,
    label,
    method: request.method,
    path: request.path,
    headers: typeof request.headers === 'string' ? null : request.headers,
    body: request.body === undefined ? (request.body_text ?? '') : JSON.stringify(request.body),
    status: response.status,
    answer: response.body ?? '',
    isStream: response.stream !== undefined,
    streamId: response.headers?.['Mesos-Stream-Id'] ?? null,
  };
}

interface RawTimeline {
  readonly ms: number;
  readonly dir: string;
  readonly who?: string;
  readonly text?: string;
}

/** The timeline says when; the stream files say what, in full. */
function eventsAndNotes(directory: string, calls: readonly unknown[]): RecordedStep[] {
  const streams = new Map<string, JsonEvent[]>();
  for (const { who, response } of calls as RawCall[]) {
    if (response.stream === undefined) continue;
    streams.set(who, [...(streams.get(who) ?? []), ...records(directory + response.stream)]);
  }
  return (jsonLines(`${directory}timeline.jsonl`) as RawTimeline[]).flatMap((line): RecordedStep[] => {
    const { ms, dir, who = '', text = '' } = line;
    if (dir === 'note') return [{ kind: 'note', ms, text }];
    if (dir !== 'in') return [];
    const event = streams.get(who)?.shift();
    if (event === undefined) throw new Error(`${directory}: the stream of ${who} has no record for ${ms} ms`);
    return [{ kind: 'event', ms, who, event }];
  });
}

function records(file: string): JsonEvent[] {
  const decoder = new RecordDecoder({ headerDigitsMax: 10, recordBytesMax: 64 * 1024 * 1024 });
  return decoder
    .push(readFileSync(file))
    .map((record) => JSON.parse(Buffer.from(record).toString('utf8')) as JsonEvent);
}

function jsonLines(file: string): unknown[] {
  return readFileSync(file, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as unknown);
}
