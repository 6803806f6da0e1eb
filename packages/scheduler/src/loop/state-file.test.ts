import { existsSync } from 'node:fs';
import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { anIntent } from '../core/testing/builders.ts';
import type { DurableState } from './ports.ts';
import { noWishes } from '../core/wishes.ts';
import { openStateFile, type StateFile } from './state-file.ts';

let directory = '';
let open: StateFile[] = [];
beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'state-'));
  open = [];
});
afterEach(async () => {
  for (const file of open) await file.close();
  await rm(directory, { recursive: true });
});

async function aStateFile(): Promise<StateFile> {
  const file = await openStateFile(directory);
  open.push(file);
  return file;
}

const stateFile = (): string => path.join(directory, 'state.json');
const lock = (): string => path.join(directory, 'lock');
const holds = (holder: {
  readonly pid: number;
  readonly host: string;
  readonly birth?: string;
}): Promise<void> => writeFile(lock(), JSON.stringify({ ...holder, since: '2026-01-01T00:00:00Z' }));

const ports = { service: 31_000, manager: 31_001 };
const drain = { kind: 'drain', sinceMs: 12.5, why: 'idle' } as const;
const state: DurableState = {
  frameworkId: 'fw-1',
  nextSerial: 3,
  intents: [anIntent('n1'), anIntent('n2', { ports, goal: drain, properties: ['bigmem'] })],
  wishes: {
    growthHeld: { who: 'ada', why: 'power cut ahead', sinceMs: 1 },
    drains: [
      {
        who: 'ada',
        why: 'new disk',
        sinceMs: 2,
        target: { kind: 'node', node: 'n1' },
        deadlineMs: null,
        force: false,
      },
      {
        who: 'bob',
        why: 'moved',
        sinceMs: 3,
        target: { kind: 'agent', agentId: 'a1' },
        deadlineMs: 9,
        force: true,
      },
    ],
    limits: { who: 'ada', why: 'night', sinceMs: 4, nodesMin: 1, nodesMax: null },
  },
};

describe('the state file', () => {
  it('gives back what was saved, and null before', async () => {
    const file = await aStateFile();

    expect(await file.load()).toBeNull();
    await file.save(state);
    await file.close();

    expect(await (await aStateFile()).load()).toEqual(state);
  });

  it('reads a state that was written before there were wishes', async () => {
    await writeFile(
      path.join(directory, 'state.json'),
      '{"version":1,"frameworkId":"fw-1","nextSerial":3,"intents":[]}',
    );

    const read = await (await aStateFile()).load();

    expect(read).toEqual({ frameworkId: 'fw-1', nextSerial: 3, intents: [], wishes: noWishes });
  });

  it('leaves no temporary file behind', async () => {
    const file = await aStateFile();

    await file.save(state);

    expect((await readdir(directory)).toSorted()).toEqual(['lock', 'state.json']);
  });

  it.each([
    ['cut off', '{"version":1,"framew', /state\.json: .*JSON.*restore it from a copy, or move it away/],
    ['of another version', '{"version":2,"frameworkId":null,"nextSerial":1,"intents":[]}', /version/],
    ['without a field', '{"version":1,"frameworkId":null,"intents":[]}', /nextSerial/],
    ['empty', '', /state\.json/],
  ])('refuses a state that is %s, and leaves it alone', async (_what, text, problem) => {
    await writeFile(stateFile(), text);
    const file = await aStateFile();

    await expect(file.load()).rejects.toThrow(problem);

    expect(await readFile(stateFile(), 'utf8')).toBe(text);
  });

  it('keeps the old state when the new one cannot be written', async () => {
    const file = await aStateFile();
    await file.save(state);
    const cyclic: Record<string, unknown> = { ...state };
    cyclic['self'] = cyclic;

    await expect(file.save(cyclic as unknown as DurableState)).rejects.toThrow();

    expect(await file.load()).toEqual(state);
  });
});

describe('the lock', () => {
  it('keeps a second one away, naming who holds it', async () => {
    await aStateFile();

    await expect(openStateFile(directory)).rejects.toThrow(
      `process ${process.pid} on ${hostname()} holds it`,
    );
  });

  it('is given back', async () => {
    const first = await aStateFile();
    await first.close();

    expect(await (await aStateFile()).load()).toBeNull();
  });

  it('is taken over from a process that is gone, and from a file cut short', async () => {
    // Larger than any process number that Linux gives.
    await holds({ pid: 2 ** 22 + 1, host: hostname() });
    const first = await aStateFile();
    await first.close();
    await writeFile(lock(), '');

    expect(await (await aStateFile()).load()).toBeNull();
  });

  it('of an earlier life with the same process number is taken over', async () => {
    await holds({ pid: process.pid, host: hostname() });

    expect(await (await aStateFile()).load()).toBeNull();
  });

  it.runIf(existsSync('/proc/self/stat'))(
    'of before a reboot is taken over, although another process has the number now',
    async () => {
      await holds({ pid: process.ppid, host: hostname(), birth: 'another-boot 4711' });

      expect(await (await aStateFile()).load()).toBeNull();
    },
  );

  it('of a process that runs is held, also where its birth is not known', async () => {
    await holds({ pid: process.ppid, host: hostname() });

    await expect(openStateFile(directory)).rejects.toThrow(`process ${process.ppid}`);
  });

  it('of another host counts as held: nothing can be known of it', async () => {
    await holds({ pid: 1, host: 'elsewhere.example.org' });

    await expect(openStateFile(directory)).rejects.toThrow('elsewhere.example.org');
  });
});
