/** Fetches a page as seen from a host of the cluster. */
import type { Host } from './hosts/host.ts';
import { explain, run } from './command.ts';

const fetchProgram =
  'const answer = await fetch(process.argv[1]); process.stdout.write(await answer.text()); if (!answer.ok) process.exitCode = 1;';

/** The body; an error names the URL and what was answered. */
export async function httpGet(host: Host, url: string): Promise<string> {
  if (!host.throughHelper) {
    const answer = await fetch(url, { signal: AbortSignal.timeout(10_000) });
    if (!answer.ok) throw new Error(`GET ${url}: ${String(answer.status)} ${await answer.text()}`);
    return answer.text();
  }
  // Hosts in network namespaces are not reachable from here: a program on the host asks.
  const result = await run({
    host,
    argv: [process.execPath, '--input-type=module', '--eval', fetchProgram, url],
    env: { PATH: '/usr/bin:/bin' },
    cwd: '/',
  });
  if (result.kind === 'exit' && result.code === 0) return result.stdout.toString('utf8');
  throw new Error(`GET ${url} on ${host.name}: ${explain(result)}`);
}
