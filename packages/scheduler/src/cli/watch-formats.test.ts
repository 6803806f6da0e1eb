/** `watch` where no screen is: the same entries in each form. */
import path from 'node:path';
import { systemClock } from '@mesos-torque/common/clock.ts';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { serveControl, type ControlServer } from '../api/control-server.ts';
import { controlService } from '../api/control-service.ts';
import { aControlStory } from '../api/testing/control-story.ts';
import { onSocket } from '../api/tokens.ts';
import type { OutputFlags } from './output.ts';
import { temporaryFolder, type Folder } from './testing/run.ts';
import { watch } from './watch-command.ts';

let folder: Folder;
let server: ControlServer;

beforeEach(async () => {
  folder = temporaryFolder();
  const story = aControlStory('policy minSlotsHeld=0\nnode n1 np=2 phase=up', systemClock);
  server = await serveControl(
    path.join(folder.path, 's'),
    controlService(story.control, () => onSocket),
  );
  story.ring.append({ atMs: 1_000, event: 'node created', node: 'n1', taskId: 't1', why: 'job 1' });
  story.ring.append({ atMs: 2_000, event: 'node drained', node: 'n1', taskId: 't1', why: 'idle' });
});

afterEach(async () => {
  await server.close();
  folder.remove();
});

/** What is printed until both entries have come. */
async function watched(flags: OutputFlags): Promise<string> {
  const enough = new AbortController();
  let out = '';
  const terminal = {
    out(text: string) {
      out += text;
      if (out.includes('node drained')) enough.abort();
    },
    err: (text: string) => {
      out += text;
    },
    environment: {},
    hostName: 'head',
    nowMs: () => 3_000,
  };
  const code = await watch(
    { ...flags, set: [], socket: path.join(folder.path, 's') },
    terminal,
    enough.signal,
  );
  expect(code).toBe(0);
  return out;
}

it('a line for each event', async () => {
  expect(await watched({})).toBe('00:00:01.000 node created n1: job 1\n00:00:02.000 node drained n1: idle\n');
});

it('wide: with the date and all ids', async () => {
  expect(await watched({ output: 'wide' })).toContain('1970-01-01T00:00:02.000Z node drained n1 t1: idle\n');
});

it.each([{ json: true }, { output: 'json' }] as const)('%j: an object a line', async (flags) => {
  const lines = (await watched(flags)).trimEnd().split('\n');

  expect(lines.map((line) => JSON.parse(line) as unknown)).toMatchObject([
    { event: 'node created', node: 'n1' },
    { event: 'node drained', node: 'n1' },
  ]);
});

it('YAML: a document each', async () => {
  const documents = parseAllDocuments(await watched({ output: 'yaml' }));

  expect(documents.map((one) => one.toJS() as unknown)).toMatchObject([
    { event: 'node created' },
    { event: 'node drained' },
  ]);
});
