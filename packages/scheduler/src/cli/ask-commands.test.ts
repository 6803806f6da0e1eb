import path from 'node:path';
import { systemClock } from '@mesos-torque/common/clock.ts';
import { GetStatusResponse, WatchResponse } from '@mesos-torque/proto/gen/control/v1/messages.ts';
import { parse } from 'yaml';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { serveControl, type ControlServer } from '../api/control-server.ts';
import { controlService } from '../api/control-service.ts';
import { aControlStory, type ControlStory } from '../api/testing/control-story.ts';
import { onSocket } from '../api/tokens.ts';
import { buildProgram } from './commands.ts';
import { liveScreen } from './live-screen.ts';
import { table } from './table.ts';
import { run, temporaryFolder, type Ended, type Folder } from './testing/run.ts';

const scenario = `
policy minSlotsHeld=0 nodes=4
job 1 nodes=1:ppn=8
job 7 state=running on=n1
node n1 np=2 phase=up jobs=7
offer a cpus=4
`;

let folder: Folder;
let story: ControlStory;
let server: ControlServer;

beforeEach(async () => {
  folder = temporaryFolder();
  story = aControlStory(scenario, systemClock);
  server = await serveControl(
    path.join(folder.path, 's'),
    controlService(story.control, () => onSocket),
  );
});

afterEach(async () => {
  await server.close();
  folder.remove();
});

const ask = (...args: readonly string[]): Promise<Ended> =>
  run(...args, '--socket', path.join(folder.path, 's'));

describe('what is asked', () => {
  it('comes as a table', async () => {
    expect((await ask('jobs', 'verdict:waiting')).out).toBe(
      'JOB     OWNER  STATE   VERDICT  BECAUSE\n' +
        '1.head  ada    queued  waiting  the one offer does not fit: cpus: asked 8.1 cpus, offer had 4, short by 4.1, agent agent-of-a\n',
    );
    expect((await ask('nodes')).out).toContain('n1    up     1/2    1     runs 1 job');
    expect((await ask('offers', '-o', 'wide')).out).toContain('OFFER       HOST  AGENT       HOLDS');
    expect((await ask('jobs', 'verdict:served')).out).toBe('No jobs.\n');
    expect((await ask('nodes', '-phase:up', '-o', 'wide')).out).toBe('No nodes.\n');
    expect((await ask('jobs', '-owner:bob', 'verdict:waiting')).out).toContain('1.head');
  });

  it('comes as JSON or YAML of the same messages', async () => {
    const json = JSON.parse((await ask('jobs', '--json')).out) as { jobs: { id: string }[] };
    const yaml = parse((await ask('nodes', '-o', 'yaml')).out) as { nodes: { name: string }[] };

    expect(json.jobs.map(({ id }) => id)).toEqual(['1.head', '7.head']);
    expect(yaml.nodes.map(({ name }) => name)).toEqual(['n1']);
    expect(JSON.parse((await ask('status', '--json')).out)).toMatchObject({ nodes_by_phase: { up: 1 } });
    expect(JSON.parse((await ask('snapshot')).out)).toMatchObject({ nextSerial: 100 });
  });

  it('ends an explanation in one sentence', async () => {
    const { out } = await ask('explain', 'job', '1');

    expect(out).toContain('What Mesos offers\n');
    expect(out.trimEnd().split('\n').at(-1)).toMatch(
      /^Job 1 waits: the one offer does not fit: .* short by 4\.1/,
    );
  });

  it.each([
    [['explain', 'job', '99'], 1, 'there is no job 99'],
    [['explain', 'colour', 'red'], 2, 'jobs, nodes, offers and agents can be explained'],
    [['jobs', 'colour:red'], 2, 'there is no field "colour"'],
    [['jobs', '-o', 'xml'], 2, 'Allowed choices are table, wide, json, yaml'],
    [['drain', 'node', 'n9', '--why', 'x'], 1, 'there is no node n9'],
    [['scale', '--max', '9', '--why', 'x'], 2, 'more than policy.safeAllocation.nodes'],
    [['drain', 'node', 'n1', '--why', 'x', '--deadline', 'soon'], 2, '--deadline soon is not possible'],
    [['completion', 'fish'], 2, ''],
  ] as const)('says what is wrong, by its exit code too: %j', async (args, code, error) => {
    const ended = args[0] === 'completion' ? await run(...args) : await ask(...args);

    expect(ended).toMatchObject({ code, out: '' });
    expect(ended.err).toContain(error);
  });

  it('says that no scheduler answers', async () => {
    const ended = await run('nodes', '--socket', path.join(folder.path, 'none'));

    expect(ended).toMatchObject({ code: 3, out: '' });
    expect(ended.err).toContain('no scheduler answers at');
  });
});

describe('what is ordered', () => {
  it('drains, holds and scales, and takes it back', async () => {
    expect((await ask('drain', 'node', 'n1', '--why', 'disk', '--deadline', '2h')).out).toContain(
      'Draining node n1 (n1).',
    );
    expect(story.wishes().drains[0]).toMatchObject({
      why: 'disk',
      target: { kind: 'node', node: 'n1' },
      force: false,
    });
    expect((await ask('undrain', 'node', 'n1', '--why', 'done')).out).toBe('No longer drained: node n1.\n');
    expect((await ask('hold', '--why', 'power cut')).code).toBe(0);
    expect((await ask('explain', 'job', '1')).out).toContain('power cut');
    expect((await ask('release', '--why', 'back')).out).toBe('Growth is released.\n');
    expect((await ask('scale', '--min', '1', '--max', '2', '--why', 'night')).out).toBe(
      'Nodes held: at least 1, at most 2.\n',
    );
  });

  it('answers programs as JSON and YAML', async () => {
    const drained = await ask('drain', 'node', 'n1', '--why', 'disk', '-o', 'json');
    const held = await ask('hold', '--why', 'power cut', '-o', 'yaml');

    expect(JSON.parse(drained.out)).toMatchObject({ nodes: ['n1'], drain: { why: 'disk' } });
    expect(parse(held.out)).toMatchObject({ growth_held: { why: 'power cut' } });
    expect(JSON.parse((await ask('release', '--why', 'back', '--json')).out)).toEqual({});
  });

  it('is not done for a form of answer that there is not', async () => {
    expect(await ask('hold', '--why', 'power cut', '-o', 'xml')).toMatchObject({ code: 2, out: '' });
    expect(story.wishes().growthHeld).toBeNull();
  });

  it('takes a reason', async () => {
    expect(await ask('hold')).toMatchObject({ code: 2, out: '' });
  });
});

describe('help', () => {
  const never = (): Promise<never> => Promise.reject(new Error('not run'));
  const { commands } = buildProgram({ run: never, setup: never, doctor: never });
  const commandNames = commands.map((command) => command.name());

  it.each(commandNames)('of %s has an example and the exit codes', async (command) => {
    const { code, out } = await run(command, '--help');

    expect(code).toBe(0);
    expect(out).toContain(`mesos-torque ${command}`);
    expect(out).toContain('Examples:');
    expect(out).toContain('Exit codes: 0');
  });

  it('is completed by the shells', async () => {
    const { out } = await run('completion', 'bash');

    expect(out).toContain('complete -F _mesos_torque mesos-torque');
    expect(out).toMatch(/drain\) words="node agent" options=".*--deadline --force.*"/);
    expect((await run('completion', 'zsh')).out).toMatch(/^#compdef mesos-torque/);
  });
});

describe('the live screen', () => {
  const entry = WatchResponse.fromPartial({
    sequence: 1n,
    atMs: 0n,
    event: 'node created',
    node: 'n1',
    why: 'x'.repeat(200),
  });

  it('fits the terminal, whatever there is to show', async () => {
    const status = await story.control.getStatus({ summary: false });
    const entries = Array.from({ length: 50 }, () => entry);

    const lines = liveScreen({ status, problem: '', entries }, { columns: 60, rows: 20 }, 1_000_000);

    expect(lines.length).toBe(20);
    expect(Math.max(...lines.map((line) => line.length))).toBe(60);
    expect(lines.join('\n')).toContain('n1    up           1/2');
    expect(lines.at(-1)).toContain('node created n1');
  });

  it('says that nobody answers', () => {
    const lines = liveScreen(
      { status: null, problem: 'no scheduler answers', entries: [] },
      { columns: 60, rows: 20 },
      0,
    );

    expect(lines[0]).toBe('mesos-torque: no scheduler answers');
  });

  it('shows control characters of others as escapes', () => {
    const status = GetStatusResponse.fromPartial({ notices: ['\u001B[2J'] });

    expect(
      liveScreen({ status, problem: '', entries: [] }, { columns: 80, rows: 20 }, 0).join(''),
    ).not.toContain('\u001B');
  });
});

it('a table is no wider than the terminal', () => {
  expect(table(['A', 'B'], [['1', 'x'.repeat(90)]], 30).split('\n')[1]).toBe(`1  ${'x'.repeat(26)}…`);
});

describe('agents by their hosts', () => {
  it('are drained and undrained, and the order holds for the id', async () => {
    expect((await ask('drain', 'agent', 'A', '--why', 'kernel')).code).toBe(0);
    expect(story.wishes().drains[0]?.target).toEqual({ kind: 'agent', agentId: 'agent-of-a' });

    expect((await ask('undrain', 'agent', 'a', '--why', 'done')).code).toBe(0);
    expect(story.wishes().drains).toEqual([]);
  });

  it('are not guessed where two are on one host', async () => {
    story.change((snapshot) => {
      const [offer] = snapshot.offers;
      return { ...snapshot, offers: [...snapshot.offers, { ...offer!, id: 'o2', agentId: 'agent-anew' }] };
    });

    const ended = await ask('drain', 'agent', 'a', '--why', 'kernel');

    expect(ended).toMatchObject({ code: 2, out: '' });
    expect(ended.err).toBe(
      'mesos-torque: agent a: on that host are agent-anew and agent-of-a; name one of them by its id\n',
    );
    expect(await ask('explain', 'agent', 'a')).toEqual(ended);
    expect(story.wishes().drains).toEqual([]);
    expect((await ask('drain', 'agent', 'agent-anew', '--why', 'kernel')).code).toBe(0);
  });

  it('that nobody knows are not drained', async () => {
    expect(await ask('drain', 'agent', 'b', '--why', 'kernel')).toMatchObject({
      code: 1,
      err: 'mesos-torque: agent b neither offers nor has a node of ours\n',
    });
  });
});

describe('explain node --log', () => {
  const logOf = (text: string) => ({
    ok: true as const,
    value: { agent: 'http://10.0.0.7:5051', text, bytes: 90_000, offset: 0 },
  });

  it('puts the logs before the explanation, the sentence last', async () => {
    story.onLog(({ file }) =>
      Promise.resolve(
        logOf(
          file === 'stderr'
            ? '{"level":"warn","time":"2026-11-22T07:11:20.500Z","event":"pbs_mom nudged"}\n'
            : 'pbs_mom error 11/22/2026 07:11:20.123;01;x;LOG_ERROR::bad connect\n',
        ),
      ),
    );

    const { out, code } = await ask('explain', 'node', 'n1', '--log');

    expect(code).toBe(0);
    expect(out).toContain("Its executor's log (task");
    expect(out).toContain('  07:11:20.500 WARN pbs_mom nudged\n');
    expect(out).toContain("Its pbs_mom's log (task");
    expect(out).toContain('  ERROR 11/22/2026 07:11:20.123;01;x;LOG_ERROR::bad connect\n');
    expect(out.trimEnd().split('\n').at(-1)).toContain('Node n1');
  });

  it('explains though the agent is silent, which it says in one line', async () => {
    const { out, code } = await ask('explain', 'node', 'n1', '--log');

    expect(code).toBe(0);
    expect(out).toContain(
      "Its executor's log\n  the log of n1 could not be read: no agent is part of this story\n",
    );
    expect(out).toContain('Node n1');
  });

  it('comes as JSON with the explanation', async () => {
    story.onLog(() => Promise.resolve(logOf('a\nb\n')));

    const { out } = await ask('explain', 'node', 'n1', '--log', '--lines', '1', '--json');

    expect(JSON.parse(out)).toMatchObject({
      kind: 'node',
      logs: [
        { file: 'stderr', lines: [{ text: 'b' }] },
        { file: 'stdout', is_cut: true },
      ],
    });
  });

  it('tells of a node that is gone', async () => {
    story.onLog(() => Promise.resolve(logOf('its last words\n')));
    story.tell('policy minSlotsHeld=0\n');

    const { out, code } = await ask('explain', 'node', 'n1', '--log');

    expect(code).toBe(0);
    expect(out).toContain('  its last words\n');
  });

  it.each([
    [['explain', 'job', '1', '--log'], 2, 'nodes have logs'],
    [['explain', 'node', 'n1', '--log', '--lines', '0'], 2, '--lines 0: give 1 to 1000'],
    [['explain', 'node', 'n9', '--log'], 1, 'there is no node n9'],
  ] as const)('%j', async (args, code, words) => {
    const ended = await ask(...args);

    expect(ended).toMatchObject({ code, out: '' });
    expect(ended.err).toContain(words);
  });
});
