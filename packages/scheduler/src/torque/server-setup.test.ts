import { describe, expect, test } from 'vitest';
import type { TorqueNode } from '../core/facts.ts';
import { parsePrintServer, type ServerAttributes } from './server-attributes.ts';
import { applySetup, planSetup, type WantedSetup } from './server-setup.ts';
import { recording, resultOf } from './testing/recordings.ts';
import { exited, scriptedRun } from './testing/scripted-run.ts';
import { TorqueCommands } from './torque-commands.ts';

const wanted: WantedSetup = {
  placeholder: { node: 'head.torque.test', np: 48, requestId: 'mesos-torque.placeholder' },
  nodect: 100,
  schedulerIterationS: 10,
};

function attributesOf(text: string): ServerAttributes {
  const parsed = parsePrintServer(text);
  if (!parsed.ok) throw new Error(parsed.problem.detail);
  return parsed.value;
}

const fresh = attributesOf(recording('fresh-qmgr-print-server').stdout.toString());

function placeholder(of: Partial<TorqueNode> = {}): TorqueNode {
  return {
    name: 'head.torque.test',
    np: 48,
    gpus: 0,
    states: ['down'],
    properties: [],
    note: null,
    requestId: 'mesos-torque.placeholder',
    jobs: [],
    memMib: null,
    momServicePort: 15002,
    momManagerPort: 15003,
    ...of,
  };
}

function sentences(attributes: ServerAttributes, nodes: readonly TorqueNode[]): readonly string[] {
  const plan = planSetup(attributes, nodes, wanted);
  return plan.ok ? plan.steps.map(({ sentence }) => sentence) : [`conflict: ${plan.why}`];
}

describe('a server', () => {
  test('that is fresh gets everything, each with a reason', () => {
    const plan = planSetup(fresh, [], wanted);

    expect(sentences(fresh, [])).toEqual([
      'create node head.torque.test np=48,requestid=mesos-torque.placeholder',
      'set server resources_available.nodect=100',
      'set server scheduler_iteration=10',
      'set server scheduling=true',
    ]);
    expect(plan.ok && plan.steps.every(({ why }) => why.length > 20)).toBe(true);
  });

  test('that has all of it gets nothing', () => {
    const setUp = attributesOf(
      'set server scheduling = True\nset server resources_available.nodect = 100\nset server scheduler_iteration = 10\n',
    );

    expect(sentences(setUp, [placeholder()])).toEqual([]);
  });

  test('that has more than is needed is left alone', () => {
    const generous = attributesOf(
      'set server scheduling = True\nset server resources_available.nodect = 500\nset server scheduler_iteration = 5\n',
    );

    expect(sentences(generous, [placeholder({ np: 1000, requestId: null })])).toEqual([]);
  });

  test('whose placeholder is too small gets it enlarged, if it is ours', () => {
    expect(sentences(fresh, [placeholder({ np: 2 })])[0]).toBe('set node head.torque.test np=48');
    expect(sentences(fresh, [placeholder({ np: 2, requestId: null })])).toEqual([
      'conflict: node head.torque.test was not made by us and has 2 slots, less than the 48 slots of the safe allocation',
    ]);
  });
});

test('setting up reads the server first, does the steps in order, and stops at the first that fails', async () => {
  const printed = resultOf(recording('fresh-qmgr-print-server'));
  const { run, lines } = scriptedRun(
    printed,
    exited(0),
    exited(2, '', 'qmgr obj= svr=default: Unauthorized Request  \n'),
  );
  const commands = new TorqueCommands({ run, binDir: null, timeoutMs: 1000 });

  const applied = await applySetup(commands, [], wanted);

  expect(lines).toEqual([
    'qmgr -c print server',
    'qmgr -c create node head.torque.test np=48,requestid=mesos-torque.placeholder',
    'qmgr -c set server resources_available.nodect=100',
  ]);
  expect(applied).toEqual({
    ok: false,
    problem: {
      kind: 'refused',
      detail:
        'setting up pbs_server: set server resources_available.nodect=100: qmgr exited 2: Unauthorized Request',
    },
  });
});

describe('what qmgr prints of a server', () => {
  test('is its settings, whatever queues stand before them', () => {
    const setup = attributesOf(recording('fresh-qmgr-print-server').stdout.toString());
    const withQueue = attributesOf(
      'create queue batch\nset queue batch enabled = True\nset server managers = root@head\nset server managers += alice@*\n',
    );

    expect(setup.get('node_check_rate')).toEqual(['150']);
    expect(withQueue.get('managers')).toEqual(['root@head', 'alice@*']);
  });

  test('is an error where it is anything else', () => {
    expect(parsePrintServer('Server head\n\tscheduling = True\n')).toMatchObject({
      ok: false,
      problem: { kind: 'garbled', detail: 'qmgr output: "Server head" is neither a setting nor a comment' },
    });
  });
});
