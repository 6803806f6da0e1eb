/** Processes of a stand-in that are nobody's children any more: daemons in the background, jobs of ended moms. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { waitUntil } from '../../wait-until.ts';
import { isRunning, signalGroup } from '../mom/process-group.ts';
import { livingPid } from '../shared/pid-file.ts';

const endMsMax = 5_000;

/** Ends them all; one that does not end is killed. */
export async function endLeftovers(homes: readonly string[]): Promise<void> {
  for (const pid of homes.flatMap(backgroundPids)) await endProcess(pid);
  for (const pid of homes.flatMap(jobPids)) signalGroup(pid, 'SIGKILL');
}

/** Daemons that went to the background say in these files who they are. */
function backgroundPids(home: string): number[] {
  const files = ['mom_priv/mom.lock', 'server_priv/server.lock', 'sched_priv/sched.lock', 'trqauthd.pid'];
  return files.map((file) => livingPid(path.join(home, file))).filter((pid) => pid !== null);
}

async function endProcess(pid: number): Promise<void> {
  process.kill(pid, 'SIGTERM');
  const isGone = { what: `process ${pid} ends`, timeoutMs: endMsMax, everyMs: 10 };
  await waitUntil(isGone, () => !isRunning(pid)).catch(() => process.kill(pid, 'SIGKILL'));
}

function jobPids(home: string): number[] {
  const folder = path.join(home, 'mom_priv', 'jobs');
  const records = readdirSync(folder).filter((name) => name.endsWith('.JB'));
  return records.map(
    (name) => (JSON.parse(readFileSync(path.join(folder, name), 'utf8')) as { pid: number }).pid,
  );
}
