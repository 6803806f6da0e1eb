/**
 * Every `-l nodes=` of a real workload, where it is at hand: `MESOS_TORQUE_TRACES` names the folder, by default
 * `../shared/traces` beside the repository. What is not understood is printed, by reason.
 */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { gunzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { parseNodes } from './job-request-nodes.ts';
import { isNotUnderstood } from './job-request-words.ts';

const repository = path.resolve(import.meta.dirname, '../../../..');
const folder = process.env['MESOS_TORQUE_TRACES'] ?? path.join(repository, '../shared/traces');
const file = path.join(folder, 'wagap-2013-head.txt.gz');
const isThere = existsSync(file);
const say = (line: string): void => void process.stderr.write(`${line}\n`);

if (!isThere) {
  say(
    `SKIPPED: the nodes strings of a real workload: there is no ${file}; name its folder in MESOS_TORQUE_TRACES`,
  );
}

/** Reasons with what differs from job to job left out. */
function reasonOf(why: string): string {
  return why.replace(/"(?:ppn|mem|vmem|scratch)=[^"]*"/g, (quoted) => quoted.replace(/=.*/, '=…"'));
}

test.skipIf(!isThere)('all nodes strings of the workload are read, or are a site’s own extensions', () => {
  const lines = gunzipSync(readFileSync(file)).toString('utf8').split('\n');
  const strings = lines
    .filter((line) => line.trim() !== '' && !line.startsWith(';'))
    .map((line) => line.trim().split(/\s+/).at(-1) ?? '');
  const unread = new Map<string, number>();
  for (const text of strings) {
    const read = parseNodes(text);
    if (isNotUnderstood(read)) unread.set(reasonOf(read.why), (unread.get(reasonOf(read.why)) ?? 0) + 1);
  }
  const count = [...unread.values()].reduce((sum, one) => sum + one, 0);
  say(`${strings.length} nodes strings, ${count} not understood:`);
  for (const [reason, times] of unread) say(`  ${times} × ${reason}`);

  expect(strings.length).toBe(2000);
  expect(count).toBeLessThan(200);
  for (const reason of unread.keys()) {
    expect(reason).toMatch(/is a site's own extension|are a site's own extension|not of TORQUE's grammar/);
  }
});
