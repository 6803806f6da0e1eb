/**
 * Every command that the documents show is one: each `mesos-torque …` line goes through the program's own parser, and those that
 * ask or order are run against a scheduler with the jobs and nodes that the documents speak of. Other programs are known
 * ones, their units and paths exist. YAML that configures us is read by the reader of the configuration.
 */
import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { systemClock } from '@mesos-torque/common/clock.ts';
import { CommanderError } from 'commander';
import { parse } from 'yaml';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { messageOf } from '@mesos-torque/common/text.ts';
import { serveControl, type ControlServer } from '../api/control-server.ts';
import { controlService } from '../api/control-service.ts';
import { aControlStory } from '../api/testing/control-story.ts';
import { onSocket } from '../api/tokens.ts';
import { optionKeys } from '../config-options.ts';
import { readOptions } from '../config-read.ts';
import { buildProgram } from './commands.ts';
import { filterWordsLast } from './filter-words.ts';
import { run, temporaryFolder } from './testing/run.ts';
import { realTerminal } from './terminal.ts';

const root = path.resolve(import.meta.dirname, '../../../..');
const files = ['README.md', ...globSync('docs/**/*.md', { cwd: root }).toSorted()];

interface Block {
  readonly file: string;
  readonly language: string;
  readonly lines: readonly string[];
}

/** Fenced and indented blocks. */
function blocksOf(file: string): readonly Block[] {
  const text = readFileSync(path.join(root, file), 'utf8');
  const fenced = [...text.matchAll(/^```(\w*)\n(.*?)^```$/gms)].map(([, language = '', body = '']) => ({
    file,
    language,
    lines: body.trimEnd().split('\n'),
  }));
  const indented = [...text.matchAll(/(?:^ {4}.+\n)+/gm)].map(([body]) => ({
    file,
    language: '',
    lines: body.trimEnd().split('\n'),
  }));
  return [...fenced, ...indented];
}

const blocks = files.flatMap(blocksOf);

interface Line {
  readonly file: string;
  readonly line: string;
  /** Words of our own command line; null where the line is another program's. */
  readonly ours: readonly string[] | null;
}

const ownName = /^(?:\S+=)?(?:sudo -u \S+ )?(?:npm run -s )?(?:\/usr\/bin\/)?mesos-torque(?: --)? (.*)$/;

/** Words as a shell takes them; what comes behind `|`, `>` and a comment is not ours. */
function words(text: string): readonly string[] {
  const ours = text.replace(/\s+#.*$|\s+[|>].*$/, '');
  return [...ours.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].map(([, a, b, c]) => a ?? b ?? c ?? '');
}

const lines: readonly Line[] = blocks.flatMap(({ file, language, lines: all }) =>
  all.flatMap((raw): readonly Line[] => {
    const prompted = /^\s*[$#] (.*)$/.exec(raw)?.[1];
    if (language === 'console' && prompted === undefined) return [];
    const line = (prompted ?? raw).trim().replace(/^Exec\w+=/, '');
    const own = ownName.exec(line)?.[1];
    if (own !== undefined) return [{ file, line, ours: words(own) }];
    return language === 'console' ? [{ file, line, ours: null }] : [];
  }),
);

const scenario = `
policy minSlotsHeld=0 nodes=40
job 42 nodes=1:ppn=8
node n7.example.org np=2 phase=up
offer n8.example.org cpus=4
`;

let server: ControlServer;
const folder = temporaryFolder();
const socket = path.join(folder.path, 's');

beforeAll(async () => {
  const { control } = aControlStory(scenario, systemClock);
  server = await serveControl(
    socket,
    controlService(control, () => onSocket),
  );
});
afterAll(async () => {
  await server.close();
  folder.remove();
});

/** Parsed, not run; the sentence of the error, if it is one. */
async function problemWith(args: readonly string[]): Promise<string | null> {
  const never = (): Promise<never> => Promise.reject(new Error('not run'));
  const parts = { run: never, setup: never, doctor: never };
  const program = buildProgram(parts, { ...realTerminal(), out: () => undefined, err: () => undefined });
  for (const command of program.commands) command.action(() => undefined);
  try {
    await program.parseAsync([...filterWordsLast(args)], { from: 'user' });
    return null;
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return null;
    return messageOf(error);
  }
}

const asking = [
  ...['status', 'jobs', 'nodes', 'offers', 'explain', 'snapshot'],
  ...['drain', 'undrain', 'hold', 'release', 'scale', 'log-level', 'repair', 'brake'],
];
/** What is not there in the story, and may be said so. */
const mayFail = /^(?:brake confirm|repair --yes --clear-agent|undrain)/;

/** Asking over TLS has tests of its own; here the same is asked of the scheduler of this story. */
function hereInsteadOfThere(args: readonly string[]): readonly string[] {
  const there = ['--api', '--ca', '--cert', '--key', '--token-file'];
  return args.filter((arg, index) => !there.includes(arg) && !there.includes(args[index - 1] ?? ''));
}

describe('commands in the documents', () => {
  it('are many', () => {
    expect(lines.filter(({ ours }) => ours !== null).length).toBeGreaterThan(45);
    expect(new Set(lines.map(({ file }) => file)).size).toBeGreaterThan(4);
  });

  it.each(lines.filter(({ ours }) => ours !== null))('$file: $line', async ({ ours }) => {
    const args = ours ?? [];

    expect(await problemWith(args)).toBeNull();
    if (!asking.includes(args[0] ?? '') || args.includes('--help')) return;
    const ended = await run(...hereInsteadOfThere(args), '--socket', socket);
    const isKnown = mayFail.test(args.join(' ')) ? [0, 1] : [0];
    expect({ ...ended, code: isKnown.includes(ended.code) ? 0 : ended.code }).toMatchObject({ code: 0 });
  });

  it.each(inlineCommands())('$file mentions $command, which there is', async ({ command }) => {
    const problem = await problemWith(words(command));

    expect(
      problem === null || /missing required argument|required option/.test(problem) ? null : problem,
    ).toBeNull();
  });
});

/** `mesos-torque …` within a sentence: it may leave out what has to be given. */
function inlineCommands(): readonly { readonly file: string; readonly command: string }[] {
  return files.flatMap((file) => {
    const text = readFileSync(path.join(root, file), 'utf8').replace(/^```.*?^```$/gms, '');
    const found = [...text.matchAll(/`mesos-torque ([a-z][^`\n]*)`/g)].map(([, command = '']) => command);
    return [...new Set(found)].map((command) => ({ file, command }));
  });
}

describe('other programs in the documents', () => {
  const known = [
    ...[
      'apt',
      'tar',
      'systemctl',
      'systemd-sysusers',
      'journalctl',
      'usermod',
      'sudo',
      'curl',
      'man',
      'ls',
      'cp',
    ],
    ...[
      'qmgr',
      'qstat',
      'pbsnodes',
      'qsub',
      'qrls',
      'qhold',
      'tracejob',
      'momctl',
      'pbs_mom',
      'grpcurl',
      'ntpq',
    ],
    ...[
      'openssl',
      'install',
      'chmod',
      'chown',
      'node',
      'npm',
      'getent',
      'ping',
      'ss',
      'df',
      'checkjob',
      'showq',
    ],
  ];

  it.each(lines.filter(({ ours }) => ours === null))('$file: $line', ({ line }) => {
    const [program = '', ...rest] = words(line);

    expect(known).toContain(program);
    if (program === 'systemctl' || program === 'journalctl') {
      for (const unit of rest.filter((word) => word.startsWith('mesos-torque'))) {
        const name = unit.replace(/\.service$/, '');
        expect(globSync('packaging/*.service', { cwd: root })).toContain(`packaging/${name}.service`);
      }
    }
    const served = /:8470(\/[^"?\s]*)/.exec(line)?.[1];
    if (served !== undefined) {
      expect(['/', '/readyz', '/healthz', '/metrics', '/api/v1/decisions', '/api/v1/status']).toContain(
        served,
      );
    }
  });
});

describe('configuration in the documents', () => {
  const sections = new Set(optionKeys.map((key) => key.split('.')[0]));
  const yaml = blocks.filter(({ language, lines: body }) => {
    if (language !== 'yaml') return false;
    const value: unknown = parse(body.join('\n'));
    return typeof value === 'object' && value !== null && Object.keys(value).some((key) => sections.has(key));
  });

  it('is there', () => {
    expect(yaml.length).toBeGreaterThan(4);
  });

  it.each(yaml)('$file: $lines', ({ file, lines: body }) => {
    const { errors } = readOptions({
      file: { name: file, text: body.join('\n') },
      environment: {},
      settings: [],
    });

    expect(errors).toEqual([]);
  });
});

describe('links in the documents', () => {
  const links = files.flatMap((file) => {
    const text = readFileSync(path.join(root, file), 'utf8');
    return [...text.matchAll(/\]\((?!https?:)([^)#]*)(#[^)]*)?\)/g)].map(([, to = '', anchor = '']) => ({
      file,
      to,
      anchor,
    }));
  });

  it.each(links)('$file -> $to$anchor', ({ file, to, anchor }) => {
    const place = to === '' ? path.join(root, file) : path.resolve(root, path.dirname(file), to);
    expect(globSync(place)).toEqual([place]);
    if (anchor === '') return;
    const headings = [...readFileSync(place, 'utf8').matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
      heading
        .toLowerCase()
        .replace(/[^a-z0-9 -]/g, '')
        .replaceAll(' ', '-'),
    );
    expect(headings).toContain(anchor.slice(1));
  });
});
