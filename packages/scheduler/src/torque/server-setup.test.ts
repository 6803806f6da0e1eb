import { describe, expect, test } from 'vitest';
import { aNode } from '../core/testing/builders.ts';
import type { TorqueNode } from '../core/facts.ts';
import { parsePrinted, parsePrintServer, versionIn } from './server-attributes.ts';
import { planSetup, type SetupChange, type WantedSetup } from './server-setup.ts';
import type { ServerView } from './server-view.ts';
import { recording } from './testing/recordings.ts';

const wanted: WantedSetup = {
  placeholder: { node: 'head.torque.test', np: 48, requestId: 'mesos-torque.placeholder' },
  nodect: 100,
  schedulerIterationS: 10,
  nodeCheckRateS: 90,
  keepCompletedS: 300,
  limits: null,
  queue: null,
  managers: [],
};

function viewOf(printed: string, nodes: readonly TorqueNode[] = [], version = '6.1.3.h5'): ServerView {
  const parsed = parsePrinted(printed);
  if (!parsed.ok) throw new Error(parsed.problem.detail);
  return { name: 'head.torque.test', version, ...parsed.value, nodes };
}

const freshText = recording('fresh-qmgr-print-server').stdout.toString();
const fresh = viewOf(freshText);

function placeholder(of: Partial<TorqueNode> = {}): TorqueNode {
  return aNode('head.torque.test', {
    np: 48,
    states: ['down'],
    requestId: 'mesos-torque.placeholder',
    ...of,
  });
}

function sentences(
  view: ServerView,
  wishes: Partial<WantedSetup> = {},
  recorded: readonly SetupChange[] = [],
): readonly string[] {
  const plan = planSetup(view, { ...wanted, ...wishes }, recorded);
  return plan.ok ? plan.steps.map(({ sentence }) => sentence) : [`conflict: ${plan.why}`];
}

const setUp =
  'create queue batch\nset queue batch enabled = True\nset queue batch started = True\nset server default_queue = batch\n' +
  'set server scheduling = True\nset server resources_available.nodect = 100\nset server scheduler_iteration = 10\n' +
  'set server node_check_rate = 90\nset server keep_completed = 300\n';

describe('a server', () => {
  test('that is fresh gets everything, each with a reason and what was there before', () => {
    const plan = planSetup(fresh, wanted);

    expect(sentences(fresh)).toEqual([
      'create node head.torque.test np=48,requestid=mesos-torque.placeholder',
      'set server resources_available.nodect=100',
      'set server scheduler_iteration=10',
      'set server node_check_rate=90',
      'set server scheduling=True',
    ]);
    expect(plan.ok && plan.steps.every(({ why }) => why.length > 20)).toBe(true);
    expect(plan.ok && plan.steps.map(({ change }) => change.before)).toEqual([null, null, null, '150', null]);
    expect(plan.ok && plan.right).toMatchObject([{ what: 'server keep_completed', found: '300' }]);
  });

  test('that has all of it gets nothing, and hears what is right', () => {
    const plan = planSetup(viewOf(setUp, [placeholder()]), { ...wanted, queue: 'batch' });

    expect(plan).toMatchObject({ ok: true, steps: [] });
    expect(plan.ok && plan.right.map(({ what, found }) => `${what}: ${found}`)).toEqual([
      'queues: batch',
      'server default_queue: batch',
      'placeholder head.torque.test: np=48',
      'server resources_available.nodect: 100',
      'server scheduler_iteration: 10',
      'server node_check_rate: 90',
      'server keep_completed: 300',
      'server scheduling: True',
    ]);
  });

  test('that has more than is needed is left alone', () => {
    const generous = viewOf(
      'set server scheduling = True\nset server resources_available.nodect = 500\nset server scheduler_iteration = 5\n' +
        'set server node_check_rate = 60\nset server keep_completed = 6000\n',
      [placeholder({ np: 1000, requestId: null })],
    );

    expect(sentences(generous)).toEqual([]);
  });

  test('whose placeholder is too small gets it enlarged, if it is ours', () => {
    expect(sentences(viewOf(freshText, [placeholder({ np: 2 })]))[0]).toBe('set node head.torque.test np=48');
    expect(sentences(viewOf(freshText, [placeholder({ np: 2, requestId: null })]))).toEqual([
      'conflict: node head.torque.test was not made by us and has 2 slots, less than the 48 slots of the safe allocation',
    ]);
  });

  test('of 4.2, whose nodes have no requestid, gets the mark as a property', () => {
    const old = viewOf(recording('qmgr-fresh-print-server', '4.2').stdout.toString(), [], '4.2.10');

    expect(sentences(old)).toEqual([
      'create node head.torque.test np=48,properties="mesos-torque.placeholder"',
      'set server resources_available.nodect=100',
      'set server scheduler_iteration=10',
      'set server node_check_rate=90',
      'set server keep_completed=300',
      'set server scheduling=True',
    ]);
    const marked = placeholder({ np: 2, requestId: null, properties: ['mesos-torque.placeholder'] });
    expect(sentences({ ...old, nodes: [marked] })[0]).toBe('set node head.torque.test np=48');
  });
});

describe('a queue', () => {
  test('is made where there is none and one is asked for, before anything else', () => {
    expect(sentences(fresh, { queue: 'batch' }).slice(0, 2)).toEqual([
      'create queue batch queue_type=execution,enabled=true,started=true',
      'set server default_queue=batch',
    ]);
  });

  test('of the administrator will do, and becomes the default one if it is the only one', () => {
    const own = viewOf('create queue long\nset queue long started = True\n', [placeholder()]);

    expect(sentences(own, { queue: 'batch' })[0]).toBe('set server default_queue=long');
  });
});

describe('limits for qsub', () => {
  const limits = { nodes: 10, slots: 48, memMib: 49_024, ownerMark: 'mesos-torque' };
  const base = viewOf(setUp, [placeholder()]);

  test('are those of the safe allocation', () => {
    expect(sentences(base, { limits })).toEqual([
      'set server resources_max.nodect=10',
      'set server resources_max.procct=48',
      'set server resources_max.mem=49024mb',
    ]);
  });

  test('count the nodes of others too, and leave out what those have not told', () => {
    const nodes = [placeholder(), aNode('static1', { np: 16, memMib: null, requestId: null })];

    expect(sentences({ ...base, nodes }, { limits })).toEqual([
      'set server resources_max.nodect=11',
      'set server resources_max.procct=64',
    ]);
  });

  test('lower ones of the administrator stay, ones that we set follow the safe allocation', () => {
    const set = viewOf(`${setUp}set server resources_max.procct = 20\nset server resources_max.mem = 2gb\n`, [
      placeholder(),
    ]);
    const ours: SetupChange = {
      target: { kind: 'server', attribute: 'resources_max.procct' },
      before: null,
      after: '20',
    };

    expect(sentences(set, { limits })).toEqual(['set server resources_max.nodect=10']);
    expect(sentences(set, { limits }, [ours])).toEqual([
      'set server resources_max.nodect=10',
      'set server resources_max.procct=48',
    ]);
  });
});

test('managers are added where they are not, also not by a pattern', () => {
  const base = viewOf(`${setUp}set server managers = root@head\nset server managers += alice@*\n`, [
    placeholder(),
  ]);

  expect(sentences(base, { managers: ['root@head', 'alice@node1', 'torque@head'] })).toEqual([
    'set server managers += torque@head',
  ]);
});

describe('what qmgr prints of a server', () => {
  test('is its settings and those of its queues', () => {
    const parsed = viewOf(setUp);

    expect(parsed.queues.get('batch')?.get('started')).toEqual(['True']);
  });

  test('has lists', () => {
    const printed = viewOf('set server managers = root@head\nset server managers += alice@*\n');

    expect(printed.server.get('managers')).toEqual(['root@head', 'alice@*']);
    expect(fresh.server.get('node_check_rate')).toEqual(['150']);
  });

  test('is an error where it is anything else', () => {
    expect(parsePrintServer('Server head\n\tscheduling = True\n')).toMatchObject({
      ok: false,
      problem: { kind: 'garbled', detail: 'qmgr output: "Server head" is neither a setting nor a comment' },
    });
    expect(parsePrinted('set queue batch started = True\n')).toMatchObject({ ok: false });
  });

  test('tells the version', () => {
    expect(versionIn(recording('fresh-qmgr-list-server').stdout.toString())).toBe('6.1.3.h5');
    expect(versionIn(recording('qmgr-fresh-list-server', '4.2').stdout.toString())).toBe('4.2.10');
  });
});
