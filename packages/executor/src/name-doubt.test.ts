import { expect, it } from 'vitest';
import type { NameFacts } from './check/facts.ts';
import { nameDoubt } from './name-doubt.ts';

const own = ['192.0.2.7'];

function node7(addresses: readonly string[], back: readonly string[] = ['node7.example.org']): NameFacts {
  return {
    name: 'node7.example.org',
    addresses: { ok: true, value: addresses },
    namesOf: new Map(addresses.map((address) => [address, { ok: true, value: back }])),
  };
}

it('is none where name and address lead to each other, with or without the domain', () => {
  expect(nameDoubt(node7(['192.0.2.7']), own)).toBeNull();
  expect(nameDoubt(node7(['127.0.1.1', '192.0.2.7'], ['NODE7']), own)).toBeNull();
});

it('names both addresses where the name leads elsewhere, as 127.0.1.1 in /etc/hosts does', () => {
  expect(nameDoubt(node7(['127.0.1.1']), own)).toContain(
    'node7.example.org resolves to 127.0.1.1 on this agent, whose own addresses are 192.0.2.7',
  );
});

it('names the other name that the address has', () => {
  expect(nameDoubt(node7(['192.0.2.7'], ['old.example.org']), own)).toContain(
    'node7.example.org resolves to 192.0.2.7 on this agent, and 192.0.2.7 back to old.example.org',
  );
});

it('says nothing of what is not known', () => {
  const unresolved = { ...node7([]), addresses: { ok: false, error: 'ENOTFOUND' } as const };
  const nameless = { ...node7(['192.0.2.7']), namesOf: new Map() };
  expect([nameDoubt(unresolved, own), nameDoubt(nameless, own), nameDoubt(node7(['192.0.2.9']), [])]).toEqual(
    [null, null, null],
  );
});
