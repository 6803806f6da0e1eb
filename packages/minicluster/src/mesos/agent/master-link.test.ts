import { createServer, type Server } from 'node:http';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { waitUntil } from '../../wait-until.ts';
import { startCluster, type TestCluster } from '../testing/cluster.ts';
import { fastClock } from '../testing/fast-clock.ts';
import { send } from '../testing/raw-client.ts';

let cluster: TestCluster;
beforeEach(async () => {
  cluster = await startCluster(fastClock(10));
});
afterEach(async () => {
  await cluster.close();
});

/** Something that is no master, on the master's port; resolves once the agent has asked it. */
async function askedInstead(status: number, body: string): Promise<void> {
  const { port } = new URL(cluster.masterUrl);
  let server: Server | null = null;
  await new Promise<void>((resolve, reject) => {
    server = createServer((_request, response) => {
      response.writeHead(status);
      response.end(body);
      response.once('close', resolve);
    });
    server.once('error', reject);
    server.listen(Number(port), '127.0.0.1');
  });
  await new Promise<void>((resolve) => {
    server?.close(() => {
      resolve();
    });
    server?.closeAllConnections();
  });
}

async function agentsActive(): Promise<number> {
  const { body } = await send({ url: `${cluster.masterUrl}/slaves`, method: 'GET', headers: {}, body: '' });
  const { slaves } = JSON.parse(body) as { slaves: readonly { active: boolean }[] };
  return slaves.filter(({ active }) => active).length;
}

test.each([
  ['a number', 200, '2147483648\n'],
  ['no JSON', 200, '<html>\n'],
  ['an order that there is not', 200, '{"type":"dance"}\n'],
  ['a refusal', 503, '{"type":"shut-down","reason":"not ours to say"}\n'],
])('an agent that is answered with %s asks on until its master is back', async (_what, status, body) => {
  await cluster.startAgent(1);
  await waitUntil({ what: 'the agent joined', timeoutMs: 5000 }, async () => (await agentsActive()) === 1);
  await cluster.stopMaster();

  await askedInstead(status, body);
  await cluster.startMaster();

  await expect.poll(agentsActive, { timeout: 5000 }).toBe(1);
});
