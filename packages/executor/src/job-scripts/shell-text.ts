/** Text that becomes part of a script for sh. */

/** As one word that means itself. */
export function quoteForShell(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
