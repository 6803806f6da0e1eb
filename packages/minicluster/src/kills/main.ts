/**
 * kill -9 of each part in each phase, on the stand-in TORQUE or on the real one, and what came of it. Exit code
 * 0 when nothing was left and the scheduler was told each time, 1 when not, 2 when it could not begin.
 *
 *     node packages/minicluster/src/kills/main.ts [--torque stand-in|real] [--user NAME] [--only TEXT] [--keep]
 */
import { chmod, mkdir, mkdtemp, rm } from 'node:fs/promises';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { fileURLToPath } from 'node:url';
import { messageOf } from '@mesos-torque/common/text.ts';
import type { Cluster } from '../cluster.ts';
import { Agents } from './agents.ts';
import { killCases, titleOf, type KillCase } from './cases.ts';
import { playCase, type Played } from './play.ts';
import { agentsOfKills, killCluster, recoveryMs, startKillCluster } from './setting.ts';

const { values: given } = parseArgs({
  options: {
    torque: { type: 'string', default: 'stand-in' },
    user: { type: 'string', default: '' },
    only: { type: 'string', default: '' },
    keep: { type: 'boolean', default: false },
  },
});

const scratch = fileURLToPath(new URL('../../../../.mesos-torque/', import.meta.url));
const beganMs = Date.now();

function say(line: string): void {
  process.stdout.write(`${((Date.now() - beganMs) / 1000).toFixed(1).padStart(6)} s  ${line}\n`);
}

function refuse(why: string): number {
  process.stderr.write(`${why}\n`);
  return 2;
}

async function main(): Promise<number> {
  const { torque } = given;
  if (torque !== 'stand-in' && torque !== 'real') return refuse(`--torque ${torque}: give stand-in or real`);
  if (torque === 'real' && given.user === '')
    return refuse('--torque real needs --user NAME: TORQUE takes no jobs from root');
  if (process.platform !== 'linux') return refuse('what is left is read from /proc, which is on Linux alone');
  await mkdir(scratch, { recursive: true });
  const dir = await mkdtemp(path.join(scratch, 'kills-'));
  await chmod(dir, 0o755);
  const cluster = await killCluster(dir, torque, given.user);
  const code = await conduct(cluster);
  if (code === 0 && !given.keep) await rm(dir, { recursive: true, force: true });
  else say(`files are in ${dir}`);
  return code;
}

async function conduct(cluster: Cluster): Promise<number> {
  try {
    await startKillCluster(cluster);
    const agents = new Agents(agentsOfKills);
    const cases = killCases.filter((kill) => titleOf(kill).includes(given.only));
    const well = await Promise.all(
      cases.map((kill) => agents.lend((agent) => playAndSay(kill, cluster, agent))),
    );
    await cluster.stop();
    const left = await cluster.processes();
    for (const { pid, command } of left) say(`FAULT: left running: ${pid} ${command}`);
    const good = well.filter(Boolean).length;
    say(`${good} of ${cases.length} as they should be, ${left.length} processes left`);
    return good === cases.length && left.length === 0 ? 0 : 1;
  } catch (error) {
    say(`could not go on: ${messageOf(error)}`);
    return 1;
  } finally {
    await cluster.stop().catch((error: unknown) => {
      say(`stopping: ${String(error)}`);
    });
    await cluster.clear();
  }
}

async function playAndSay(kill: KillCase, cluster: Cluster, agent: number): Promise<boolean> {
  const { faults, goneMs, told } = await playCase(kill, { cluster, agent, recoveryMs }).catch(
    (error: unknown): Played => ({ faults: [String(error)], goneMs: 0, told: '' }),
  );
  const what = { ends: 'nothing left', 'goes on': 'its job over', either: 'one or the other' }[kill.task];
  say(`${titleOf(kill)}: ${what} after ${(goneMs / 1000).toFixed(1)} s; told: ${told}`);
  for (const fault of faults) say(`  FAULT: ${fault}`);
  return faults.length === 0;
}

process.exit(await main());
