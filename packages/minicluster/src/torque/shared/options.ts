/** Options as getopt reads them: `-x value`, `-xvalue`, `-ab`, `--` ends them. */

export interface Options {
  /** In the order in which they were given. */
  readonly given: readonly (readonly [string, string])[];
  readonly operands: readonly string[];
  /** getopt's complaint about the first option it does not take, null if none. */
  readonly bad: string | null;
  has(option: string): boolean;
  /** The value of its last occurrence. */
  last(option: string): string | null;
}

/** `spec` is getopt's: `ab:` has `-a` without and `-b` with a value. */
export function parseOptions(spec: string, args: readonly string[]): Options {
  const given: [string, string][] = [];
  let bad: string | null = null;
  let i = 0;
  for (; i < args.length; i++) {
    const arg = args[i] ?? '';
    if (arg === '--') {
      i++;
      break;
    }
    if (!arg.startsWith('-') || arg === '-') break;
    for (let k = 1; k < arg.length; k++) {
      const letter = arg[k] ?? '';
      const at = letter === ':' ? -1 : spec.indexOf(letter);
      if (at < 0) {
        bad ??= `invalid option -- '${letter}'`;
        continue;
      }
      if (spec[at + 1] !== ':') {
        given.push([letter, '']);
        continue;
      }
      const value = k + 1 < arg.length ? arg.slice(k + 1) : args[++i];
      if (value === undefined) bad ??= `option requires an argument -- '${letter}'`;
      given.push([letter, value ?? '']);
      break;
    }
  }
  return {
    given,
    operands: args.slice(i),
    bad,
    has: (option) => given.some(([letter]) => letter === option),
    last: (option) => given.findLast(([letter]) => letter === option)?.[1] ?? null,
  };
}
