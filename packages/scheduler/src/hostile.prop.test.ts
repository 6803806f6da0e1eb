/**
 * Text of others, from where it comes in to where it goes out: names of hosts, attributes, jobs and tasks that
 * were made to be something else on a command line, in a sentence for qmgr, in a file or on a terminal. What
 * goes out is held against what it may look like, not against what was tried.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Argv, CommandResult } from '@mesos-torque/common/run-command.ts';
import { clean } from './cli/terminal.ts';
import type { CreateNodeDecision, Decision } from './core/decisions.ts';
import type { OfferFacts } from './core/facts.ts';
import { plan } from './core/plan.ts';
import {
  aJob,
  aPolicy,
  aSnapshot,
  aStartingTask,
  anIntent,
  ourNode,
  storyMs,
} from './core/testing/builders.ts';
import { readOffer } from './mesos/translate-offer.ts';
import { offer, scalar } from './mesos/testing/builders.ts';
import { blockBegin, blockEnd, withHost } from './torque/hosts-file.ts';
import { checkHostName } from './torque/node-names.ts';
import { exited } from './torque/testing/scripted-run.ts';
import { TorqueClient } from './torque/torque-client.ts';

const tricks = [
  ...[
    '-c',
    '--',
    '-s other',
    '@file',
    '$(id)',
    '`id`',
    '${HOME}',
    ';',
    '&&',
    '|',
    '>',
    '\n',
    '\r',
    '\0',
    '\t',
  ],
  ...['"', "'", '\\', ',', '=', '+=', '#', '%n', '../..', '/', '<!--', ']]>', '&amp;', '<name>', '\u001B[2J'],
  ...['\u202E', '\u2028', 'delete node', 'set server managers=root@*', 'np=1', 'state=free', ' ', '*', '~'],
  ...['node1.example.org', 'n1', 'rack', 'true', '127.0.0.1 localhost', ':', '+'],
];
const hostile = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 30 }),
  fc.array(fc.constantFrom(...tricks), { minLength: 1, maxLength: 4 }).map((parts) => parts.join('')),
  fc
    .tuple(fc.constantFrom('n1', 'node1.example.org'), fc.constantFrom(...tricks))
    .map((parts) => parts.join('')),
);

const name = '[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?';
const property = '[A-Za-z_][A-Za-z0-9_.-]*';
const numbers = '(?:np|gpus|mom_service_port|mom_manager_port)=[0-9]{1,5}';
const attribute = `(?:${numbers}|properties="${property}(?:,${property})*"|requestid=[A-Za-z0-9][A-Za-z0-9._-]*)`;
/** Every command that TORQUE is ever given for a node, and nothing else. */
const commandLines = [
  new RegExp(`^qmgr\\0-c\\0create node ${name} ${attribute}(?:,${attribute})*$`),
  new RegExp(`^qmgr\\0-c\\0delete node ${name}$`),
  new RegExp(`^pbsnodes\\0-[oc]\\0${name}$`),
  new RegExp(`^pbsnodes\\0-x(?:\\0${name})?$`),
];

function aClient(): { readonly client: TorqueClient; readonly lines: readonly string[] } {
  const lines: string[] = [];
  const run = (argv: Argv): Promise<CommandResult> => {
    lines.push(argv.join('\0'));
    return Promise.resolve(exited(0));
  };
  return { client: new TorqueClient({ run, binDir: null, timeoutMs: 1000 }), lines };
}

function expectHarmless(lines: readonly string[]): void {
  for (const line of lines) {
    expect(
      commandLines.some((form) => form.test(line)),
      JSON.stringify(line),
    ).toBe(true);
  }
}

/** As the loop would carry it out. */
async function carryOut(client: TorqueClient, decision: Decision): Promise<void> {
  const { kind } = decision;
  if (kind === 'create-node') await client.createNode(decision);
  if (kind === 'delete-node') await client.deleteNode(decision.node);
  if (kind === 'offline') await client.setOffline(decision.node, false);
  if (kind === 'online') await client.clearOffline(decision.node);
}

function offered(hostname: string, attributes: readonly (readonly [string, string])[]): OfferFacts | null {
  const reading = readOffer(
    offer({
      hostname,
      attributes: attributes.map(([attributeName, value]) => ({
        name: attributeName,
        type: 'TEXT' as const,
        text: { value },
      })),
      resources: [scalar('cpus', 4), scalar('mem', 4096)],
    }),
    storyMs,
  );
  return reading.ok ? reading.facts : null;
}

describe('hostile text never leaves as more than text', () => {
  test('host names, attributes and job names on their way to qmgr', async () => {
    const attributes = fc.array(fc.tuple(fc.constantFrom('rack', 'os'), hostile), { maxLength: 3 });
    const hosts = fc.oneof(hostile, fc.constantFrom('node1.example.org', 'NODE2'));
    let created = 0;
    await fc.assert(
      fc.asyncProperty(hosts, attributes, hostile, async (hostname, attributeList, jobName) => {
        const facts = offered(hostname, attributeList);
        if (facts === null) return;
        const job = aJob(1, { name: jobName, owner: jobName, queue: 'batch', comment: jobName });
        const policy = aPolicy({ propertyAttributes: ['rack', 'os'] });
        const { decisions } = plan(aSnapshot({ jobs: [job], offers: [facts] }), policy);
        const { client, lines } = aClient();
        for (const decision of decisions) {
          if (decision.kind !== 'launch') continue;
          const { intent, requestId } = decision;
          expect(intent.taskId).toMatch(/^mom\.[a-z0-9.-]+\.[0-9]+$/);
          const { taskId, nodeName, np, gpus, properties, ports } = intent;
          const node: CreateNodeDecision = {
            ...{ kind: 'create-node', taskId, node: nodeName, np, gpus, properties, ports, requestId },
            ...{ hostAddresses: [], why: { code: 'test', text: jobName } },
          };
          await client.createNode(node);
          created += lines.length;
        }
        expectHarmless(lines);
      }),
      { numRuns: 1000 },
    );
    expect(created).toBeGreaterThan(50);
  });

  test('names that executors report, and addresses', async () => {
    const reported = fc.oneof(hostile, fc.constant('n1'));
    let commands = 0;
    await fc.assert(
      fc.asyncProperty(reported, hostile, hostile, async (momName, address, message) => {
        const intent = anIntent('n1', { launchedAtMs: storyMs - 1000 });
        const task = aStartingTask(intent, { momName, addresses: [address], message });
        const nodes = momName.length % 2 === 0 ? [] : [ourNode(intent)];
        const snapshot = aSnapshot({ intents: [intent], tasks: [task], nodes, jobs: [aJob(1)] });
        const { client, lines } = aClient();
        for (const decision of plan(snapshot, aPolicy()).decisions) await carryOut(client, decision);
        commands += lines.length;
        expectHarmless(lines);
      }),
      { numRuns: 500 },
    );
    expect(commands).toBeGreaterThan(100);
  });

  test('names of nodes in every call that takes one', async () => {
    await fc.assert(
      fc.asyncProperty(hostile, hostile, hostile, async (node, mark, word) => {
        const { client, lines } = aClient();
        const ports = { service: 30_001, manager: 30_002 };
        const why = { code: 'test', text: word };
        await client.createNode({
          ...{ kind: 'create-node', taskId: 't', node, np: 2, gpus: 0, properties: [word], ports },
          ...{ requestId: mark, hostAddresses: [word], why },
        });
        await client.deleteNode(node);
        await client.setOffline(node, false);
        await client.clearOffline(node);
        expectHarmless(lines);
      }),
      { numRuns: 1000 },
    );
  });

  test('names in the hosts file: people keep their lines, and ours have one form', () => {
    const before = '127.0.0.1 localhost\n10.0.0.1 head.example.org head\n';
    fc.assert(
      fc.property(fc.array(hostile, { maxLength: 4 }), (names) => {
        const checked = names.flatMap((one) => {
          const read = checkHostName(one);
          return read.ok ? [read.value] : [];
        });
        const after = checked.reduce((text, host) => withHost(text, host, '10.0.0.9'), before);
        const lines = after.split('\n');
        expect(lines.slice(0, 2)).toEqual(before.split('\n').slice(0, 2));
        for (const line of lines.slice(2)) {
          const isOurs = /^10\.0\.0\.9 [a-z0-9][a-z0-9.-]*(?: [a-z0-9][a-z0-9-]*)?$/.test(line);
          expect(isOurs || [blockBegin, blockEnd, ''].includes(line), line).toBe(true);
        }
      }),
      { numRuns: 500 },
    );
  });

  test('anything on a terminal: no control character passes', () => {
    fc.assert(
      fc.property(hostile, (text) => {
        expect(clean(text)).not.toMatch(/[\p{Cc}\p{Cf}\u2028\u2029]/u);
      }),
    );
  });
});
