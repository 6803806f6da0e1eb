/**
 * `pnpm -s sim --seeds 200 [--from S] [--verbose] [--mutation NAME]`: runs seeds one after the other.
 * Exit code 0 only if all are green.
 */
import process from 'node:process';
import { parseArgs } from 'node:util';
import { mutations, noMutation } from './mutations.ts';
import { simulate, type SimResult } from './simulate.ts';

/** Trace lines that are shown of a failing seed without --verbose. */
const lastLines = 25;

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '200' },
    from: { type: 'string', default: '1' },
    verbose: { type: 'boolean', default: false },
    mutation: { type: 'string' },
  },
});

function wholeNumber(name: string, text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  console.error(`--${name} ${JSON.stringify(text)}: give a whole number from 0 to 999,999,999`);
  process.exit(2);
}

const mutation = values.mutation === undefined ? noMutation : mutations[values.mutation];
if (mutation === undefined) {
  console.error(`--mutation ${String(values.mutation)}: there are ${Object.keys(mutations).join(', ')}`);
  process.exit(2);
}
const seeds = wholeNumber('seeds', values.seeds);
const from = wholeNumber('from', values.from);
const began = performance.now();
const failed: number[] = [];
let virtualMs = 0;
let slowest = { seed: from, settledMs: 0 };

for (let seed = from; seed < from + seeds; seed++) {
  const result = await simulate(seed, mutation);
  virtualMs += result.virtualMs;
  const settledMs = result.settledAfterMs ?? 0;
  if (settledMs > slowest.settledMs) slowest = { seed, settledMs };
  if (values.verbose) for (const line of result.trace) console.log(line);
  if (result.failures.length === 0) continue;
  failed.push(seed);
  if (failed.length <= 10) explain(result);
}

const seconds = ((performance.now() - began) / 1000).toFixed(1);
const hours = (virtualMs / 3_600_000).toFixed(1);
console.log(`${seeds - failed.length} of ${seeds} seeds green, ${hours} virtual hours in ${seconds} s`);
console.log(
  `slowest to settle after the faults: seed ${slowest.seed}, ${slowest.settledMs / 1000} virtual seconds`,
);
if (failed.length > 0) console.log(`failing seeds: ${failed.join(' ')}`);
process.exitCode = failed.length === 0 ? 0 : 1;

function explain({ seed, failures, trace }: SimResult): void {
  console.log(`seed ${seed} failed:`);
  for (const failure of failures) console.log(`  ${failure}`);
  if (!values.verbose) for (const line of trace.slice(-lastLines)) console.log(`    ${line}`);
  const named = values.mutation === undefined ? '' : ` --mutation ${values.mutation}`;
  console.log(`  again: pnpm -s sim --from ${seed} --seeds 1 --verbose${named}`);
}
