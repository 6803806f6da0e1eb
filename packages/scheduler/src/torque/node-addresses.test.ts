import { describe, expect, test } from 'vitest';
import type { CreateNodeDecision } from '../core/decisions.ts';
import { aNode } from '../core/testing/builders.ts';
import type { NameLookup } from './name-lookup.ts';
import { NodeAddresses } from './node-addresses.ts';

/** A resolver that knows these names; each address leads back to the first of them. */
function resolver(names: Readonly<Record<string, readonly string[]>>): NameLookup {
  return {
    addressesOf: (name) => Promise.resolve(names[name] ?? null),
    nameOf: (address) =>
      Promise.resolve(Object.entries(names).find(([, all]) => all.includes(address))?.[0] ?? null),
  };
}

function creation(of: Partial<CreateNodeDecision> = {}): CreateNodeDecision {
  return {
    ...{ kind: 'create-node', taskId: 'mom.n7.1', node: 'n7', np: 2, gpus: 0, properties: [], ports: null },
    ...{ requestId: 'm.f.mom.n7.1', hostAddresses: [], why: { code: 'c', text: 't' } },
    ...of,
  };
}

const clock = { nowMs: () => 0, after: () => () => undefined };

async function known(names: Readonly<Record<string, readonly string[]>>, ...shown: readonly string[]) {
  const addresses = new NodeAddresses(resolver(names), clock);
  const nodes = shown.map((name) => aNode(name));
  addresses.withAddresses(nodes);
  await new Promise(setImmediate);
  return { addresses, nodes: addresses.withAddresses(nodes) };
}

describe('addresses of nodes', () => {
  test('are there with the reading after the one that showed the node first', async () => {
    const { nodes } = await known({ n1: ['10.0.0.1'] }, 'n1', 'n2');

    expect(nodes.map((node) => node.addresses)).toEqual([['10.0.0.1'], []]);
  });
});

describe('before a node is created', () => {
  test('nothing speaks against a name that leads to the agent', async () => {
    const { addresses } = await known({ n7: ['10.0.0.7'] });

    expect(await addresses.objection(creation({ hostAddresses: ['10.0.0.7'] }))).toBeNull();
    expect(await addresses.objection(creation())).toBeNull();
  });

  test('a name that leads elsewhere is told with both sides', async () => {
    const { addresses } = await known({ n7: ['10.0.0.7'] });

    expect(await addresses.objection(creation({ hostAddresses: ['10.0.1.7'] }))).toBe(
      'n7 resolves to 10.0.0.7 here, the agent says 10.0.1.7',
    );
  });

  // 6.1.3 creates both; when one is deleted, the other is not trusted and stays down for ever.
  test('a second name for an address is refused', async () => {
    const { addresses } = await known({ 'n7.example.org': ['10.0.0.7'], n7: ['10.0.0.7'] }, 'n7.example.org');

    expect(await addresses.objection(creation())).toContain('10.0.0.7 is node n7.example.org already');
  });

  test('but several moms on one machine, each with ports of its own, are not', async () => {
    const { addresses } = await known({ n7: ['10.0.0.7'], n8: ['10.0.0.7'] }, 'n8');

    const apart = creation({ ports: { service: 30_001, manager: 30_002 } });
    expect(await addresses.objection(apart)).toBeNull();
  });

  test('an address that leads back to another node is refused', async () => {
    const lookup: NameLookup = { ...resolver({ n7: ['10.0.0.7'] }), nameOf: () => Promise.resolve('n8') };
    const addresses = new NodeAddresses(lookup, clock);
    addresses.withAddresses([aNode('n8')]);

    expect(await addresses.objection(creation())).toBe(
      'n7 resolves to 10.0.0.7, and 10.0.0.7 back to node "n8"',
    );
  });

  test('a name that does not resolve here is left to pbs_server, which may run elsewhere', async () => {
    const { addresses } = await known({});

    expect(await addresses.objection(creation({ hostAddresses: ['10.0.0.7'] }))).toBeNull();
  });
});
