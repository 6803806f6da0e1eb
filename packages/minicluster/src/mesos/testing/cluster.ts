/** A master, two agents and a file server for executors, all in this process and on a fast clock. */
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Clock } from '@mesos-torque/common/clock.ts';
import { runCommand } from '@mesos-torque/common/run-command.ts';
import { type AgentOptions } from '../agent/agent.ts';
import { startAgent, type RunningAgent } from '../start-agent.ts';
import { startMaster } from '../start-master.ts';
import { type MasterOptions } from '../master/master.ts';

export interface TestCluster {
  readonly masterUrl: string;
  /** Ends the master as kill -9 would. */
  stopMaster(): Promise<void>;
  /** Starts a new one, which knows nothing, on the same port. */
  startMaster(): Promise<void>;
  /** Takes back every open offer; says how many there were. */
  rescindOffers(): number;
  readonly directory: string;
  /** `http://127.0.0.1:…/`, with `executor.js`, `payload.tar.gz`, `start.tar.gz` (a program) and `cut.tar.gz`. */
  readonly filesUrl: string;
  /** What was asked of the file server: path and header names, in order. */
  readonly requests: { readonly path: string; readonly headers: readonly string[] }[];
  /** Starts agent number `n`, which is `agent<n>.mesos.test`. */
  startAgent(n: number, options?: Partial<AgentOptions>): Promise<RunningAgent>;
  close(): Promise<void>;
}

/** The program that the recordings' executor is replaced by. */
export const wireProgram = fileURLToPath(new URL('./wire-executor.ts', import.meta.url));

export async function startCluster(clock: Clock, options: Partial<MasterOptions> = {}): Promise<TestCluster> {
  const directory = await mkdtemp(join(tmpdir(), 'minicluster-'));
  const requests: TestCluster['requests'] = [];
  const files = await serveFiles(directory, requests);
  let master = await startMaster({ clock, ...options });
  const { port } = master;
  const agents: RunningAgent[] = [];
  return {
    masterUrl: master.url,
    stopMaster: () => master.close(),
    async startMaster() {
      master = await startMaster({ clock, ...options, port });
    },
    rescindOffers: () => master.rescindOffers(),
    directory,
    filesUrl: `http://127.0.0.1:${(files.address() as AddressInfo).port}/`,
    requests,
    async startAgent(n, agentOptions = {}) {
      const agent = await startAgent({
        master: `127.0.0.1:${port}`,
        hostname: `agent${n}.mesos.test`,
        workDir: join(directory, `a${n}`),
        executorPath: `${dirname(process.execPath)}:/usr/local/bin:/usr/bin:/bin`,
        clock,
        ...agentOptions,
      });
      agents.push(agent);
      return agent;
    },
    async close() {
      for (const agent of agents) await agent.retire();
      await master.close();
      files.closeAllConnections();
      files.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

async function serveFiles(directory: string, requests: TestCluster['requests']): Promise<Server> {
  const archive = await archiveOf(directory, 'run.sh', '#!/bin/sh\n', 0o644);
  const start = await archiveOf(directory, 'start.sh', '#!/bin/sh\ntouch started\n', 0o755);
  const served: Readonly<Record<string, Buffer>> = {
    '/executor.js': Buffer.from('#!/usr/bin/env node\nimport(process.env.WIRE_PROGRAM);\n'),
    '/payload.tar.gz': archive,
    '/start.tar.gz': start,
    '/cut.tar.gz': start.subarray(0, start.length / 2),
  };
  const server = createServer((request, response) => {
    const path = request.url ?? '';
    requests.push({ path, headers: request.rawHeaders.filter((_value, i) => i % 2 === 0) });
    const body = served[path];
    response.writeHead(body === undefined ? 404 : 200).end(body);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return server;
}

async function archiveOf(directory: string, name: string, text: string, mode: number): Promise<Buffer> {
  await writeFile(join(directory, name), text);
  await chmod(join(directory, name), mode);
  const argv = ['tar', '-C', directory, '-czf', '-', name] as const;
  const result = await runCommand(argv, { timeoutMs: 10_000, outputBytesMax: 100_000 });
  if (result.kind !== 'exit') throw new Error(`tar ended with ${result.kind}`);
  return result.stdout;
}
