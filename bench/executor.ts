/**
 * What the executor costs an agent: its size, its memory, its processor time and how soon it is there, beside a
 * Node that does nothing. It is run as an agent runs it: from the archive, unpacked by tar, in a sandbox, with an
 * agent on loopback and small programs in TORQUE's place. Linux only: the numbers come from /proc.
 *
 *     executor [FILE.tar.gz] [--quick] [--json]
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { setTimeout as delay } from 'node:timers/promises';
import { runCommand } from '../packages/common/src/run-command.ts';
import { AgentServer } from '../packages/executor/src/testing/agent-server.ts';
import { ordersWith, taskId } from '../packages/executor/src/testing/fakes.ts';
import { writeFakeTorque } from '../packages/executor/src/testing/fake-torque.ts';

interface Footprint {
  readonly residentMib: number;
  readonly anonymousMib: number;
}

interface Row {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  /** Of a bare Node; null where there is nothing to compare. */
  readonly bare: number | null;
  /** What we aim to stay below. */
  readonly aim: number | null;
}

const startsDefault = 10;
const settleMs = 2000;
/** Until the mom has been asked how it is for the second time, and code was compiled that runs again and again. */
const warmMs = 12_000;
/** The clock of /proc/PID/stat, on every Linux that there is. */
const msPerTick = 10;

export async function run(args: readonly string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: { quick: { type: 'boolean', default: false }, json: { type: 'boolean', default: false } },
    allowPositionals: true,
  });
  if (process.platform !== 'linux') throw new Error('bench executor: reads /proc, which only Linux has');
  const dir = await mkdtemp(path.join(os.tmpdir(), 'bench-executor-'));
  try {
    const archive = positionals[0] ?? archiveBuilt();
    const rows = await measure(dir, path.resolve(archive), values.quick ? 10_000 : 60_000);
    const [load = 0] = os.loadavg();
    const processors = os.availableParallelism();
    if (values.json) console.log(JSON.stringify({ archive, load, processors, rows }, null, 2));
    else console.log(table(rows));
    if (load > processors)
      console.error(
        `this machine is busy (load ${load.toFixed(1)} on ${processors} processors): times are longer`,
      );
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

function archiveBuilt(): string {
  const file = path.join(import.meta.dirname, `../dist/torque-executor-linux-${process.arch}.tar.gz`);
  if (existsSync(file)) return file;
  throw new Error(`bench executor: there is no ${file}; make it with "npm run build"`);
}

async function measure(dir: string, archive: string, idleMs: number): Promise<readonly Row[]> {
  await mkdir(path.join(dir, 'bin'));
  await writeFakeTorque(path.join(dir, 'bin'));
  await unpack(archive, dir);
  const program = path.join(dir, 'torque-executor');
  const starts: Start[] = [];
  for (let count = 0; count < startsDefault; count += 1) starts.push(await timeToStart(dir, program));
  const tookMs = starts.map((start) => start.tookMs);
  const bare = await bareNode(dir);
  const { waiting, running, idleShare } = await footprints(dir, program, idleMs);
  const mb = 1e6;
  return [
    { name: 'archive', value: (await stat(archive)).size / mb, unit: 'MB', bare: null, aim: 42 },
    {
      name: 'unpacked',
      value: (await stat(program)).size / mb,
      unit: 'MB',
      bare: (await stat(process.execPath)).size / mb,
      aim: null,
    },
    {
      name: 'resident, waiting to start its mom',
      value: waiting.residentMib,
      unit: 'MiB',
      bare: bare.residentMib,
      aim: 80,
    },
    { name: 'resident, with a mom', value: running.residentMib, unit: 'MiB', bare: null, aim: 80 },
    {
      name: 'anonymous, waiting to start its mom',
      value: waiting.anonymousMib,
      unit: 'MiB',
      bare: bare.anonymousMib,
      aim: 40,
    },
    { name: 'anonymous, with a mom', value: running.anonymousMib, unit: 'MiB', bare: null, aim: 40 },
    {
      name: `processor, idle with a mom for ${idleMs / 1000} s`,
      value: idleShare * 100,
      unit: '% of a core',
      bare: null,
      aim: 0.5,
    },
    { name: 'exec to TASK_STARTING, median', value: median(tookMs), unit: 'ms', bare: null, aim: 400 },
    { name: 'exec to TASK_STARTING, worst', value: Math.max(...tookMs), unit: 'ms', bare: null, aim: 400 },
    {
      name: 'processor time until then, median',
      value: median(starts.map(({ cpuMs }) => cpuMs)),
      unit: 'ms',
      bare: null,
      aim: null,
    },
  ];
}

async function unpack(archive: string, dir: string): Promise<void> {
  const result = await runCommand(['tar', '-C', dir, '-xf', archive], {
    timeoutMs: 60_000,
    outputBytesMax: 65_536,
  });
  if (result.kind !== 'exit' || result.code !== 0) throw new Error(`unpacking ${archive}: ${result.kind}`);
}

interface Started {
  readonly agent: AgentServer;
  readonly child: ChildProcess;
  readonly pid: number;
}

async function start(dir: string, program: string): Promise<Started> {
  const agent = new AgentServer();
  const endpoint = await agent.listen();
  const sandbox = await mkdtemp(path.join(dir, 'sandbox-'));
  const child = spawn(program, [], {
    cwd: sandbox,
    env: {
      PATH: '/usr/bin:/bin',
      MESOS_AGENT_ENDPOINT: endpoint,
      MESOS_CHECKPOINT: '1',
      MESOS_DIRECTORY: sandbox,
      MESOS_SANDBOX: sandbox,
      MESOS_EXECUTOR_ID: 'bench',
      MESOS_FRAMEWORK_ID: 'bench',
      MESOS_EXECUTOR_SHUTDOWN_GRACE_PERIOD: '3secs',
      MESOS_RECOVERY_TIMEOUT: '15mins',
      MESOS_SUBSCRIPTION_BACKOFF_MAX: '2secs',
    },
    stdio: 'ignore',
  });
  await once(child, 'spawn');
  if (child.pid === undefined) throw new Error(`${program} did not start`);
  return { agent, child, pid: child.pid };
}

/** The launch is waiting when the executor subscribes, as with a real agent. */
async function launch({ agent }: Started, dir: string): Promise<void> {
  await agent.until('the executor has subscribed', () => agent.subscriptions > 0);
  const port = 20_000 + Math.floor(Math.random() * 10_000);
  agent.launch(
    taskId,
    ordersWith({
      momServicePort: port,
      momManagerPort: port + 1,
      path: `${path.join(dir, 'bin')}:/usr/bin:/bin`,
      // As configured by default.
      healthIntervalMs: 10_000,
    }),
  );
  await agent.untilTold('TASK_STARTING');
}

async function end({ agent, child }: Started): Promise<void> {
  const exited = once(child, 'exit');
  agent.kill(taskId, 1000);
  await exited;
  await agent.close();
}

interface Start {
  readonly tookMs: number;
  /** Of all its threads; other work on the machine does not change it much. */
  readonly cpuMs: number;
}

async function timeToStart(dir: string, program: string): Promise<Start> {
  const beganMs = performance.now();
  const started = await start(dir, program);
  await launch(started, dir);
  const tookMs = performance.now() - beganMs;
  const cpuMs = await cpuMsOf(started.pid);
  await end(started);
  return { tookMs, cpuMs };
}

async function footprints(
  dir: string,
  program: string,
  idleMs: number,
): Promise<{ waiting: Footprint; running: Footprint; idleShare: number }> {
  const started = await start(dir, program);
  await launch(started, dir);
  await delay(settleMs);
  const waiting = await footprintOf(started.pid);
  started.agent.startMom(taskId);
  await started.agent.untilTold('TASK_RUNNING');
  await delay(warmMs);
  const beforeMs = await cpuMsOf(started.pid);
  await delay(idleMs);
  const idleShare = ((await cpuMsOf(started.pid)) - beforeMs) / idleMs;
  const running = await footprintOf(started.pid);
  await end(started);
  return { waiting, running, idleShare };
}

/** A program that waits, on the Node that runs us. */
async function bareNode(dir: string): Promise<Footprint> {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1e6)'], { cwd: dir, stdio: 'ignore' });
  await once(child, 'spawn');
  await delay(settleMs);
  const footprint = await footprintOf(child.pid ?? 0);
  child.kill();
  return footprint;
}

async function footprintOf(pid: number): Promise<Footprint> {
  const text = await readFile(`/proc/${pid}/smaps_rollup`, 'utf8');
  const mibOf = (name: string): number => {
    const kib = new RegExp(`^${name}:\\s+(?<kib>\\d+) kB`, 'm').exec(text)?.groups?.['kib'];
    if (kib === undefined) throw new Error(`/proc/${pid}/smaps_rollup has no ${name}`);
    return Number(kib) / 1024;
  };
  return { residentMib: mibOf('Rss'), anonymousMib: mibOf('Anonymous') };
}

/** User and system time are the 14th and 15th field; the name, in parentheses, may hold blanks. */
async function cpuMsOf(pid: number): Promise<number> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8');
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * msPerTick;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

function table(rows: readonly Row[]): string {
  const head = `${''.padEnd(40)}${'executor'.padStart(10)}${'bare node'.padStart(11)}${'aim'.padStart(8)}`;
  const lines = rows.map(({ name, value, unit, bare, aim }) =>
    [
      name.padEnd(40),
      value.toFixed(digitsFor(unit)).padStart(10),
      (bare === null ? '' : bare.toFixed(1)).padStart(11),
      (aim === null ? '' : `< ${aim}`).padStart(8),
      ` ${unit}`,
      aim !== null && value >= aim ? '  MISSED' : '',
    ].join(''),
  );
  return [head, ...lines].join('\n');
}

function digitsFor(unit: string): number {
  if (unit === 'ms') return 0;
  return unit === '% of a core' ? 2 : 1;
}
