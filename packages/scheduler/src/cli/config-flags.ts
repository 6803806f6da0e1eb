/** What the commands that read a configuration share: its flags, and how what is wrong is said. */
import type { Command } from 'commander';
import type { ConfigResult } from '../config.ts';
import type { ConfigSources } from '../config-read.ts';
import { readText, type Input } from './read-file.ts';
import { clean, siteConfigFile, type Terminal } from './terminal.ts';

export const exitOk = 0;
/** Something is wrong that a command was to find, or could not mend. */
export const exitWrong = 1;
export const exitBadInput = 2;
export const exitNoAnswer = 3;

export interface ConfigFlags {
  readonly config?: string;
  readonly set: readonly string[];
  readonly pbsServer?: string;
  readonly ha?: string;
}

const configBytesMax = 1024 * 1024;

export function withConfigFlags(command: Command): Command {
  return command
    .option('--config <file>', `the configuration, in YAML; left out, ${siteConfigFile} where it is there`)
    .option('--set <key=value>', 'one option, before file and environment; may be repeated', append, [])
    .option('--pbs-server <host>', 'attach to the pbs_server there: nothing is started or stopped')
    .option(
      '--ha <zk-url>',
      'be one of several schedulers, of which one leads: zk://host:port,host:port/path',
    );
}

/** For options that may be repeated. */
export function append(value: string, values: readonly string[]): readonly string[] {
  return [...values, value];
}

export async function sourcesOf(flags: ConfigFlags, terminal: Terminal): Promise<Input<ConfigSources>> {
  const attach =
    flags.pbsServer === undefined ? [] : ['torque.mode=attach', `torque.server=${flags.pbsServer}`];
  const ha = flags.ha === undefined ? [] : [`ha.zookeeper=${flags.ha}`];
  const others = { environment: terminal.environment, settings: [...flags.set, ...attach, ...ha] };
  const name = flags.config ?? terminal.configFile;
  if (name === undefined) return { ok: true, value: { file: null, ...others } };
  const text = await readText(name, configBytesMax);
  return text.ok ? { ok: true, value: { file: { name, text: text.value }, ...others } } : text;
}

export function complainOfConfig(
  terminal: Terminal,
  result: Exclude<ConfigResult<unknown>, { ok: true }>,
): number {
  return complain(terminal, result.errors);
}

export function complain(terminal: Terminal, errors: readonly string[], code = exitBadInput): number {
  for (const error of errors) terminal.err(`mesos-torque: ${clean(error)}\n`);
  return code;
}
