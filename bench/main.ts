/** Runs a benchmark by name: `pnpm bench codec`. Numbers are for comparing on one machine, in one run. */
import { readdirSync } from 'node:fs';

interface Bench {
  readonly run: (args: string[]) => Promise<void> | void;
}

const names = readdirSync(import.meta.dirname)
  .filter((file) => file.endsWith('.ts') && file !== 'main.ts')
  .map((file) => file.slice(0, -'.ts'.length));
const [name = '', ...args] = process.argv.slice(2);

if (names.includes(name)) {
  const bench = (await import(new URL(`./${name}.ts`, import.meta.url).href)) as Bench;
  await bench.run(args);
} else {
  console.error(`bench: no benchmark "${name}"; there are ${names.join(', ')}`);
  process.exitCode = 2;
}
