/** Tables for people: columns as wide as what is in them, texts of others cleaned. */
import { clean } from './terminal.ts';

/** Columns but the last are cut at this width; the last one, a sentence, runs on. */
const columnCharsMax = 100;

/** `width`: what the terminal shows; the last column is cut there. Null: it runs on. */
export function table(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  width: number | null = null,
): string {
  const cells = [head, ...rows].map((row) =>
    row.map((cell, i) => (i === row.length - 1 ? clean(cell) : cut(clean(cell)))),
  );
  const widths = head.map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)));
  return cells
    .map((row) =>
      row
        .map((cell, i) => cell.padEnd(widths[i] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .map((line) => `${width === null ? line : cut(line, Math.max(width, 20))}\n`)
    .join('');
}

function cut(text: string, charsMax = columnCharsMax): string {
  return text.length <= charsMax ? text : `${text.slice(0, charsMax - 1)}…`;
}
