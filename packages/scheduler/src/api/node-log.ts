/**
 * The end of a node's log, read from its agent when somebody looks. What was read is kept for a moment, so that many who
 * look at one node cost one question; questions under way at once are limited.
 */
import { unreachable } from '@mesos-torque/common/units.ts';
import type { GetNodeLogRequest, GetNodeLogResponse } from '@mesos-torque/proto/gen/control/v1/messages.ts';
import type { FileTail, Outcome, Problem, SandboxPort } from '../loop/ports.ts';
import { ControlError } from './control-error.ts';
import { logLines } from './log-lines.ts';
import { invalid } from './order-words.ts';
import type { Planned } from './plan-view.ts';

export interface NodeLogParts {
  readonly sandboxes: () => SandboxPort | null;
  /** Throws UNAVAILABLE before the first plan. */
  readonly planned: () => Planned;
  readonly nowMs: () => number;
}

export interface NodeLog {
  /** Remembers which task made each node. */
  note(planned: Planned): void;
  read(request: GetNodeLogRequest): Promise<GetNodeLogResponse>;
}

interface Place {
  readonly taskId: string;
  readonly agentId: string;
}

interface Kept {
  readonly atMs: number;
  readonly answer: Promise<Outcome<FileTail>>;
}

const linesDefault = 100;
const linesMax = 1_000;
const bytesMax = 64 * 1024;
/** A page that is open asks about once in so long. */
const keptMs = 2_000;
const keptMax = 50;
const askingMax = 8;
/** Nodes whose last task is remembered after their end. */
const nodesMax = 5_000;

export function createNodeLog({ sandboxes, planned, nowMs }: NodeLogParts): NodeLog {
  const places = new Map<string, Place>();
  const kept = new Map<string, Kept>();
  let asking = 0;

  function tailOf(
    sandbox: SandboxPort,
    frameworkId: string,
    { taskId, agentId }: Place,
    file: LogFile,
  ): Kept {
    const key = `${taskId} ${file}`;
    const before = kept.get(key);
    if (before !== undefined && nowMs() - before.atMs < keptMs) return before;
    if (asking >= askingMax) {
      throw new ControlError(
        'RESOURCE_EXHAUSTED',
        'TOO_MANY_LOGS',
        `${String(askingMax)} logs are being read at this moment; try again`,
      );
    }
    asking += 1;
    const answer = sandbox
      .readTail({ frameworkId, agentId, executorId: taskId, file, bytesMax })
      .finally(() => {
        asking -= 1;
      });
    const now: Kept = { atMs: nowMs(), answer };
    kept.delete(key);
    kept.set(key, now);
    const [oldest] = kept.keys();
    if (kept.size > keptMax && oldest !== undefined) kept.delete(oldest);
    return now;
  }

  return {
    note({ snapshot }) {
      for (const { nodeName, taskId, agentId } of snapshot.intents) {
        if (places.get(nodeName)?.taskId === taskId) continue;
        places.delete(nodeName);
        places.set(nodeName, { taskId, agentId });
        const [oldest] = places.keys();
        if (places.size > nodesMax && oldest !== undefined) places.delete(oldest);
      }
    },
    async read(request) {
      const file = fileOf(request.file);
      const lines = linesOf(request.linesMax);
      const node = request.node.toLowerCase();
      const { snapshot, plan } = planned();
      const place = places.get(node);
      if (place === undefined) throw noPlace(node, plan.report.nodes);
      const sandbox = sandboxes();
      const { frameworkId } = snapshot.mesos;
      if (sandbox === null || frameworkId === null) {
        throw new ControlError('UNAVAILABLE', 'NOT_RULING', 'there is no connection to Mesos yet');
      }
      const { atMs, answer } = tailOf(sandbox, frameworkId, place, file);
      const tail = await answer;
      if (!tail.ok) throw noTail(node, tail.problem);
      const { agent, text, bytes, offset } = tail.value;
      return {
        node,
        ...place,
        agent,
        file,
        ...logLines(text, offset === 0, lines),
        bytes: BigInt(bytes),
        readAtMs: BigInt(atMs),
      };
    },
  };
}

type LogFile = 'stderr' | 'stdout';

function fileOf(file: string): LogFile {
  if (file === '' || file === 'stderr') return 'stderr';
  if (file === 'stdout') return 'stdout';
  throw invalid('FILE_UNKNOWN', `file: "${file}" is neither stderr nor stdout`);
}

function linesOf(lines: number): number {
  if (lines > linesMax) throw invalid('TOO_MANY_LINES', `lines_max: at most ${String(linesMax)}`);
  return lines === 0 ? linesDefault : lines;
}

function noPlace(node: string, nodes: readonly { readonly node: string }[]): ControlError {
  if (nodes.some((one) => one.node === node)) {
    const why = `node ${node} has no task of ours: its log is on its own host`;
    return new ControlError('FAILED_PRECONDITION', 'NODE_NOT_OURS', why);
  }
  return new ControlError('NOT_FOUND', 'NODE_UNKNOWN', `there is no node ${node}`);
}

function noTail(node: string, { kind, detail }: Problem): ControlError {
  const message = `the log of ${node} could not be read: ${detail}`;
  switch (kind) {
    case 'unreachable':
    case 'timed-out':
      return new ControlError('UNAVAILABLE', 'AGENT_SILENT', message);
    case 'not-found':
      return new ControlError('NOT_FOUND', 'LOG_GONE', message);
    case 'refused':
    case 'conflict':
    case 'theirs':
      return new ControlError('FAILED_PRECONDITION', 'LOG_REFUSED', message);
    case 'garbled':
      return new ControlError('INTERNAL', 'LOG_UNREADABLE', message);
    default:
      return unreachable(kind);
  }
}
