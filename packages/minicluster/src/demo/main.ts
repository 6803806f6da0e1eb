/**
 * The demo: a cluster on this machine, a mix of jobs, and what happens to them. Ends by itself, with
 * exit code 0 when everything came out as it should, 1 when not, 2 when it could not begin.
 */
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { mkdirSync } from 'node:fs';
import { messageOf } from '@mesos-torque/common/text.ts';
import { createCluster, type Cluster } from '../cluster.ts';
import { buildExecutor } from '../build-executor.ts';
import { narrator, type Narrator } from './narrator.ts';
import { demoOptions, usage, type DemoOptions } from './options.ts';
import { demoPolicy, playDemo } from './play.ts';
import { superviseFramework } from './supervise.ts';
import { faultsOf, type Summary } from './summary.ts';
import { tableOf } from './table.ts';
import { watchFramework } from './watch-framework.ts';

const root = fileURLToPath(new URL('../../../../', import.meta.url));
/** Jobs of the demo that can never run. */
const impossibleJobs = 1;
const agentSizes = [1, 2, 3, 4].map((number) => ({
  cpus: 4,
  memMib: 4096,
  attributes: { rack: number <= 2 ? 'rack1' : 'rack2' },
}));

async function main(args: readonly string[]): Promise<number> {
  let options: DemoOptions;
  try {
    options = demoOptions(args);
  } catch (error) {
    process.stderr.write(`${messageOf(error)}\n\n${usage}`);
    return 2;
  }
  const print = (line: string): void => {
    (options.json ? process.stderr : process.stdout).write(`${line}\n`);
  };
  const tell = narrator(print, Date.now);
  const scratch = path.join(root, '.mesos-torque');
  mkdirSync(scratch, { recursive: true });
  const dir = await mkdtemp(path.join(scratch, 'demo-'));
  // The real pbs_mom runs jobs as their owner, for whom every folder above its home must be open.
  await chmod(dir, 0o755);
  tell.say(`demo    setting up a cluster of ${String(agentSizes.length)} agents in ${dir}`);
  const cluster = await createCluster({
    dir,
    agents: agentSizes,
    torque: options.torque,
    mesos: options.mesos,
    user: options.user,
    executorFile: await buildExecutor(path.join(dir, 'torque-executor')),
    policy: demoPolicy,
  });
  const code = await conduct(cluster, options, tell, print);
  // What went wrong can be looked into; what went well is not kept.
  if (code === 0) await rm(dir, { recursive: true, force: true });
  return code;
}

async function conduct(
  cluster: Cluster,
  options: DemoOptions,
  tell: Narrator,
  print: (line: string) => void,
): Promise<number> {
  const interrupted = untilInterrupted();
  const ending: (() => Promise<void> | void)[] = [() => cluster.clear()];
  try {
    ending.push(() => cluster.stop());
    await cluster.start();
    await cluster.framework.start();
    tell.say(`demo    the framework runs (${cluster.framework.commandLine})`);
    const supervision = superviseFramework(cluster.framework, tell);
    ending.push(supervision.end);
    const watch = watchFramework(cluster.framework.socket, tell.entry);
    ending.push(watch.close);
    const summary = await Promise.race([playDemo(cluster, tell, watch), interrupted]);
    if (summary === 'interrupted') return 130;
    if (options.keep) return await keep(cluster, options, summary, print, interrupted);
    supervision.end();
    await cluster.stop();
    return report(await withProcessesLeft(cluster, summary, tell), options, print);
  } catch (error) {
    print(`the demo could not go on: ${messageOf(error)}`);
    print(`logs are in ${path.join(cluster.dir, 'log')}`);
    return 1;
  } finally {
    for (const end of ending.reverse()) await end();
  }
}

/** What the system still shows of the cluster after everything was asked to end. */
async function withProcessesLeft(cluster: Cluster, summary: Summary, tell: Narrator): Promise<Summary> {
  const left = await cluster.processes();
  for (const { pid, command } of left) tell.say(`demo    left running: ${String(pid)} ${command}`);
  return { ...summary, processesLeft: summary.processesLeft + left.length };
}

async function keep(
  cluster: Cluster,
  options: DemoOptions,
  summary: Summary,
  print: (line: string) => void,
  interrupted: Promise<unknown>,
): Promise<number> {
  for (const line of howToPlay(cluster)) print(line);
  const code = report(summary, options, print);
  await interrupted;
  return code;
}

/** Prints the summary, the last line of all with `--json`; returns the exit code. */
function report(summary: Summary, options: DemoOptions, print: (line: string) => void): number {
  const faults = faultsOf(summary, impossibleJobs);
  for (const line of tableOf(summary)) print(line);
  for (const fault of faults) print(`FAULT: ${fault}`);
  if (options.json) process.stdout.write(`${JSON.stringify(summary)}\n`);
  return faults.length === 0 ? 0 : 1;
}

function untilInterrupted(): Promise<'interrupted'> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.once(signal, () => {
        resolve('interrupted');
      });
    }
  });
}

function howToPlay(cluster: Cluster): readonly string[] {
  const env = cluster.torque.command('user', ['true']).env;
  return [
    '',
    'The cluster keeps running. In another terminal:',
    `  export PATH=${env['PATH'] ?? ''}:$PATH`,
    "  echo 'sleep 20' | qsub -l nodes=2:ppn=2      # nodes will appear",
    '  qstat -f; pbsnodes -x',
    `  pnpm -s mesos-torque status --socket ${cluster.framework.socket}`,
    `  curl http://${cluster.mesos.masterAddress}/state`,
    `Logs and the journal are below ${cluster.dir}. Ctrl-C here ends everything.`,
  ];
}

process.exitCode = await main(process.argv.slice(2));
