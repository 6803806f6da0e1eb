/** Recordings of the daemons: how they start and refuse to start, what moms say and what is said of them. */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { expect, test } from 'vitest';
import { expectAsRecorded, readRecordings, replay } from './testing/recordings.ts';
import type { MomPlace, Ran, StandIn } from './testing/stand-in.ts';
import { momArgs, withStandIn } from './testing/stand-in.ts';

const recordings = readRecordings();

function compare(t: StandIn, name: string, ran: Ran): void {
  const recording = recordings.get(name);
  if (recording === undefined) throw new Error(`no recording ${name}`);
  expectAsRecorded(t, recording, ran);
}

async function play(t: StandIn, names: string, mom: MomPlace | null = null): Promise<void> {
  for (const name of names.split(' ')) {
    const recording = recordings.get(name);
    if (recording === undefined) throw new Error(`no recording ${name}`);
    compare(t, name, await replay(t, recording, mom));
  }
}

/** pbs_mom as a process of its own, in the background as without `-D`. */
function pbsMom(t: StandIn, place: MomPlace, ...more: string[]): Promise<Ran> {
  return t.run('pbs_mom', [...momArgs(place), ...more]);
}

test('daemons go to the background, and a second one is refused', async () => {
  await withStandIn({ trqauthd: 'needed' }, async (t) => {
    compare(t, 'noauthd-restart', await t.run('trqauthd', []));
    compare(t, 'trqauthd-twice', await t.run('trqauthd', []));
    compare(t, 'server-create-force', await t.run('pbs_server', ['-t', 'create', '-f']));
    await t.ok('qmgr', ['-c', 'list server']);
    compare(t, 'pbs_sched-start', await t.run('pbs_sched', []));
    compare(t, 'B-qterm', await t.run('qterm', ['-t', 'quick']));
    compare(t, 'C-server-a', await t.run('pbs_server', ['-a', 'false']));
    expect(await t.ok('qmgr', ['-c', 'print server'])).toContain('set server scheduling = False');
    compare(t, 'qterm-noflag', await t.run('qterm', []));
    compare(t, 'server-restart', await t.run('pbs_server', []));
    await t.ok('qterm', []);
    compare(t, 'D-create-again', await t.run('pbs_server', ['-t', 'create', '-f']));
  });
});

test('pbs_mom says why it does not start', async () => {
  await withStandIn({}, async (t) => {
    const node4 = await t.placeMom('node4.torque.test');
    compare(t, 'mom-start', await pbsMom(t, node4));
    expect(readFileSync(path.join(node4.home, 'mom_priv', 'mom.lock'), 'utf8')).toMatch(/^\d+\n\0$/);
    compare(t, 'mom-start-twice', await pbsMom(t, node4));
    compare(t, 'mom-start-twice-D', await pbsMom(t, node4, '-D'));
    const empty = { ...node4, home: '/tmp/momhome' };
    compare(t, 'mom-start-otherhome', await pbsMom(t, empty));
    compare(t, 'mom-start-user', await t.run('pbs_mom', [], { user: 'alice' }));

    const other = await t.placeMom('node3.torque.test');
    const blocker = net.createServer().listen(other.servicePort, '127.0.0.1');
    compare(t, 'mom-port-in-use', await pbsMom(t, other));
    compare(t, 'mom-port-in-use-D', await pbsMom(t, other, '-D'));
    await new Promise((closed) => blocker.close(closed));

    const unknown = { ...other, name: 'wrongname.torque.test' };
    compare(t, 'momcfg-wrong-hostname-D', await pbsMom(t, unknown, '-D'));
    compare(t, 'momcfg-wrong-hostname', await pbsMom(t, unknown));
  });
});

test('a home below a world-writable folder ends the mom without a word', async () => {
  await withStandIn({ homeBelowWorldWritable: 'refused' }, async (t) => {
    const place = await t.placeMom('node4.torque.test');
    compare(t, 'mom-home-under-tmp', await pbsMom(t, place));
    compare(t, 'alt2-mom', await pbsMom(t, place, '-D'));
  });
});

test('what moms and nodes say while a mom comes and its node goes', async () => {
  await withStandIn(
    {},
    async (t) => {
      await t.startAll();
      const node1 = await t.placeMom('node1.torque.test');
      const untrusted = await t.startMom(node1);
      await t.until('the mom has asked the server', async () =>
        (await t.momctl(node1, '-d', '0')).stdout.includes('Last Msg To Server'),
      );
      await play(t, 'mom-momctl-d0 mom-momctl-d3', node1);
      await untrusted.stop();

      await t.createNode(node1);
      await t.waitForState(node1.name, 'down');
      await t.startMom(node1);
      await t.waitForState(node1.name, 'free');
      await play(t, 'mom-up-momctl-d0 mom-up-momctl-d1 mom-up-momctl-d3', node1);
      await play(t, 'pbsnodes-x-free pbsnodes-a-free qmgr-list-node-free');

      const node4 = await t.addNode('node4.torque.test');
      await play(
        t,
        'qmgr-delete-node-idle momctl-after-delete momctl-after-delete-12s qmgr-recreate-node',
        node4,
      );
      await play(t, 'momctl-C momctl-q-size', { ...node4 });
    },
    withShortNames,
  );
});

const withShortNames = Object.fromEntries(
  ['node1', 'node4'].flatMap((name) => [name, `${name}.torque.test`]).map((name) => [name, '127.0.0.1']),
);

test('where a mom has its server from', async () => {
  await withStandIn(
    {},
    async (t) => {
      await t.startAll();
      const node4 = await t.placeMom('node4.torque.test');
      await t.createNode(node4);
      await t.waitForState(node4.name, 'down');
      const config = path.join(node4.home, 'mom_priv', 'config');
      const serverName = path.join(node4.home, 'server_name');
      const variants: (readonly [string, string, string | null, string | null, boolean])[] = [
        ['momcfg-servername-only', 'momcfg-servername-only-momctl', null, 'head.torque.test\n', true],
        [
          'momcfg-H-flag',
          'momcfg-H-flag-momctl',
          '$pbsserver head.torque.test\n',
          'head.torque.test\n',
          true,
        ],
        ['momcfg-shortname', 'momcfg-shortname-momctl', '$pbsserver head\n', 'head\n', true],
        [
          'momcfg-bad-directive',
          'momcfg-bad-directive-momctl',
          '$pbsserver head.torque.test\n$nonsense 1\n',
          'head.torque.test\n',
          true,
        ],
        ['momcfg-neither', 'momcfg-neither-momctl', null, null, false],
        [
          'momcfg-unresolvable',
          'momcfg-unresolvable-momctl',
          '$pbsserver nosuch.torque.test\n',
          'nosuch.torque.test\n',
          false,
        ],
      ];
      writeFileSync(config, '$pbsserver head.torque.test\n');
      rmSync(serverName);
      compare(t, 'momcfg-config-only', await pbsMom(t, node4));
      await endMom(t, node4);
      for (const [name, diagnosis, configText, serverText, answered] of variants) {
        rmSync(config, { force: true });
        rmSync(serverName, { force: true });
        if (configText !== null) writeFileSync(config, configText);
        if (serverText !== null) writeFileSync(serverName, serverText);
        compare(t, name, await pbsMom(t, node4));
        if (answered) {
          await t.until('the server has answered', async () =>
            (await t.momctl(node4, '-d', '0')).stdout.includes('CLUSTER_ADDRS'),
          );
        }
        compare(t, diagnosis, await t.runHere('momctl', ['-p', String(node4.managerPort), '-d', '3']));
        await endMom(t, node4);
      }
    },
    { head: '127.0.0.1', 'node4.torque.test': '127.0.0.1' },
  );
});

async function endMom(t: StandIn, place: MomPlace): Promise<void> {
  await t.momctl(place, '-s');
  await t.until('the mom is gone', () =>
    Promise.resolve(!exists(path.join(place.home, 'mom_priv', 'mom.lock'))),
  );
}

function exists(file: string): boolean {
  try {
    return readFileSync(file, 'utf8') !== '';
  } catch {
    return false;
  }
}

test('trqauthd is killed under the commands', async () => {
  await withStandIn({ trqauthd: 'needed' }, async (t) => {
    await t.run('trqauthd', []);
    await t.startServer('-t', 'create', '-f');
    await t.ok('qstat', []);
    process.kill(Number(readFileSync(path.join(t.torque.home, 'trqauthd.pid'), 'utf8')), 'SIGKILL');
    await t.until('it is gone', async () => (await t.runHere('qstat', [])).code !== 0);
    await play(t, 'noauthd-qmgr noauthd-pbsnodes noauthd-qstat noauthd-qsub');
  });
});

test('an offline node with a job is deleted; what qrun refuses; a restart with a running job', async () => {
  await withStandIn({}, async (t) => {
    await t.startAll('set server next_job_number = 117', 'create node head.torque.test np=9');
    const node3 = await t.addNode('node3.torque.test', 'np=2');
    const id = await t.qsub(['-N', 'victim2', '-l', 'nodes=node3.torque.test'], 'sleep 60');
    await t.waitForJob(id, 'R');
    await t.ok('pbsnodes', ['-o', 'node3.torque.test']);
    await play(t, 'qmgr-delete-node-busy-offline');
    await t.waitForField(id, 'comment', 'Not Running: Not enough of the right type of nodes are available');
    await play(t, 'offdel-qstat-x');

    await t.createNode(node3);
    await t.qmgr('set server scheduling = False');
    await t.momctl(node3, '-C');
    await t.waitForState('node3.torque.test', 'free');
    await t.qmgr('set server next_job_number = 130');
    await t.qsub(['-l', 'procs=5'], 'true');
    await play(t, 'qrun-3');
    const other = await t.qsub([], 'sleep 60');
    await t.ok('qrun', [other]);
    await play(t, 'qterm-quick-running');
    compare(t, 'server-restart-running', await t.run('pbs_server', []));
    expect(await t.jobField(other, 'job_state')).toBe('R');
    await t.ok('qterm', []);
  });
});

test('qrun without any node', async () => {
  await withStandIn({}, async (t) => {
    await t.startAll('set queue batch is_transit = true', 'set server scheduling = False');
    await t.qsub(['-l', 'nodes=2'], 'true');
    await play(t, 'A-qrun-zero');
  });
});

test('the job environment', async () => {
  await withStandIn({}, async (t) => {
    await t.startAll('set server next_job_number = 120');
    for (const name of ['node1', 'node2', 'node4']) await t.addNode(`${name}.torque.test`);
    mkdirSync(path.join(t.work, 'out'));
    const id = await t.qsub(
      ['-N', 'pro', '-l', 'nodes=3:ppn=2,walltime=180', '-o', 'out/'],
      'cat $PBS_NODEFILE; env',
    );
    await t.waitForJob(id, 'C');
    const recorded = readFileSync(
      new URL('../../../../fixtures/torque-6.1/job-environment.log', import.meta.url),
      'utf8',
    );
    const lines = readFileSync(path.join(t.work, 'out', '120.head.torque.test.OU'), 'utf8')
      .trim()
      .split('\n');
    const isNode = (line: string): boolean => /^node\d/.test(line);
    expect(lines.filter(isNode)).toEqual(recorded.split('\n').filter(isNode));
    const name = (line: string): string => line.split('=')[0] ?? '';
    const variables = (text: readonly string[]): string[] =>
      text
        .filter((l) => /^[A-Z_]+=/.test(l))
        .map(name)
        .filter((n) => !['SHLVL', 'LANG', '_'].includes(n));
    expect(variables(lines)).toEqual(expect.arrayContaining(variables(recorded.split('\n'))));
    expect(lines).toEqual(
      expect.arrayContaining(['PBS_NP=6', 'PBS_NUM_NODES=3', 'PBS_NUM_PPN=2', 'PBS_WALLTIME=180']),
    );
  });
});
