/** qsub: a script from a file or from standard input becomes a job. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Submission } from '../shared/api.ts';
import type { Context } from '../shared/context.ts';
import { readSettings } from '../shared/settings.ts';
import { parseDateTime } from '../shared/times.ts';
import { ask, exitCodeOf, failToConnect } from './ask.ts';
import type { QsubOptions } from './qsub-options.ts';
import { parseQsubLine, qsubUsage, resourcesOf, withDirectives } from './qsub-options.ts';

const scriptBytesMax = 4 * 1024 * 1024;

export async function qsub(context: Context): Promise<number> {
  if (context.user === 'root') {
    context.err('qsub can not be run as root\n');
    return 1;
  }
  const line = parseQsubLine(context.args);
  if (line.bad !== null) return misused(context, `qsub: ${line.bad}\n`);
  const file = line.operands[0] ?? null;
  const script = await readScript(context, file);
  if (script === null) return 1;
  const options = withDirectives(line, script);
  const complaint = firstComplaint(options);
  if (complaint !== null) return misused(context, `${complaint}\n\n`);
  const reply = await ask<string>(context, {
    op: 'submit',
    job: submission(context, options, script, file),
  });
  switch (reply.kind) {
    case 'ok':
      if (!options.has('z')) context.out(`${reply.value}\n`);
      return 0;
    case 'refused':
      context.err(`qsub: submit error (${reply.text})\n`);
      return exitCodeOf(reply.code);
    case 'unreachable':
      return failToConnect(context, reply);
  }
}

function misused(context: Context, complaint: string): number {
  context.err(`${complaint}${qsubUsage}`);
  return 2;
}

async function readScript(context: Context, file: string | null): Promise<string | null> {
  if (file === null || file === '-') return context.readStdin(scriptBytesMax);
  try {
    return readFileSync(path.resolve(context.cwd, file), 'utf8');
  } catch {
    context.err(`qsub: script file '${file}' cannot be loaded - No such file or directory\n`);
    return null;
  }
}

/** What qsub finds wrong before it asks the server. */
function firstComplaint(options: QsubOptions): string | null {
  const checks: (readonly [string, RegExp])[] = [
    ['N', /^[\x21-\x7e]{1,255}$/],
    ['j', /^(oe|eo|n)$/],
    ['k', /^(n|o|e|oe|eo)$/],
    ['p', /^[+-]?\d{1,4}$/],
    ['r', /^[yn]$/],
  ];
  for (const [letter, right] of checks) {
    const value = options.last(letter);
    if (value !== null && !right.test(value)) return `[qsub: illegal -${letter} value]`;
  }
  const at = options.last('a');
  if (at !== null && parseDateTime(at, 0) === null) return '[qsub: illegal -a value]';
  return null;
}

function submission(context: Context, options: QsubOptions, script: string, file: string | null): Submission {
  const { serverName } = readSettings(context.home);
  const workDir = options.last('d') ?? context.cwd;
  const output = (given: string | null): string | null =>
    given === null ? null : given.includes(':') ? given : `${serverName}:${path.resolve(workDir, given)}`;
  const at = options.last('a');
  const join = options.last('j');
  const attributes = additionalAttributes(options);
  return {
    name: options.last('N') ?? (file === null || file === '-' ? 'STDIN' : path.basename(file)),
    queue: options.last('q')?.split('@')[0] ?? null,
    script,
    submitArgs: context.args.join(' '),
    submitHost: serverName,
    variables: variables(context, options, serverName, workDir),
    resources: resourcesOf(options),
    lRequest: options.last('L'),
    account: options.last('A'),
    shell: options.last('S'),
    join: join === 'oe' || join === 'eo' ? join : 'n',
    keep: options.last('k') ?? 'n',
    mailPoints: options.last('m') ?? 'a',
    priority: Number(options.last('p') ?? 0),
    rerunable: options.last('r') !== 'n',
    hold: options.has('h'),
    executionTimeS: at === null ? null : parseDateTime(at, Date.now() / 1000),
    depend: attributes.get('depend') ?? null,
    arrayRequest: options.last('t'),
    outputPath: output(options.last('o')),
    errorPath: output(options.last('e')),
    workDir,
  };
}

/** `-W depend=afterok:1:2,umask=022`: a piece without `=` belongs to the one before. */
function additionalAttributes(options: QsubOptions): Map<string, string> {
  const attributes = new Map<string, string>();
  let last = '';
  for (const piece of options.all('W').flatMap((list) => list.split(','))) {
    const at = piece.indexOf('=');
    if (at < 0) attributes.set(last, `${attributes.get(last) ?? ''},${piece}`);
    else {
      last = piece.slice(0, at);
      attributes.set(last, piece.slice(at + 1));
    }
  }
  return attributes;
}

/** As Variable_List has them: the submitter's surroundings, then `-v` and `-V`, then the server's. */
function variables(context: Context, options: QsubOptions, serverName: string, workDir: string): string[] {
  const { env } = context;
  const surroundings: (readonly [string, string | undefined])[] = [
    ['HOME', env['HOME'] ?? '/'],
    ['LOGNAME', context.user],
    ['PATH', env['PATH']],
    ['MAIL', env['MAIL']],
    ['SHELL', env['SHELL'] ?? '/bin/sh'],
    ['LANG', env['LANG']],
  ];
  const own = surroundings.flatMap(([name, value]) =>
    value === undefined ? [] : [`PBS_O_${name}=${value}`],
  );
  const given = options
    .all('v')
    .flatMap((list) => list.split(','))
    .filter(Boolean);
  const named = given.map((piece) => (piece.includes('=') ? piece : `${piece}=${env[piece] ?? ''}`));
  const whole = options.has('V')
    ? Object.entries(env)
        .filter(([name]) => !name.startsWith('TORQUE_STANDIN_'))
        .map(([name, value]) => `${name}=${value ?? ''}`)
    : [];
  return [
    ...own,
    ...[...whole, ...named].map((text) => text.replaceAll('"', '\\"')),
    `PBS_O_WORKDIR=${workDir}`,
    `PBS_O_HOST=${serverName}`,
    `PBS_O_SERVER=${serverName}`,
  ];
}
