import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import type { Plan } from '../core/decisions.ts';
import { run, temporaryFolder } from './testing/run.ts';

const fixtures = path.resolve(import.meta.dirname, '../../../../fixtures');
const zooQstat = path.join(fixtures, 'torque-6.1/zoo-qstat-f-t-x.stdout');
const zooNodes = path.join(fixtures, 'torque-6.1/zoo-pbsnodes-x.stdout');

const folder = temporaryFolder();
afterAll(() => {
  folder.remove();
});

/** An offer as Mesos prints it, of an agent with 4 processors and 4 GiB. */
function offer(of: Readonly<Record<string, unknown>> = {}): Readonly<Record<string, unknown>> {
  return {
    id: { value: 'fw-O1' },
    framework_id: { value: 'fw-0000' },
    agent_id: { value: 'S1' },
    hostname: 'agent1.mesos.test',
    resources: [scalar('cpus', 4), scalar('mem', 4096), scalar('disk', 10_000)],
    attributes: [{ name: 'rack', type: 'TEXT', text: { value: 'r1' } }],
    ...of,
  };
}

function scalar(name: string, value: unknown) {
  return { name, type: 'SCALAR', scalar: { value }, allocation_info: { role: 'torque' } };
}

/** Plans on the recorded zoo, with other files where the story says so. */
function plan(saved: { qstat?: string; pbsnodes?: string; offers?: string }, ...more: readonly string[]) {
  const offers = saved.offers ?? folder.file('offers.json', JSON.stringify([offer()]));
  const { qstat = zooQstat, pbsnodes = zooNodes } = saved;
  return run('plan', '--qstat', qstat, '--pbsnodes', pbsnodes, '--offers', offers, ...more);
}

function offersFile(json: unknown): string {
  return folder.file('other-offers.json', typeof json === 'string' ? json : JSON.stringify(json));
}

describe('plan', () => {
  test('shows what would be done, and of every job why', async () => {
    const ended = await plan({});

    expect(ended).toMatchObject({ code: 0, err: '' });
    expect(ended.out).toMatch(/^launch +agent1\.mesos\.test, 4 slots \(4 cpus, /m);
    expect(ended.out).toMatch(/^100\[4\]\.head\.torque\.test +arr-4 +served +agent1\.mesos\.test /m);
    expect(ended.out).toMatch(/^111\.head\.torque\.test +lreq +waiting/m);
    expect(ended.out).toMatch(/^node1\.torque\.test +static +4 +1 /m);
    expect(ended.out).toMatch(/^fw-O1 +agent1\.mesos\.test +accepted /m);
  });

  test('is JSON for programs: the decisions, and a verdict on each job', async () => {
    const ended = await plan({}, '--json');
    const planned = JSON.parse(ended.out) as Plan;

    expect(ended.code).toBe(0);
    expect(planned.decisions.map(({ kind }) => kind)).toEqual(['launch']);
    expect(planned.report.jobs).toHaveLength(27);
  });

  test('takes the OFFERS event as well as its array', async () => {
    const event = { type: 'OFFERS', offers: { offers: [offer()] } };

    expect((await plan({ offers: offersFile(event) })).out).toBe((await plan({})).out);
  });

  test('counts the limits of queues and users where the settings are saved too', async () => {
    const settings = path.join(fixtures, 'torque-6.1/limits-print-server.stdout');

    const ended = await plan({}, '--settings', settings);

    expect(ended).toMatchObject({ code: 0, err: '' });
    // The recorded server lets three jobs run, and as many do.
    expect(ended.out).toMatch(/^100\[4\]\.head\.torque\.test +arr-4 +not-demand +.*max_running/m);
    expect(ended.out).not.toMatch(/^launch/m);
  });

  test('names what is wrong in the settings', async () => {
    const ended = await plan({}, '--settings', folder.file('settings', 'set server max_running = many\n'));

    expect(ended.code).not.toBe(0);
    expect(ended.err).toMatch(
      /settings: .*max_running.*many.*; save the output of qmgr -c "print server" again/,
    );
  });

  test('obeys the policy of the configuration, of which nothing else is needed', async () => {
    const config = folder.file('small.yaml', 'policy: {safeAllocation: {cpus: 2}}\n');

    const ended = await plan({}, '--config', config, '--json');

    const { report } = JSON.parse(ended.out) as Plan;
    expect(report.heldAfter.cpuMilli).toBeLessThanOrEqual(2000);
    expect(report.heldAfter.nodes).toBe(1);
  });

  test('takes an empty list of nodes as a server without nodes, as pbsnodes prints it', async () => {
    const ended = await plan({ pbsnodes: folder.file('empty', '') });

    expect(ended.code).toBe(0);
    expect(ended.out).toContain('No nodes.');
    expect(ended.err).toMatch(/empty is empty: taken as a server without nodes\n$/);
  });

  test('takes an empty queue as one without jobs, and says that it does', async () => {
    const ended = await plan({ qstat: folder.file('empty', '') });

    expect(ended.code).toBe(0);
    expect(ended.out).toContain('No jobs.');
    expect(ended.err).toMatch(/empty is empty: taken as a queue without jobs/);
  });

  test('counts nodes with our mark as held, their tasks as running', async () => {
    const mark = 'mesos-torque.fw-0000.mom.node1.torque.test.5';
    const node =
      '<Node><name>node1.torque.test</name><state>free</state><np>4</np>' +
      `<requestid>${mark}</requestid><properties></properties></Node>`;

    const ended = await plan({ pbsnodes: folder.file('ours.xml', `<Data>${node}</Data>`) });

    expect(ended.out).toMatch(/^node1\.torque\.test +up +4 +0 /m);
    expect(ended.out).toMatch(/^Held now: 1 node, 4 cpus, /m);
  });

  test("shows a user's control characters as escapes, so that no name plays with the terminal", async () => {
    const hostile = readFileSync(zooQstat, 'utf8').replace('arr-4<', '\u001b[2J\u202eevil&#155;<');

    const ended = await plan({ qstat: folder.file('hostile.xml', hostile) });

    expect(ended.out).toContain('\\u{1b}[2J\\u{202e}evil\\u{9b}');
    expect(ended.out).not.toMatch(/[\u001b\u202e\u009b]/);
  });
});

describe('plan on bad input says what is wrong once, and nothing on standard output:', () => {
  test.each([
    [
      'a truncated queue',
      { qstat: () => folder.file('cut.xml', readFileSync(zooQstat).subarray(0, 5000)) },
      /cut\.xml: qstat output: at byte \d+: cut off after 5000 bytes, within <Data><Job>.*; save the output of qstat -f -x -t again/,
    ],
    [
      'a queue that is not UTF-8',
      { qstat: () => folder.file('latin.xml', Buffer.concat([readFileSync(zooQstat), Buffer.from([0xe9])])) },
      /latin\.xml: qstat output: at byte \d+: this is not UTF-8: "\\xe9"/,
    ],
    [
      'nodes for a queue',
      { qstat: () => zooNodes },
      /zoo-pbsnodes-x\.stdout: qstat output: .*<Node> is unknown within <Data>/,
    ],
    [
      'a queue for nodes',
      { pbsnodes: () => zooQstat },
      /zoo-qstat-f-t-x\.stdout: pbsnodes output: .*<Job> is unknown/,
    ],
    [
      'a file that is not there',
      { pbsnodes: () => path.join(folder.path, 'nowhere') },
      /nowhere: cannot be read \(ENOENT\); give a file/,
    ],
    ['a folder', { pbsnodes: () => folder.path }, /cannot be read \(EISDIR\)/],
    [
      'offers that are not UTF-8',
      { offers: () => folder.file('bad.json', Buffer.from([0x5b, 0xff])) },
      /bad\.json: at byte 1: this is not UTF-8/,
    ],
    [
      'offers that are not JSON',
      { offers: () => offersFile('[') },
      /this is not JSON \(.*\); save the offers as JSON/,
    ],
    [
      'another event',
      { offers: () => offersFile({ type: 'HEARTBEAT' }) },
      /type: "HEARTBEAT" is another event; give the OFFERS event/,
    ],
    ['no offers', { offers: () => offersFile({ a: 1 }) }, /there are no offers in it/],
    ['null', { offers: () => offersFile(null) }, /there are no offers in it/],
    [
      'an offer that is none',
      { offers: () => offersFile([5]) },
      /\[0\]: 5 is not possible: object is expected/,
    ],
    [
      'an unknown type of resource',
      { offers: () => offersFile([offer({ resources: [{ ...scalar('cpus', 1), type: 'QUANTUM' }] })]) },
      /\[0\]\.resources\[0\]\.type: "QUANTUM" is not possible: one of SCALAR, RANGES, SET, TEXT is expected/,
    ],
    [
      'an unknown type of attribute',
      { offers: () => offersFile([offer({ attributes: [{ name: 'a', type: 'MOOD' }] })]) },
      /\[0\]\.attributes\[0\]\.type: "MOOD" is not possible/,
    ],
    [
      'an absurd amount',
      { offers: () => offersFile([offer({ resources: [scalar('cpus', 1e300)] })]) },
      /\[0\]: offer fw-O1: resource "cpus" of the amount 1e\+300; leave it out/,
    ],
    [
      'a negative amount',
      { offers: () => offersFile([offer({ resources: [scalar('mem', -1)] })]) },
      /resource "mem" of the amount -1/,
    ],
    [
      'an amount beyond numbers',
      {
        offers: () =>
          offersFile(JSON.stringify([offer({ resources: [scalar('cpus', 777)] })]).replace('777', '1e999')),
      },
      /\[0\]\.resources\[0\]\.scalar\.value: .* is not possible/,
    ],
    [
      'an amount that is text',
      { offers: () => offersFile([offer({ resources: [scalar('cpus', 'four')] })]) },
      /scalar\.value: "four" is not possible: number is expected/,
    ],
    [
      'ports beyond all ports',
      {
        offers: () =>
          offersFile([
            offer({
              resources: [
                {
                  name: 'ports',
                  type: 'RANGES',
                  ranges: { range: [{ begin: 1, end: '99999999999999999999' }] },
                },
              ],
            }),
          ]),
      },
      /resources\[0\]\.ranges\.range\[0\]\.end/,
    ],
    [
      'an offer without a host',
      { offers: () => offersFile([offer({ hostname: undefined })]) },
      /\[0\]\.hostname: nothing is not possible: string is expected/,
    ],
    [
      'a host that is none',
      { offers: () => offersFile([offer({ hostname: 'a b\n' })]) },
      /host name "a b\\n" cannot be one/,
    ],
    [
      'an offer twice',
      { offers: () => offersFile([offer(), offer()]) },
      /\[1\]: offer "fw-O1" is there twice/,
    ],
    [
      'the event, at its place',
      { offers: () => offersFile({ type: 'OFFERS', offers: { offers: [offer({ id: {} })] } }) },
      /offers\.offers\[0\]\.id\.value: nothing is not possible/,
    ],
  ] as const)('%s', async (_what, saved, expected) => {
    const files = Object.fromEntries(Object.entries(saved).map(([kind, make]) => [kind, make()]));

    const ended = await plan(files);

    expect(ended).toMatchObject({ code: 2, out: '' });
    expect(ended.err).toMatch(expected);
    expect(ended.err.trimEnd().split('\n')).toHaveLength(1);
  });

  test('a policy with mistakes, each on a line of its own', async () => {
    const config = folder.file('bad.yaml', 'policy:\n  npMax: 0\n  idelTime: 5m\n');

    const ended = await plan({}, '--config', config);

    expect(ended).toMatchObject({ code: 2, out: '' });
    expect(ended.err).toContain('bad.yaml:2: policy.npMax: 0 is not possible');
    expect(ended.err).toContain(
      'bad.yaml:3: policy.idelTime: no option has this name (given "5m"); the nearest is policy.idleTime',
    );
  });

  test('a file missing on the command line', async () => {
    expect(await run('plan', '--qstat', zooQstat)).toMatchObject({
      code: 2,
      out: '',
      err: "error: required option '--pbsnodes <file>' not specified\n",
    });
  });
});
