/** After kill -9 of each part in each phase: nothing is left on the agent, and the scheduler was told why. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sayNotChecked } from '@mesos-torque/common/testing/not-checked.ts';
import type { Cluster } from '../cluster.ts';
import { Agents } from './agents.ts';
import { killCases, titleOf } from './cases.ts';
import { playCase } from './play.ts';
import { agentsOfKills, killCluster, recoveryMs, startKillCluster } from './setting.ts';

const scratch = fileURLToPath(new URL('../../../../.mesos-torque/', import.meta.url));
const linux = process.platform === 'linux';
if (!linux) sayNotChecked('what is left after kill -9', 'it is read from /proc, which is on Linux alone');

describe.runIf(linux)('after kill -9', () => {
  const agents = new Agents(agentsOfKills);
  let cluster: Cluster;

  beforeAll(async () => {
    mkdirSync(scratch, { recursive: true });
    cluster = await killCluster(mkdtempSync(path.join(scratch, 'kills-')), 'stand-in', '');
    await startKillCluster(cluster);
  }, 120_000);

  afterAll(async () => {
    await cluster.stop();
    const left = await cluster.processes();
    await cluster.clear();
    rmSync(cluster.dir, { recursive: true, force: true });
    expect(left).toEqual([]);
  }, 60_000);

  test.concurrent.each(killCases.map((kill) => ({ title: titleOf(kill), kill })))(
    '$title',
    { timeout: 240_000 },
    async ({ kill }) => {
      const { faults } = await agents.lend((agent) => playCase(kill, { cluster, agent, recoveryMs }));
      expect(faults).toEqual([]);
    },
  );
});
