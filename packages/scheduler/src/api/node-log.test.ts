import { systemClock } from '@mesos-torque/common/clock.ts';
import { createVirtualClock } from '../loop/testing/virtual-clock.ts';
import { expect, test } from 'vitest';
import type { FileTail, Outcome, SandboxFile } from '../loop/ports.ts';
import { aControlStory, type ControlStory } from './testing/control-story.ts';

const scenario = 'policy minSlotsHeld=0 nodes=4\nnode n1 np=2 phase=up\nstatic s1 np=2\n';
const request = { node: 'n1', file: '', linesMax: 0 };

const tail = (text: string): Outcome<FileTail> => ({
  ok: true,
  value: { agent: 'http://10.0.0.7:5051', text, bytes: text.length, offset: 0 },
});

function aStory(answer: (wanted: SandboxFile) => Outcome<FileTail>, clock = systemClock): ControlStory {
  const story = aControlStory(scenario, clock);
  story.onLog((wanted) => Promise.resolve(answer(wanted)));
  return story;
}

test('the end of the log of the node that its task made', async () => {
  const wanted: SandboxFile[] = [];
  const { control, feed } = aStory((one) => {
    wanted.push(one);
    return tail('Segmentation fault\n');
  });

  const log = await control.getNodeLog({ ...request, node: 'N1' });

  const [intent] = feed.latest()!.snapshot.intents;
  expect(log).toMatchObject({
    node: 'n1',
    taskId: intent?.taskId,
    agentId: intent?.agentId,
    agent: 'http://10.0.0.7:5051',
    file: 'stderr',
    lines: [{ text: 'Segmentation fault' }],
    isCut: false,
    bytes: 19n,
  });
  expect(wanted).toMatchObject([{ executorId: intent?.taskId, agentId: intent?.agentId, file: 'stderr' }]);
});

test('a node that is gone is remembered: why it went is often in its log', async () => {
  const story = aStory(() => tail('its last words\n'));

  story.tell('policy minSlotsHeld=0 nodes=4\n');

  expect(await story.control.getNodeLog(request)).toMatchObject({ lines: [{ text: 'its last words' }] });
});

test.each([
  ['unreachable', 'UNAVAILABLE', 'AGENT_SILENT'],
  ['timed-out', 'UNAVAILABLE', 'AGENT_SILENT'],
  ['not-found', 'NOT_FOUND', 'LOG_GONE'],
  ['refused', 'FAILED_PRECONDITION', 'LOG_REFUSED'],
  ['garbled', 'INTERNAL', 'LOG_UNREADABLE'],
] as const)('an agent whose answer is %s is told of in one line', async (kind, code, reason) => {
  const { control } = aStory(() => ({ ok: false, problem: { kind, detail: 'asking a7: no' } }));

  await expect(control.getNodeLog(request)).rejects.toMatchObject({
    code,
    reason,
    message: 'the log of n1 could not be read: asking a7: no',
  });
});

test.each([
  [{ node: 'n9' }, 'NODE_UNKNOWN'],
  [{ node: 's1' }, 'NODE_NOT_OURS'],
  [{ file: '../../etc/passwd' }, 'FILE_UNKNOWN'],
  [{ linesMax: 1_001 }, 'TOO_MANY_LINES'],
])('not asked for at all: %j', async (wrong, reason) => {
  const story = aStory(() => {
    throw new Error('no agent is to be asked');
  });

  await expect(story.control.getNodeLog({ ...request, ...wrong })).rejects.toMatchObject({ reason });
});

test('many who look cost one question, for a moment', async () => {
  const clock = createVirtualClock(1_000_000);
  let asked = 0;
  const { control } = aStory(() => tail(`${String((asked += 1))}\n`), clock);

  await Promise.all([control.getNodeLog(request), control.getNodeLog(request)]);
  expect(await control.getNodeLog(request)).toMatchObject({ lines: [{ text: '1' }] });

  await clock.runUntil(1_002_001, () => false);
  expect(await control.getNodeLog(request)).toMatchObject({ lines: [{ text: '2' }] });
  expect(asked).toBe(2);
});

test('no more than eight logs are read at once', async () => {
  const nodes = Array.from({ length: 9 }, (_, index) => `n${String(index)}`);
  const story = aControlStory(
    `policy minSlotsHeld=0 nodes=40\n${nodes.map((name) => `node ${name} np=2 phase=up\n`).join('')}`,
    systemClock,
  );
  const waiting: (() => void)[] = [];
  story.onLog(
    () =>
      new Promise((resolve) => {
        waiting.push(() => {
          resolve(tail('x\n'));
        });
      }),
  );

  const all = nodes.map((node) => story.control.getNodeLog({ ...request, node }));
  await expect(all[8]).rejects.toMatchObject({ code: 'RESOURCE_EXHAUSTED', reason: 'TOO_MANY_LOGS' });
  for (const answer of waiting) answer();

  await expect(Promise.all(all.slice(0, 8))).resolves.toHaveLength(8);
  const ninth = story.control.getNodeLog({ ...request, node: 'n8' });
  await expect.poll(() => waiting).toHaveLength(9);
  waiting[8]?.();
  await expect(ninth).resolves.toMatchObject({ node: 'n8' });
});
