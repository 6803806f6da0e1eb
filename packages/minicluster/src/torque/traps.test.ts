/** The traps of TORQUE 6.1.3 that cost jobs, each as a story. */
import path from 'node:path';
import { writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { isRunning } from './mom/process-group.ts';
import type { MomPlace, StandIn } from './testing/stand-in.ts';
import { withStandIn } from './testing/stand-in.ts';

const node1 = 'node1.torque.test';
const node2 = 'node2.torque.test';

test('an offline that is set before the list of hosts was sent is lost', async () => {
  await withStandIn({ hostListDelayMs: 1_500 }, async (t) => {
    await t.startServer('-t', 'create', '-f');
    await t.qmgr(`create node ${node1}`);
    expect(await t.nodeState(node1)).toBe('down,offline,MOM-list-not-sent');

    await t.ok('pbsnodes', ['-o', '-N', 'keep out', node1]);

    await t.waitForState(node1, 'down');
    expect(await t.ok('pbsnodes', ['-l', '-n'])).toContain('keep out');
  });
});

test('a mom that was started first is free without the list of hosts: a job over two nodes hangs', async () => {
  await withStandIn({ lateHostListMs: 600_000 }, async (t) => {
    await t.startAll('set server scheduling = False');
    const places = await Promise.all(
      [node1, node2].map((name) => t.placeMom(name, ['$status_update_time 1'])),
    );
    for (const place of places) await startUnknown(t, place);
    for (const place of places) await t.createNode(place);
    await Promise.all(places.map((place) => t.waitForState(place.name, 'free')));
    const [first] = places;
    if (first === undefined) throw new Error('no mom');
    expect(trusted(await t.momctl(first, '-d', '3'))).not.toContain(`127.0.0.1:${first.managerPort}`);

    const id = await t.qsub(['-N', 'A', '-l', 'nodes=2:ppn=2'], 'true');
    await t.ok('qrun', [id]);
    for (const place of places) await t.momctl(place, '-C');
    await t.until('the list has come', async () =>
      trusted(await t.momctl(first, '-d', '3')).includes(`127.0.0.1:${first.managerPort}`),
    );

    expect(await t.jobField(id, 'job_state')).toBe('R');
    const told = await Promise.all(places.map((place) => t.momctl(place, '-d', '3')));
    expect(told.map((ran) => ran.stdout).join('')).toContain(`job[${id}]  state=PRERUN sidlist=`);
    expect(await t.jobField(id, 'session_id')).toBe('0');
  });
});

/** A mom of which the server knows nothing yet, and which has been told so. */
async function startUnknown(t: StandIn, place: MomPlace): Promise<void> {
  await t.startMom(place);
  await t.until('the server has turned it away', async () =>
    (await t.momctl(place, '-d', '0')).stdout.includes('Last Msg To Server'),
  );
}

function trusted(ran: { stdout: string }): string {
  return /Trusted Client List: (.*)/.exec(ran.stdout)?.[1] ?? '';
}

test('momctl -C gets the list of hosts to a mom that was started first', async () => {
  await withStandIn({ lateHostListMs: 600_000 }, async (t) => {
    await t.startAll();
    const place = await t.placeMom(node1);
    await startUnknown(t, place);
    await t.createNode(place);
    await t.waitForState(node1, 'down');
    await t.momctl(place, '-C');
    await t.waitForState(node1, 'free');
    expect(trusted(await t.momctl(place, '-d', '3'))).toContain(`127.0.0.1:${place.managerPort}`);
  });
});

test('deleting a busy node that is not offline: qmgr hangs, the job is forgotten, its processes stay', async () => {
  await withStandIn({}, async (t) => {
    await t.startAll();
    await t.addNode(node1);
    const id = await t.qsub(['-N', 'victim', '-l', 'nodes=1'], 'sleep 60');
    await t.until('the job has a session', async () => Number(await t.jobField(id, 'session_id')) > 0);
    const pid = Number(await t.jobField(id, 'session_id'));

    const deletion = t.qmgr(`delete node ${node1}`);
    await t.waitForField(id, 'start_count', '2');
    await deletion;

    expect((await t.run('qstat', [id])).code).toBe(153);
    expect((await t.run('pbsnodes', ['-x'])).code).toBe(2);
    expect(isRunning(pid)).toBe(true);
  });
});

test('deleting an offline node requeues its job and ends its processes', async () => {
  await withStandIn({}, async (t) => {
    await t.startAll();
    await t.addNode(node1);
    await t.qmgr('create node head.torque.test np=10');
    const id = await t.qsub(['-l', 'nodes=1'], 'sleep 60');
    await t.until('the job has a session', async () => Number(await t.jobField(id, 'session_id')) > 0);
    const pid = Number(await t.jobField(id, 'session_id'));

    await t.ok('pbsnodes', ['-o', node1]);
    expect(await t.nodeState(node1)).toBe('offline');
    await t.qmgr(`delete node ${node1}`);

    await t.waitForJob(id, 'Q');
    await t.until('its processes are gone', () => Promise.resolve(!isRunning(pid)));
  });
});

test('after a restart nodect is forgotten until the next qsub; a held probe job is the cure', async () => {
  await withStandIn({}, async (t) => {
    const server = await t.startAll(
      'set server resources_available.nodect = 100',
      'create node head.torque.test np=1000',
    );
    const id = await t.qsub(['-l', 'nodes=7:ppn=2'], 'true');
    await server.stop();

    await t.startServer('-a', 'false');
    const probe = await t.qsub(['-h', '-l', 'nodes=1'], 'true');
    await t.ok('qdel', [probe]);
    await t.qmgr('set server scheduling = True');

    await t.waitForField(id, 'comment', 'Not Running: Not enough of the right type of nodes are available');
    expect(await t.jobField(id, 'job_state')).toBe('Q');
  });
});

test('after a restart pbs_sched deletes what is larger than the cluster; setting nodect anew does not help', async () => {
  await withStandIn({}, async (t) => {
    const server = await t.startAll(
      'set server resources_available.nodect = 100',
      'create node head.torque.test np=1000',
    );
    const id = await t.qsub(['-l', 'nodes=7:ppn=2'], 'true');
    await server.stop();

    await t.startServer('-a', 'false');
    await t.qmgr('unset server resources_available.nodect');
    await t.qmgr('set server resources_available.nodect = 100');
    await t.qmgr('set server scheduling = True');

    expect(await t.waitForJob(id, 'C')).toBe(true);
  });
});

test('a probe that is refused for its size makes nodect known as well, and leaves nothing behind', async () => {
  await withStandIn({}, async (t) => {
    const server = await t.startAll(
      'set server resources_available.nodect = 100',
      'create node head.torque.test np=1000',
    );
    const id = await t.qsub(['-l', 'nodes=7:ppn=2'], 'true');
    await server.stop();

    await t.startServer('-a', 'false');
    const probe = await t.run('qsub', ['-h', '-l', 'nodes=999999'], { user: 'bob', stdin: 'exit 0' });
    expect(probe.code).toBe(190);
    await t.qmgr('set server scheduling = True');

    await t.waitForField(id, 'comment', 'Not Running: Not enough of the right type of nodes are available');
    expect((await t.ok('qselect', [])).trim()).toBe(id);
  });
});

test('a node turning free does not wake the scheduler; scheduler_iteration and a kick do', async () => {
  await withStandIn({}, async (t) => {
    await t.startAll('create node head.torque.test np=10', 'set server resources_available.nodect = 9');
    const [first, second] = [await t.qsub(['-l', 'nodes=2'], 'sleep 60'), await t.qsub([], 'sleep 60')];
    await t.until('both were looked at', async () => (await t.jobField(second, 'comment')) !== '');
    await t.addNode(node1, 'np=1');
    await t.addNode(node2, 'np=2');
    expect(await t.jobField(first, 'job_state')).toBe('Q');

    await t.qmgr('set server scheduling = true');
    await t.waitForJob(first, 'R');
    await t.waitForJob(second, 'R');

    const third = await t.qsub(['-l', 'nodes=1:ppn=1:gold'], 'sleep 60');
    await t.until('it was looked at', async () => (await t.jobField(third, 'comment')) !== '');
    await t.qmgr(`set node ${node2} properties = gold`);
    await t.qmgr(`set node ${node2} np = 3`);
    await t.qmgr('set server scheduler_iteration = 1');
    await t.waitForJob(third, 'R');
  });
});

test('a job lives on while its mom is stopped and started again, and its node is down meanwhile', async () => {
  await withStandIn({}, async (t) => {
    await t.startAll();
    const place = await t.placeMom(node1);
    await t.createNode(place);
    await t.waitForState(node1, 'down');
    const mom = await t.startMom(place);
    await t.waitForState(node1, 'free');
    const gate = path.join(t.work, 'gate');
    const id = await t.qsub(['-N', 'long'], `while [ ! -e ${gate} ]; do sleep 0.05; done; echo done`);
    await t.until('the job has a session', async () => Number(await t.jobField(id, 'session_id')) > 0);

    await mom.stop('SIGTERM');
    await t.waitForState(node1, 'down');
    await t.startMom(place);
    await t.waitForState(node1, 'free');
    expect((await t.momctl(place, '-d', '0')).stdout).toContain(`job[${id}]  state=RUNNING`);
    writeFileSync(gate, '');
    await t.waitForJob(id, 'C');
    expect(t.readWork(`long.o${id.split('.')[0] ?? ''}`)).toBe('done\n');
  });
});

test('a killed mom is noticed only after node_check_rate', async () => {
  await withStandIn({}, async (t) => {
    await t.startAll('set server node_check_rate = 3');
    const place = await t.placeMom(node1, ['$status_update_time 1']);
    await t.createNode(place);
    await t.waitForState(node1, 'down');
    const mom = await t.startMom(place);
    await t.waitForState(node1, 'free');
    await mom.stop('SIGKILL');
    expect(await t.nodeState(node1)).toBe('free');
    await t.waitForState(node1, 'down');
  });
});

test('of two names for one address, deleting one leaves the other down for ever', async () => {
  await withStandIn(
    {},
    async (t) => {
      await t.startAll();
      const place = await t.placeMom(node1, ['$status_update_time 1']);
      await t.createNode(place);
      await t.createNode({ ...place, name: 'node1' });
      await t.waitForState(node1, 'down');
      await t.qmgr('delete node node1');
      await startUnknown(t, place);
      expect(await t.nodeState(node1)).toBe('down');
    },
    { [node1]: '127.0.0.1', node1: '127.0.0.1' },
  );
});

test('the path of the log folder is cut at 126 characters', async () => {
  await withStandIn({}, async (t) => {
    const place = await t.placeMom(node1);
    const home = place.home.padEnd(130, '/');
    const ran = await t.run('pbs_mom', ['-D', '-d', home, '-H', node1]);
    expect(ran).toEqual({ code: 1, stdout: '', stderr: 'pbs_mom: Unable to open logfile\n' });
  });
});

test('a home that the job’s user cannot reach: the job fails with -3 and is queued again', async () => {
  await withStandIn({ closedHomeFolders: 'fail-jobs' }, async (t) => {
    await t.startAll('set server scheduling = False');
    await t.addNode(node1);
    const id = await t.qsub([], 'true');
    await t.ok('qrun', [id]);
    await t.waitForField(id, 'exit_status', '-3');
    expect(await t.jobField(id, 'job_state')).toBe('Q');
  });
});
