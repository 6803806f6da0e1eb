/**
 * Manual pages, made from the same declarations that --help prints: one of the program, one of each command (section 1), and
 * one of the configuration (section 5).
 */
import type { Command } from 'commander';
import { readOptions } from '../config-read.ts';
import { shownOptions } from './render-config.ts';

export interface ManPage {
  /** Such as "mesos-torque-drain.1". */
  readonly file: string;
  readonly text: string;
}

const programName = 'mesos-torque';

/** `date`: of the release, YYYY-MM-DD. */
export function manPages(program: Command, version: string, date: string): readonly ManPage[] {
  const head = (title: string, section: 1 | 5): string =>
    `.TH ${title.toUpperCase().replaceAll('-', '\\-')} ${String(section)} "${date}" "${programName} ${version}"\n`;
  return [
    { file: `${programName}.1`, text: head(programName, 1) + programPage(program) },
    ...program.commands.map((command) => ({
      file: `${programName}-${command.name()}.1`,
      text: head(`${programName}-${command.name()}`, 1) + commandPage(command, program),
    })),
    { file: `${programName}.yaml.5`, text: head(`${programName}.yaml`, 5) + configPage() },
  ];
}

function programPage(program: Command): string {
  return [
    nameSection(programName, program.description()),
    section('SYNOPSIS'),
    `.B ${roff(programName)}\n.I command\n[\n.I options\n]\n`,
    section('COMMANDS'),
    ...program.commands.map(
      (command) =>
        `.TP\n.BR ${roff(`${programName}-${command.name()}`)} (1)\n${words(command.description())}`,
    ),
    section('FILES'),
    '.TP\n.I /etc/mesos\\-torque.yaml\n',
    words('The configuration, where no other is named; see mesos-torque.yaml(5).'),
    section('SEE ALSO'),
    `.BR mesos\\-torque.yaml (5),\n.BR qsub (1),\n.BR pbsnodes (8)\n`,
  ].join('');
}

function commandPage(command: Command, program: Command): string {
  const full = `${programName} ${command.name()}`;
  const given = command.registeredArguments.map((one) =>
    one.required ? `<${one.name()}>` : `[${one.name()}]`,
  );
  return [
    nameSection(`${programName}-${command.name()}`, command.description()),
    section('SYNOPSIS'),
    `.B ${roff(full)}\n${words(['[options]', ...given].join(' '))}`,
    section('DESCRIPTION'),
    words(`${command.description()}.`),
    command.registeredArguments.length === 0 ? '' : section('ARGUMENTS'),
    ...command.registeredArguments.map((one) => `.TP\n.I ${roff(one.name())}\n${words(one.description)}`),
    section('OPTIONS'),
    ...command.options.map((option) => `.TP\n.B ${roff(option.flags)}\n${words(option.description)}`),
    `.TP\n.B ${roff('-h, --help')}\n${words('what is on this page, for the terminal')}`,
    ...paragraphsOf(textAfter(command)).map(afterSection),
    section('SEE ALSO'),
    `.BR mesos\\-torque (1),\n.BR mesos\\-torque.yaml (5)${relatives(command, program)}\n`,
  ].join('');
}

const families: readonly (readonly string[])[] = [
  ['status', 'nodes', 'jobs', 'offers', 'explain', 'watch'],
  ['drain', 'undrain', 'hold', 'release', 'scale'],
  ['repair', 'brake'],
  ['doctor', 'setup', 'config', 'run'],
  ['plan', 'replay', 'snapshot'],
];

function relatives(command: Command, program: Command): string {
  const family = families.find((one) => one.includes(command.name())) ?? [];
  const names = program.commands.map((one) => one.name());
  return family
    .filter((name) => name !== command.name() && names.includes(name))
    .map((name) => `,\n.BR ${roff(`${programName}-${name}`)} (1)`)
    .join('');
}

/** What --help prints behind the options. */
function textAfter(command: Command): string {
  let said = '';
  const before = command.configureOutput();
  command.configureOutput({
    writeOut: (text) => {
      said += text;
    },
  });
  command.outputHelp();
  command.configureOutput(before);
  return said.slice(command.helpInformation().length);
}

function paragraphsOf(text: string): readonly string[] {
  return text
    .split(/\n{2,}/)
    .map((one) => one.replace(/^\n+|\n+$/g, ''))
    .filter((one) => one !== '');
}

/** Examples stand as they are typed; the rest is filled. */
function afterSection(paragraph: string): string {
  const [first = '', ...rest] = paragraph.split('\n');
  if (first === 'Examples:') return `${section('EXAMPLES')}.nf\n${lines(rest)}.fi\n`;
  const codes = /^Exit codes: (.*)$/s.exec(paragraph)?.[1];
  if (codes !== undefined) return section('EXIT STATUS') + words(codes);
  return `.PP\n${words(paragraph)}`;
}

function configPage(): string {
  const read = readOptions({ file: null, environment: {}, settings: [] });
  return [
    nameSection(`${programName}.yaml`, 'configuration of mesos-torque'),
    section('DESCRIPTION'),
    words(
      'A file in YAML. The dots of an option are levels of it: policy.idleTime is idleTime under policy. ' +
        'The environment outweighs the file, and --set of the command line both. ' +
        'mesos-torque config --print shows what is in force and where it comes from.',
    ),
    section('OPTIONS'),
    ...shownOptions(read).map((option) => {
      const kind = option.unit === '' ? option.type : `${option.type}, in ${option.unit}`;
      const byDefault =
        option.default === null ? 'It must be given' : `The default is ${option.default || '(empty)'}`;
      return [
        `.TP\n.B ${roff(option.key)}\n`,
        words(`${option.what} (${kind}; ${option.environment})`),
        '.br\n',
        words(`${byDefault}: ${option.reason}.`),
        option.tooSmall === null ? '' : `.br\n${words(`Too small: ${option.tooSmall}.`)}`,
        option.tooLarge === null ? '' : `.br\n${words(`Too large: ${option.tooLarge}.`)}`,
      ].join('');
    }),
    section('SEE ALSO'),
    '.BR mesos\\-torque (1),\n.BR mesos\\-torque\\-config (1)\n',
  ].join('');
}

function nameSection(name: string, what: string): string {
  return `${section('NAME')}${roff(name)} \\- ${roff(what)}\n`;
}

function section(title: string): string {
  return `.SH ${title}\n`;
}

/** Filled text; empty text would be an empty line, which roff takes for space. */
function words(text: string): string {
  return text.trim() === '' ? '' : lines(text.trim().split('\n'));
}

function lines(texts: readonly string[]): string {
  return texts.map((text) => `${roff(text)}\n`).join('');
}

/** Text as text: backslashes, hyphens to be copied, and the marks that begin a request. */
function roff(text: string): string {
  const escaped = text
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replaceAll('…', '...')
    .replaceAll('→', '\\(->');
  return /^[.']/.test(escaped) ? `\\&${escaped}` : escaped;
}
