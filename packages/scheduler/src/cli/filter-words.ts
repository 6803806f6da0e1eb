/**
 * Words of a filter that exclude begin with a dash (`-phase:static`), and would be taken for options. No option of ours has a
 * colon before its value.
 */
const excluding = /^-[a-z]+:/;

/** The same command line with such words at its end, behind `--`, where nothing is an option. */
export function filterWordsLast(args: readonly string[]): readonly string[] {
  const end = args.indexOf('--');
  const before = end < 0 ? args : args.slice(0, end);
  const words = before.filter((arg) => excluding.test(arg));
  if (words.length === 0) return args;
  const behind = end < 0 ? [] : args.slice(end + 1);
  return [...before.filter((arg) => !excluding.test(arg)), '--', ...words, ...behind];
}
