/**
 * `pnpm bench growth --torque real --user NAME [--who both] [--nodes 1,4] [--repeats 5] [--restart kill] [--json]`: the time from qsub on
 * a cluster without nodes to the job running, by the framework and by hand in the fastest known order, on
 * the same hosts. Root and TORQUE's programs on the PATH are needed for `--torque real`; the stand-in has
 * no growth by hand. `--restart kill|qterm|site` ends pbs_server in the middle of each growth of the framework's and has it
 * started again. Beside each figure stands the machine's load of the last minute.
 */
import { chmod, mkdir, mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { buildExecutor } from '../packages/minicluster/src/build-executor.ts';
import { createCluster, type Cluster } from '../packages/minicluster/src/cluster.ts';
import { growByFramework } from '../packages/minicluster/src/growth/by-framework.ts';
import { growByHand } from '../packages/minicluster/src/growth/by-hand.ts';
import type { Growth } from '../packages/minicluster/src/growth/growth.ts';
import {
  restarts,
  torqueOptionsFor,
  type Restart,
} from '../packages/minicluster/src/growth/restart-server.ts';
import { httpGet } from '../packages/minicluster/src/http-get.ts';
import { waitUntil } from '../packages/minicluster/src/wait-until.ts';
import { untilInterrupted } from './shared/until-interrupted.ts';

const root = fileURLToPath(new URL('../', import.meta.url));

interface Options {
  readonly torque: 'stand-in' | 'real';
  readonly user: string;
  readonly nodes: readonly number[];
  readonly repeats: number;
  readonly who: 'framework' | 'hand' | 'both';
  /** Null: pbs_server is left alone. */
  readonly restart: Restart | null;
  readonly json: boolean;
}

export async function run(args: string[]): Promise<void> {
  const options = readOptions(args);
  const scratch = path.join(root, '.mesos-torque');
  await mkdir(scratch, { recursive: true });
  const dir = await mkdtemp(path.join(scratch, 'growth-'));
  // The real pbs_mom runs jobs as their owner, for whom every folder above its home must be open.
  await chmod(dir, 0o755);
  const cluster = await createCluster({
    dir,
    agents: Array.from({ length: Math.max(...options.nodes) }, () => ({
      cpus: 4,
      memMib: 4096,
      attributes: {},
    })),
    torque: options.torque,
    mesos: 'stand-in',
    user: options.user,
    executorFile: await buildExecutor(path.join(dir, 'torque-executor.mjs')),
    policy: {
      minSlotsHeld: 0,
      idleTime: '1s',
      npMax: 4,
      memPerSlot: '256MiB',
      minComputeNode: { np: 1, mem: '256MiB' },
    },
    frameworkTorque: torqueOptionsFor(options.restart),
  });
  const interrupted = untilInterrupted();
  const rows: Row[] = [];
  try {
    // What runs on the cluster's hosts outlives us unless it is ended, also where we are interrupted.
    await Promise.race([measureAll(cluster, options, rows), interrupted]);
  } finally {
    await cluster.stop();
    await cluster.clear();
  }
  show(rows, options);
  await rm(dir, { recursive: true, force: true });
}

async function measureAll(cluster: Cluster, options: Options, rows: Row[]): Promise<void> {
  await cluster.start();
  await setUpByFramework(cluster);
  await measured(cluster, options, rows);
}

function readOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      torque: { type: 'string', default: 'stand-in' },
      user: { type: 'string', default: '' },
      nodes: { type: 'string', default: '1,4' },
      repeats: { type: 'string', default: '5' },
      who: { type: 'string', default: 'both' },
      restart: { type: 'string', default: 'none' },
      json: { type: 'boolean', default: false },
    },
  });
  const torque = values.torque;
  if (torque !== 'real' && torque !== 'stand-in')
    throw new Error(`--torque ${torque}: give stand-in or real`);
  if (torque === 'real' && values.user === '')
    throw new Error('--torque real needs --user NAME: TORQUE takes no jobs from root');
  const numbers = [values.repeats, ...values.nodes.split(',')].map(Number);
  if (numbers.some((number) => !Number.isInteger(number) || number < 1 || number > 100))
    throw new Error('--nodes and --repeats are whole numbers from 1 to 100');
  const [repeats = 1, ...nodes] = numbers;
  const { who } = values;
  if (who !== 'framework' && who !== 'hand' && who !== 'both')
    throw new Error(`--who ${who}: give framework, hand or both`);
  const restart = restarts.find((one) => one === values.restart) ?? null;
  if (restart === null && values.restart !== 'none')
    throw new Error(`--restart ${values.restart}: give none, ${restarts.join(', ')}`);
  if (restart !== null && torque !== 'real') throw new Error('--restart needs --torque real');
  return { torque, user: values.user, nodes, repeats, who, restart, json: values.json };
}

/** pbs_server is set up by the framework for both: a job larger than the cluster stays queued. */
async function setUpByFramework(cluster: Cluster): Promise<void> {
  await cluster.framework.start();
  await waitUntil({ what: 'the framework is ready', timeoutMs: 30_000, everyMs: 100 }, () =>
    httpGet(cluster.head, cluster.framework.readyUrl),
  );
}

interface Row extends Growth {
  readonly who: 'framework' | 'by hand';
  readonly nodes: number;
  /** Of the machine, over the minute before the job ran. */
  readonly load: number;
}

async function measured(cluster: Cluster, options: Options, rows: Row[]): Promise<void> {
  const { torque, nodes, repeats, who, restart } = options;
  const load = (): number => Math.round((os.loadavg()[0] ?? 0) * 10) / 10;
  for (const count of who === 'hand' ? [] : nodes) {
    for (let round = 0; round < repeats; round += 1) {
      const growth = await growByFramework(cluster, count, restart);
      rows.push(told({ who: 'framework', nodes: count, load: load(), ...growth }));
    }
  }
  await cluster.framework.stop();
  if (torque === 'stand-in' || who === 'framework') return;
  for (const count of nodes) {
    for (let round = 0; round < repeats; round += 1) {
      const growth = await growByHand(cluster, count);
      rows.push(told({ who: 'by hand', nodes: count, load: load(), ...growth }));
    }
  }
}

function told(row: Row): Row {
  const steps = row.steps.map(({ step, ms }) => `${step} ${(ms / 1000).toFixed(2)}`).join(', ');
  const away = row.awayMs === null ? '' : `, server away ${(row.awayMs / 1000).toFixed(2)}`;
  console.error(
    `${row.who.padEnd(10)} ${String(row.nodes)} nodes ${(row.totalMs / 1000).toFixed(2)} s (load ${String(row.load)}): ${steps}${away}`,
  );
  return row;
}

function show(rows: readonly Row[], { nodes, json }: Options): void {
  if (json) {
    for (const row of rows) console.log(JSON.stringify(row));
    return;
  }
  console.log('nodes  framework s (median, least, most)  by hand s (median, least, most)  ratio');
  for (const count of nodes) {
    const of = (who: Row['who']): number[] =>
      rows
        .filter((row) => row.who === who && row.nodes === count)
        .map((row) => row.totalMs / 1000)
        .sort((a, b) => a - b);
    const [ours, hand] = [of('framework'), of('by hand')];
    const ratio = hand.length === 0 ? '-' : (median(ours) / median(hand)).toFixed(2);
    console.log(`${String(count).padEnd(6)} ${spread(ours).padEnd(35)} ${spread(hand).padEnd(32)} ${ratio}`);
  }
}

function spread(sorted: readonly number[]): string {
  if (sorted.length === 0) return '-';
  return [median(sorted), sorted[0] ?? 0, sorted.at(-1) ?? 0].map((s) => s.toFixed(2)).join('  ');
}

function median(sorted: readonly number[]): number {
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
