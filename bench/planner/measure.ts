/** Measures one row of the benchmark, in a process that does nothing else. */
import { closeSync, openSync, readFileSync, readSync } from 'node:fs';
import process from 'node:process';
import { setImmediate as turn } from 'node:timers/promises';
import { systemClock } from '../../packages/common/src/clock.ts';
import type { Plan } from '../../packages/scheduler/src/core/decisions.ts';
import type { JobFacts } from '../../packages/scheduler/src/core/facts.ts';
import { inSlices } from '../../packages/scheduler/src/loop/in-slices.ts';
import { nodesRead, queueRead, toSnapshot, type Memory } from '../../packages/scheduler/src/loop/memory.ts';
import { corePlanner } from '../../packages/scheduler/src/loop/planner.ts';
import type { Outcome } from '../../packages/scheduler/src/loop/ports.ts';
import type { OutputParser } from '../../packages/scheduler/src/torque/parsing.ts';
import { pbsnodesParser } from '../../packages/scheduler/src/torque/pbsnodes.ts';
import { knownLists, qstatParser } from '../../packages/scheduler/src/torque/qstat.ts';
import { startBlockProbe } from './block-probe.ts';
import { startStopwatch } from './stopwatch.ts';
import { parseDom } from './naive-dom.ts';
import { benchNowMs, benchPolicy, surroundings } from './world.ts';

/** What one process is to measure: the texts are files, so that making them costs it nothing. */
export interface RowTask {
  readonly what: 'ours' | 'naive';
  readonly qstatFile: string;
  readonly pbsnodesFile: string;
  readonly offers: number;
  readonly rounds: number;
}

/** Medians of the rounds; the peak of memory and the longest block are those of the whole process. */
export interface Measured {
  readonly parseMs: number;
  readonly planMs: number;
  readonly rssMiB: number;
  readonly blockMsMax: number;
}

export async function measure(task: RowTask): Promise<Measured> {
  return task.what === 'ours' ? await measureOurs(task) : measureNaive(task);
}

async function measureOurs(task: RowTask): Promise<Measured> {
  const parseMs: number[] = [];
  const planMs: number[] = [];
  let memory: Memory | null = null;
  let jobs: readonly JobFacts[] = [];
  const lists = knownLists();
  let blockMsMax = 0;
  // The probe costs time itself, so the first round and the last are for it, and those between are timed.
  for (let round = 0; round < task.rounds + 2; round += 1) {
    const isProbed = round === 0 || round > task.rounds;
    const probe = isProbed ? startBlockProbe() : null;
    // As in the loop, the reading before is held until the next one is whole.
    const queue = await parsedInPieces(task.qstatFile, qstatParser(jobs, lists));
    jobs = queue.value.jobs;
    const nodes = await parsedInPieces(task.pbsnodesFile, pbsnodesParser());
    if (!isProbed) parseMs.push(queue.ms + nodes.ms);
    memory ??= surroundings(nodes.value, task.offers);
    const planning = startStopwatch();
    // Two commands end at two moments, and planning follows in a turn of its own.
    memory = queueRead(memory, benchNowMs, queue.value);
    await turn();
    memory = nodesRead(memory, nodes.value, benchNowMs, benchNowMs);
    await turn();
    await planned(memory);
    if (!isProbed) planMs.push(planning.elapsedMs());
    blockMsMax = Math.max(blockMsMax, probe?.stop() ?? 0);
  }
  return {
    parseMs: median(parseMs),
    planMs: median(planMs),
    rssMiB: process.resourceUsage().maxRSS / 1024,
    blockMsMax,
  };
}

/** Pieces of 64 kB, one in each turn, as `runCommand` gives them. Getting them is not part of the time. */
async function parsedInPieces<T>(
  file: string,
  parser: OutputParser<T>,
): Promise<{ readonly value: T; readonly ms: number }> {
  const fd = openSync(file, 'r');
  let ms = 0;
  const timed = <R>(act: () => R): R => {
    const watch = startStopwatch();
    const result = act();
    ms += watch.elapsedMs();
    return result;
  };
  for (;;) {
    const piece = Buffer.allocUnsafe(pieceBytes);
    const length = readSync(fd, piece);
    if (length === 0) break;
    timed(() => {
      parser.push(piece.subarray(0, length));
    });
    await turn();
  }
  closeSync(fd);
  return { value: valueOf(timed(() => parser.end())), ms };
}

const pieceBytes = 64 * 1024;

function valueOf<T>(outcome: Outcome<T>): T {
  if (outcome.ok) return outcome.value;
  throw new Error(`bench planner: ${outcome.problem.detail}`);
}

async function planned(memory: Memory): Promise<Plan> {
  const snapshot = toSnapshot(memory, benchNowMs);
  const plan = await inSlices(corePlanner.plan(snapshot, benchPolicy), systemClock);
  const broken = await inSlices(corePlanner.checkPlan(snapshot, benchPolicy, plan), systemClock);
  if (broken.length > 0)
    throw new Error(`bench planner: the plan breaks rules: ${broken.slice(0, 3).join('; ')}`);
  return plan;
}

function measureNaive(task: RowTask): Measured {
  const parseMs: number[] = [];
  for (let round = 0; round < task.rounds; round += 1) {
    const reading = startStopwatch();
    parseDom(readFileSync(task.qstatFile, 'utf8'));
    parseDom(readFileSync(task.pbsnodesFile, 'utf8'));
    parseMs.push(reading.elapsedMs());
  }
  return {
    parseMs: median(parseMs),
    planMs: 0,
    rssMiB: process.resourceUsage().maxRSS / 1024,
    blockMsMax: 0,
  };
}

function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? 0;
}
