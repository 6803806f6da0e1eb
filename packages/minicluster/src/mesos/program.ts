/** What the two programs share: options from the command line, and ends by signals. */
import { parseArgs } from 'node:util';
import { logLevels, pinoLog, type LogLevel } from '@mesos-torque/common/pino-log.ts';
import { type Log } from '@mesos-torque/common/logger.ts';
import { messageOf } from '@mesos-torque/common/text.ts';

/** Named values of a command line: `--port 5050`. A name that is not among `names` ends the program with 2. */
export function commandLine(
  program: string,
  names: readonly string[],
  switches: readonly string[],
): CommandLine {
  const options: Record<string, { type: 'string' | 'boolean' }> = {};
  for (const name of [...names, 'log-level']) options[name] = { type: 'string' };
  for (const name of switches) options[name] = { type: 'boolean' };
  try {
    return new CommandLine(parseArgs({ options, allowPositionals: false }).values);
  } catch (error) {
    return usageError(program, messageOf(error));
  }
}

export class CommandLine {
  readonly #values: Readonly<Record<string, unknown>>;

  constructor(values: Readonly<Record<string, unknown>>) {
    this.#values = values;
  }

  text(name: string): string | null {
    const value = this.#values[name];
    return typeof value === 'string' ? value : null;
  }

  isSet(name: string): boolean {
    return this.#values[name] === true;
  }

  /** The options that were given as whole numbers, under the names that the settings have. */
  numbers(names: Readonly<Record<string, string>>): Record<string, number> {
    return Object.fromEntries(
      Object.entries(names).flatMap(([option, setting]) => {
        const text = this.text(option);
        if (text === null) return [];
        if (!/^\d+$/.test(text)) throw new Error(`--${option} ${JSON.stringify(text)} is not a whole number`);
        return [[setting, Number(text)]];
      }),
    );
  }

  texts(names: Readonly<Record<string, string>>): Record<string, string> {
    return Object.fromEntries(
      Object.entries(names).flatMap(([option, setting]) => {
        const text = this.text(option);
        return text === null ? [] : [[setting, text]];
      }),
    );
  }

  log(program: string): Log {
    const level = this.text('log-level') ?? 'info';
    return pinoLog({ name: program, level: isLogLevel(level) ? level : 'info' });
  }
}

function isLogLevel(text: string): text is LogLevel {
  return logLevels.some((level) => level === text);
}

export function usageError(program: string, problem: string): never {
  process.stderr.write(`${program}: ${problem}\n`);
  process.exit(2);
}

/** Says on stdout, in one line, that the program serves. */
export function sayReady(facts: Readonly<Record<string, unknown>>): void {
  process.stdout.write(`ready ${JSON.stringify(facts)}\n`);
}

/** Ends the program with 0 once `end` has, on the first of these signals. */
export function onSignals(signals: readonly NodeJS.Signals[], end: () => Promise<unknown>): void {
  let ending = false;
  for (const signal of signals) {
    process.on(signal, () => {
      if (ending) return;
      ending = true;
      void end().finally(() => process.exit(0));
    });
  }
}
