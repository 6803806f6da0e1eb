/**
 * The stand-in says what TORQUE 6.1.3 said: recorded commands are played again in the recorded
 * situations, one after the other as they were.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { notCovered } from './testing/not-covered.ts';
import { expectAsRecorded, normalised, readRecordings, replay } from './testing/recordings.ts';
import type { Ran, StandIn } from './testing/stand-in.ts';
import { withStandIn } from './testing/stand-in.ts';

const recordings = readRecordings();
const played = new Set<string>();

/** Compares what a program did with a recording of it. */
function compare(t: StandIn, name: string, ran: Ran): void {
  const recording = recordings.get(name);
  if (recording === undefined) throw new Error(`no recording ${name}`);
  played.add(name);
  expectAsRecorded(t, recording, ran);
}

/** Plays recordings by name, in order, and compares each. */
async function play(t: StandIn, names: string): Promise<void> {
  for (const name of names.trim().split(/\s+/)) {
    const recording = recordings.get(name);
    if (recording === undefined) throw new Error(`no recording ${name}`);
    compare(t, name, await replay(t, recording, null));
  }
}

/** The names of the eight requests that were submitted in every kind of cluster. */
function qsubs(prefix: string, more = ''): string {
  return `1 3 3ppn2 mixed prop host hosts gpus ${more}`
    .trim()
    .split(/\s+/)
    .map((what) => `${prefix}-qsub-${what}`)
    .join(' ');
}

test('nobody answers: no trqauthd, no server', async () => {
  await withStandIn({ trqauthd: 'needed' }, async (t) => {
    await play(
      t,
      `down-noauthd-qmgr down-noauthd-pbsnodes-x down-noauthd-qstat-x down-noauthd-qsub
       down-noauthd-qterm trqauthd-user`,
    );
  });
  await withStandIn({}, async (t) => {
    await play(
      t,
      `down-noauthd-momctl-d0 down-qmgr down-qmgr-create down-pbsnodes-x down-pbsnodes-a down-qstat-x
       down-qstat down-qstat-Q down-qsub down-qdel down-qterm
       server-first-nodb server-create-nostdin server-create-no`,
    );
  });
});

test('a fresh database', async () => {
  await withStandIn({}, async (t) => {
    await t.startServer('-t', 'create', '-f');
    await play(
      t,
      `fresh-qmgr-list-server fresh-qmgr-print-server fresh-pbsnodes-x fresh-pbsnodes-a fresh-pbsnodes-l
       fresh-pbsnodes-plain fresh-pbsnodes-x-missing fresh-pbsnodes-o-missing fresh-list-node-default
       fresh-list-node fresh-print-nodes fresh-print-node-default fresh-qstat-x fresh-qstat-f-x fresh-qstat
       fresh-qstat-Q fresh-qstat-Qf fresh-qstat-B fresh-qstat-Bf fresh-qsub-noqueue fresh-qsub-root
       server-start-twice server-start-twice-create server-start-twice-D`,
    );
  });
});

test('nodes by qmgr, before the list of hosts is sent', async () => {
  await withStandIn(
    { hostListDelayMs: 600_000 },
    async (t) => {
      await t.startServer('-t', 'create', '-f');
      await t.run('qsub', [], { user: 'alice', stdin: 'sleep 1' });
      await play(
        t,
        `qmgr-create-node-user qmgr-create-queue-user qmgr-create-node-unknown-host qmgr-create-node-first
       node-down-pbsnodes-x node-down-pbsnodes-a qmgr-create-node-twice qmgr-create-node-short
       qmgr-create-node-np qmgr-create-node-props qmgr-create-node-props-plus qmgr-list-node-all
       qmgr-list-node-one qmgr-print-node-default qmgr-print-node-one qmgr-list-node-missing
       qmgr-delete-node-missing qmgr-set-node-missing qmgr-set-node-np qmgr-set-node-np-0
       qmgr-set-node-np-neg qmgr-set-node-np-text qmgr-set-node-props qmgr-set-node-props-add
       qmgr-set-node-props-del qmgr-set-node-state-offline qmgr-set-node-note
       node-offline-down-pbsnodes-x qmgr-set-node-state-free node-setfree-pbsnodes-x
       qmgr-set-node-unknown-attr qmgr-create-node-unknown-attr qmgr-list-node-after-bad-attr
       qmgr-set-node-readonly qmgr-bad-syntax qmgr-bad-verb qmgr-two-nodes qmgr-list-two qmgr-delete-two
       qmgr-stdin-multi qmgr-a-stdin-multi qmgr-e-echo qmgr-z qmgr-delete-all-user qmgr-list-node-user
       qmgr-list-server-user user-pbsnodes-x user-pbsnodes-o user-qterm`,
      );
      const nodesFile = path.join(t.torque.home, 'server_priv', 'nodes');
      const recorded = recordings.get('nodes-file')?.stdout;
      await t.until('the nodes file is as recorded', () =>
        Promise.resolve(readFileSync(nodesFile, 'utf8') === recorded),
      );
      played.add('nodes-file');
      await play(t, 'alt-create alt-list alt-set alt-pbsnodes alt2-create alt3-delete alt3-create');
      await play(t, 'qmgr-create-node-localhost-ip');
    },
    allHosts,
  );
});

const allHosts = Object.fromEntries(
  ['node1', 'node2', 'node3', 'node4', 'node5', 'node6', 'node9', 'alt1']
    .flatMap((name) => [name, `${name}.torque.test`])
    .concat('10.77.0.13')
    .map((name) => [name, '127.0.0.1']),
);

test('what is refused with no node at all, and what makes the server accept it', async () => {
  await withStandIn({}, async (t) => {
    await t.startServer('-t', 'create', '-f');
    await everHadNode(t);
    await t.qmgr('set server next_job_number = 1');
    await play(t, 'qmgr-setup');
    await t.startSched();
    await play(t, 'qstat-Q-empty qstat-Qf-empty qstat-x-empty');
    await play(t, 'zero-qsub-plain zero-qsub-1 zero-qsub-3ppn2 zero-qsub-mixed zero-qsub-prop');
    await play(t, 'zero-qsub-procs zero-qsub-ncpus zero-qsub-host zero-qsub-gpus zero-qsub-memwall');
    await play(t, 'zero-qsub-L zero-qsub-array');
    await t.waitForField('11', 'comment', nobodyToRunOn);
    await play(t, 'zero-qstat zero-qstat-x zero-pbsnodes');

    for (const id of ['1', '6', '7', '10', '11', '12[]']) await t.ok('qdel', [id]);
    await t.qmgr('set server resources_available.nodect = 100');
    await play(t, qsubs('zero-srvnodect'));
    await play(t, 'qmgr-set-server-procct qmgr-set-server-procs qmgr-set-server-ncpus');
    await play(t, qsubs('zero-srvnodect2'));
    await t.qmgr('unset server resources_available.nodect');
    await play(t, 'qmgr-set-queue-nodect');
    await play(t, qsubs('zero-qnodect'));
    await t.qmgr('set queue batch resources_max.nodect = 100');
    await play(t, qsubs('zero-qmaxnodect'));
    await play(t, 'qmgr-set-queue-is_transit');
    await play(t, qsubs('zero-transit'));
    await play(t, 'qmgr-set-server-nodect');
    await play(t, qsubs('zero-transit-nodect'));
    await t.ok('qdel', ['all']);
    await play(t, 'qstat-x-after-qdel');

    await t.qmgr('set server next_job_number = 62');
    await play(t, qsubs('zero-transit-sched', 'procs ncpus'));
    await t.waitForField('71', 'comment', nobodyToRunOn);
    await t.waitForJob('69', 'C');
    await play(t, 'zero-transit-sched-qstat-x');

    await t.ok('qdel', ['all']);
    await t.qmgr('create node head.torque.test np=1000');
    await t.qmgr('unset queue batch is_transit');
    await t.qmgr('unset queue batch resources_max.nodect');
    await t.qmgr('unset server resources_available.nodect');
    await play(t, qsubs('ph-nonodect', 'procs ncpus'));
    await t.waitForField('81', 'comment', noNodeNow);
    await t.ok('qdel', ['all']);
    await t.qmgr('set server resources_available.nodect = 100');
    await play(t, qsubs('ph-nodect', 'procs ncpus'));
    await t.waitForField('91', 'comment', noNodeNow);
    await t.waitForState('head.torque.test', 'down');
    await play(t, 'ph-nodect-qstat-x ph-nodect-pbsnodes qterm-quick');
    await t.startServer();
    await t.waitForJob('89', 'C');
    await play(t, 'after-restart-qstat-x');
  });
});

const nobodyToRunOn =
  'Not Running - PBS Error: Unknown node  MSG=job allocation request exceeds available cluster nodes, 1 requested, 0 available';

const noNodeNow =
  'Not Running - PBS Error: Resource temporarily unavailable MSG=job allocation request exceeds currently available cluster nodes, 1 requested, 0 available';

/** Deletes the only node: "No nodes found" is not the same as never having had one. */
async function everHadNode(t: StandIn): Promise<void> {
  await t.qmgr('create node node1.torque.test');
  await t.qmgr('delete node node1.torque.test');
}

test('a job over three nodes, as every command shows it', async () => {
  await withStandIn({}, async (t) => {
    await t.startAll(
      'set server resources_available.nodect = 100',
      'set server next_job_number = 92',
      'create node head.torque.test np=1000',
    );
    const [first] = await Promise.all(['node1', 'node2', 'node3'].map((n) => t.addNode(`${n}.torque.test`)));
    if (first === undefined) throw new Error('no mom');
    // The recorded job was a file; here it comes from standard input, and only its arguments name one.
    await t.ok('qsub', ['-N', 'three', '-l', 'nodes=3:ppn=2,walltime=00:05:00', '-'], {
      user: 'alice',
      stdin: 'sleep 60',
      cwd: '/none/alice',
    });
    await t.waitForJob('92', 'R');
    await t.until('pbs_sched has commented on job 92', async () =>
      (await t.jobField('92', 'comment')).startsWith('Job started'),
    );
    await play(t, 'scenario-running-qstat-x scenario-running-qstat-fx scenario-running-qstat-f');
    await play(t, 'scenario-running-pbsnodes-x scenario-running-pbsnodes-a scenario-running-qdel-node');
    await t.ok('pbsnodes', ['-o', '-N', 'draining', 'node3.torque.test']);
    await play(t, 'scenario-running-offline-pbsnodes-x');

    await t.ok('qdel', ['92'], { user: 'alice' });
    await t.waitForJob('92', 'C');
    played.add('scenario-complete-qstat-x');
    const ended = recordings.get('scenario-complete-qstat-x')?.stdout ?? '';
    // The recorded job ended by itself, this one by qdel; else they are shown alike.
    const byItself = (xml: string): string => xml.replace(/<exit_status>271</, '<exit_status>0<');
    expect(normalised(byItself(await t.ok('qstat', ['-x', '92'])), t)).toBe(normalised(ended, t));
    await t.ok('pbsnodes', ['-o', 'node1.torque.test', 'node2.torque.test']);
    await play(t, 'scenario-offline-pbsnodes-l scenario-offline-pbsnodes-l-n');
    for (const name of ['node1', 'node2', 'node3']) await t.qmgr(`delete node ${name}.torque.test`);
    await play(t, 'scenario-end-pbsnodes-x');
  });
});

test('limits of server and queues, as managers and others see them', async () => {
  await withStandIn({}, async (t) => {
    await t.startServer('-t', 'create', '-f');
    const settings = (recordings.get('limits-print-server')?.stdout ?? '')
      .split('\n')
      .filter((line) => /^(?:create|set) /.test(line));
    for (const sentence of settings) await t.qmgr(sentence);
    await play(t, 'limits-print-server limits-print-server-user');
    played.add('limits-qstat-Qf');
    // Jobs had come and gone in the recorded queues.
    const withoutJobs = (text: string): string =>
      text.replaceAll(/total_jobs = \d+|\b(?=[A-Z])(\w+:)\d+|Comp\n\tlete:\d+/g, '$1');
    const recorded = recordings.get('limits-qstat-Qf')?.stdout ?? '';
    expect(normalised(withoutJobs(await t.ok('qstat', ['-Q', '-f'])), t)).toBe(
      normalised(withoutJobs(recorded), t),
    );
  });
});

test('jobs of every kind and state', async () => {
  await withStandIn({}, async (t) => {
    await t.startAll(
      'set server resources_available.nodect = 100',
      'set server scheduler_iteration = 10',
      'set server keep_completed = 60',
      'set server next_job_number = 93',
      'set server scheduling = False',
    );
    const shapes = ['np=4', 'np=2', 'np=2,properties=bigmem', 'np=2,properties="bigmem,fast"'];
    for (const [i, shape] of shapes.entries()) await t.addNode(`node${i + 1}.torque.test`, shape);
    await play(t, 'zoo-hold');
    const inAnHour = new Date(Date.now() + 3_600_000);
    const digits = inAnHour.toLocaleString('sv-SE').replaceAll(/\D/g, '').slice(0, 12);
    const waiting = await t.runHere('qsub', ['-a', digits, '-N', 'waiting'], {
      user: 'alice',
      stdin: 'sleep 5',
      cwd: '/none/alice',
    });
    compare(t, 'zoo-wait', waiting);
    await play(
      t,
      `zoo-run zoo-first zoo-dep-ok zoo-dep-notok zoo-dep-missing zoo-array zoo-array-limit
      zoo-xml zoo-xml-unicode zoo-name-long zoo-name-digit zoo-name-space zoo-big zoo-mem zoo-ncpus zoo-procs
      zoo-bigmem zoo-host zoo-Lreq zoo-gpus zoo-badreq zoo-badsyntax zoo-badqueue zoo-noscript`,
    );
    await t.qmgr('set server scheduling = True');
    await t.waitForField(
      '112',
      'comment',
      'Not Running: Not enough of the right type of nodes are available',
    );
    await play(
      t,
      `zoo-qstat zoo-qstat-t zoo-qstat-x zoo-qstat-t-x zoo-qstat-f-x zoo-qstat-f-t-x zoo-qstat-f
      zoo-qstat-a zoo-qstat-n zoo-qstat-r zoo-qstat-i zoo-qstat-Q zoo-qstat-Qf zoo-qstat-Bf zoo-qstat-Q-x
      zoo-qstat-B-x zoo-qstat-Qf-x zoo-pbsnodes-x zoo-pbsnodes-a zoo-pbsnodes-l zoo-qstat-missing
      zoo-qstat-missing-f zoo-qselect-R zoo-qselect-QH`,
    );
  });
});

test('every recording is played, or it is said why not', () => {
  const elsewhere = ['./recordings-daemons.test.ts', './recordings-node.test.ts']
    .map((file) => readFileSync(new URL(file, import.meta.url), 'utf8'))
    .join('');
  const missing = [...recordings.keys()].filter(
    (name) =>
      !played.has(name) &&
      !new RegExp(`(?<![\\w-])${name}(?![\\w-])`).test(elsewhere) &&
      !(name in notCovered),
  );
  expect(missing).toEqual([]);
  expect(Object.keys(notCovered).filter((name) => !recordings.has(name) || played.has(name))).toEqual([]);
});
