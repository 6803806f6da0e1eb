/** In which form a command answers: a table for people, or JSON or YAML of the same for programs. */
import { Option, type Command } from 'commander';
import { unreachable } from '@mesos-torque/common/units.ts';
import { stringify } from 'yaml';
import type { Terminal } from './terminal.ts';

const formats = ['table', 'wide', 'json', 'yaml'] as const;

export interface OutputFlags {
  readonly json?: true;
  readonly output?: (typeof formats)[number];
}

/** Another word than these is no command line: it is refused before anything is done. */
export function withFormats(command: Command): Command {
  return command
    .addOption(new Option('-o, --output <format>', 'in which form').choices(formats).default('table'))
    .option('--json', 'the same as -o json');
}

export function formatOf({ json, output = 'table' }: OutputFlags): (typeof formats)[number] {
  return json === true ? 'json' : output;
}

/** One of many that come one after the other: an object a line in JSON, a document each in YAML. */
export function showEach(
  flags: OutputFlags,
  terminal: Terminal,
  json: () => unknown,
  text: (isWide: boolean) => string,
): void {
  const format = formatOf(flags);
  switch (format) {
    case 'json':
      terminal.out(`${JSON.stringify(json())}\n`);
      return;
    case 'yaml':
      terminal.out(`---\n${stringify(json())}`);
      return;
    case 'wide':
    case 'table':
      terminal.out(text(format === 'wide'));
      return;
    default:
      unreachable(format);
  }
}

/** In the format that was asked for; `text` where that is for people. */
export function show(
  flags: OutputFlags,
  terminal: Terminal,
  json: () => unknown,
  text: (isWide: boolean) => string,
): void {
  switch (formatOf(flags)) {
    case 'json':
      terminal.out(`${JSON.stringify(json(), null, 2)}\n`);
      return;
    case 'yaml':
      terminal.out(stringify(json()));
      return;
    case 'wide':
      terminal.out(text(true));
      return;
    case 'table':
      terminal.out(text(false));
  }
}
