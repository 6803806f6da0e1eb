/**
 * A site that encrypts and keeps secrets, on real processes: the scheduler speaks TLS to its master, shows a certificate and a
 * secret, and has tokens for its own API. A job runs to completion, and then no log, file, answer or process list holds any of the secrets.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { runCommand } from '@mesos-torque/common/run-command.ts';
import { testAuthority, type TestCertificate } from '@mesos-torque/common/testing/certificates.ts';
import { afterEach, expect, test } from 'vitest';
import { buildExecutor } from './build-executor.ts';
import { createCluster, type Cluster } from './cluster.ts';
import { explain } from './command.ts';
import { logOf } from './ha-watch.ts';
import { httpGet } from './http-get.ts';
import { tlsFront, type TlsFront } from './testing/tls-front.ts';
import { waitUntil } from './wait-until.ts';

const scratch = fileURLToPath(new URL('../../../.mesos-torque/', import.meta.url));
const main = fileURLToPath(new URL('../../scheduler/src/main.ts', import.meta.url));
const site = testAuthority('site');
const secret = 'Hunter2-behind-the-curtain';
const agentSecret = 'Agent7-under-the-table';
const token = 'tok-0123456789abcdef0123456789abcdef0123456789abcdef';

let cluster: Cluster | null = null;
let front: TlsFront | null = null;

afterEach(async () => {
  await cluster?.stop();
  await cluster?.clear();
  await front?.close();
  if (cluster !== null) rmSync(cluster.dir, { recursive: true, force: true });
  [cluster, front] = [null, null];
});

interface Trust {
  readonly ca: string;
  /** What the scheduler shows; null: nothing. */
  readonly identity: TestCertificate | null;
}

interface Site {
  readonly running: Cluster;
  readonly front: TlsFront;
  /** Of the files below the cluster's folder that hold secrets by right. */
  readonly secretFiles: readonly string[];
}

async function aSite({ ca, identity }: Trust): Promise<Site> {
  mkdirSync(scratch, { recursive: true });
  const dir = mkdtempSync(path.join(scratch, 'secrets-'));
  const secretFiles: string[] = [];
  const file = (name: string, text: string): string => {
    const place = path.join(dir, name);
    writeFileSync(place, text, { mode: 0o600 });
    secretFiles.push(place);
    return place;
  };
  const made: TlsFront = await tlsFront({ ...site.issue(['127.0.0.1']), ca: site.cert }, () =>
    Number(new URL(cluster?.mesos.masterUrls[0] ?? '').port),
  );
  front = made;
  const shown =
    identity === null
      ? {}
      : { tlsCert: file('torque.pem', identity.cert), tlsKey: file('torque.key', identity.key) };
  cluster = await createCluster({
    dir,
    agents: [{ cpus: 4, memMib: 2048, attributes: {} }],
    torque: 'stand-in',
    mesos: 'stand-in',
    user: '',
    executorFile: await buildExecutor(path.join(dir, 'torque-executor')),
    policy: { idleTime: '1s', npMax: 3, memPerSlot: '128MiB', minComputeNode: { np: 1, mem: '128MiB' } },
    frameworkMesos: {
      master: `https://127.0.0.1:${String(made.port)}`,
      principal: 'torque',
      secretFile: file('mesos.secret', `${secret}\n`),
      agentSecretFile: file('agents.secret', `torque:${agentSecret}\n`),
      tlsCa: file('ca.pem', ca),
      ...shown,
    },
    frameworkControl: { tokenFile: file('tokens', `operator ada ${token}\n`) },
  });
  await cluster.start();
  return { running: cluster, front: made, secretFiles };
}

test(
  'with TLS, certificates and secrets a job runs to completion, and nothing shows any of the secrets',
  { timeout: 180_000 },
  async () => {
    const identity = site.issue(['torque']);
    const { running, front: tls, secretFiles } = await aSite({ ca: site.cert, identity });
    await running.framework.start();
    await waitUntil({ what: 'the framework is ready', timeoutMs: 60_000, everyMs: 100 }, () =>
      httpGet(running.head, running.framework.readyUrl),
    );
    const job = await running.qsub(['-l', 'nodes=1:ppn=2'], 'sleep 2\n');
    await waitUntil({ what: 'the job runs', timeoutMs: 90_000, everyMs: 100 }, async () => {
      return (await running.jobs()).find(({ id }) => id === job)?.state === 'R';
    });

    const needles = needlesOf(identity);
    expect(await commandLinesWith(needles)).toEqual([]);
    for (const [what, answer] of await answersOf(running)) {
      expect(answer.length, what).toBeGreaterThan(0);
      expect(found(answer, needles), what).toEqual([]);
    }
    await waitUntil({ what: 'the job is done', timeoutMs: 60_000, everyMs: 200 }, async () => {
      return (await running.jobs()).find(({ id }) => id === job)?.state === 'C';
    });
    expect((await running.jobs()).find(({ id }) => id === job)?.exitStatus).toBe(0);
    expect(tls.trusted()).toBeGreaterThan(0);
    await running.stop();

    const files = (await readdir(running.dir, { recursive: true, withFileTypes: true }))
      .filter((entry) => entry.isFile())
      .map((entry) => path.join(entry.parentPath, entry.name))
      .filter((file) => !secretFiles.includes(file));
    expect(files.some((file) => file.endsWith('journal.jsonl'))).toBe(true);
    const holding: string[] = [];
    for (const file of files) {
      const text = await readFile(file, 'latin1').catch(() => '');
      holding.push(...found(text, needles).map((needle) => `${file}: ${needle}`));
    }
    expect(holding).toEqual([]);
  },
);

test.each([
  [
    'a master of another authority',
    (): Trust => ({ ca: testAuthority('site').cert, identity: site.issue(['torque']) }),
    /not from an authority that we believe/,
  ],
  [
    'a master that wants a certificate, and is shown none',
    (): Trust => ({ ca: site.cert, identity: null }),
    /TLS: it wants a certificate of ours, and we have shown none/,
  ],
] as const)(
  '%s is told in one sentence, and nothing goes over the connection',
  { timeout: 120_000 },
  async (_, trust, words) => {
    const { running, front: tls } = await aSite(trust());
    await running.framework.start();

    const line = await waitUntil({ what: 'it is told', timeoutMs: 60_000 }, async () => {
      return (await logOf(running.framework)).find(({ event }) => event === 'subscription failed') ?? null;
    });

    expect(line.why).toMatch(words);
    expect(line.why).toContain(`127.0.0.1:${String(tls.port)}`);
    expect(line.why.split('\n')).toHaveLength(1);
    expect(tls.trusted()).toBe(0);
  },
);

/** As they are written, and as they go over the wire. */
function needlesOf({ key }: TestCertificate): readonly string[] {
  const encoded = [`torque:${secret}`, `torque:${agentSecret}`].map((text) =>
    Buffer.from(text).toString('base64'),
  );
  const ofKey = key.split('\n')[1] ?? '';
  return [secret, agentSecret, token, ...encoded, ofKey];
}

function found(text: string, needles: readonly string[]): readonly string[] {
  return needles.filter((needle) => text.includes(needle));
}

/** What anybody on the machine sees of every process. */
async function commandLinesWith(needles: readonly string[]): Promise<readonly string[]> {
  const pids = (await readdir('/proc').catch(() => [])).filter((name) => /^[0-9]+$/.test(name));
  const lines = await Promise.all(
    pids.map((pid) => readFile(`/proc/${pid}/cmdline`, 'latin1').catch(() => '')),
  );
  return lines.filter((line) => found(line, needles).length > 0);
}

/** What the scheduler and the master answer to whoever asks. */
async function answersOf(running: Cluster): Promise<readonly (readonly [string, string])[]> {
  const { head, mesos, framework } = running;
  const base = framework.readyUrl.replace(/\/readyz$/, '');
  const cli = async (...words: string[]): Promise<string> => {
    const result = await runCommand([process.execPath, main, ...words, '--socket', framework.socket], {
      timeoutMs: 60_000,
      outputBytesMax: 64 * 1024 * 1024,
    });
    if (result.kind !== 'exit' || result.code !== 0)
      throw new Error(`${words.join(' ')}: ${explain(result)}`);
    return `${result.stdout.toString()}${result.stderr.toString()}`;
  };
  return [
    ['state of the master', await httpGet(head, `${mesos.masterUrls[0]}/state`)],
    ['/metrics', await httpGet(head, `${base}/metrics`)],
    ['status', await cli('status', '--json')],
    ['snapshot', await cli('snapshot')],
    ['jobs', await cli('jobs', '--json')],
    ['nodes', await cli('nodes', '--json')],
    ['offers', await cli('offers', '--json')],
  ];
}
