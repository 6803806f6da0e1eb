import { expect, test } from 'vitest';
import type { HomeFacts, MachineFacts, NameFacts, ServerFacts } from './facts.ts';
import { isFit, judge } from './judge.ts';

const home: HomeFacts = {
  folder: '/var/lib/mesos/sandbox',
  problem: null,
  pathFault: null,
  closedFolders: [],
  mountOptions: { ok: true, value: ['rw', 'relatime'] },
  freeMib: { ok: true, value: 5000 },
};

function named(name: string, address: string, back = name): NameFacts {
  return {
    name,
    addresses: { ok: true, value: [address] },
    namesOf: new Map([[address, { ok: true, value: [back] }]]),
  };
}

const server: ServerFacts = {
  ...named('head.example.org', '10.0.0.1'),
  port: 15_001,
  connectProblem: null,
};

/** An agent on which a mom runs well. */
const good: MachineFacts = {
  uid: 0,
  rights: {
    ok: true,
    value: { lockedBytesMax: 65_536, openFilesMax: 4096, mayLock: true, mayRaiseLimits: true },
  },
  ports: [
    { port: 15_002, problem: null },
    { port: 15_003, problem: null },
  ],
  home,
  programs: [
    {
      name: 'pbs_mom',
      file: { ok: true, value: '/usr/sbin/pbs_mom' },
      version: { ok: true, value: '6.1.3' },
    },
    { name: 'momctl', file: { ok: true, value: '/usr/sbin/momctl' }, version: null },
  ],
  ownName: named('node1.example.org', '10.0.0.11'),
  server,
  schedulerAheadMs: { ok: true, value: 300 },
};

test('an agent that has everything is fit', () => {
  const findings = judge(good);
  expect(findings.filter(({ verdict }) => verdict !== 'ok')).toEqual([]);
  expect(isFit(findings)).toBe(true);
});

const noLock = { lockedBytesMax: 65_536, openFilesMax: 20_000, mayLock: false, mayRaiseLimits: false };
const loopback = named('node1', '127.0.1.1');

test.each<[string, string, Partial<MachineFacts>, string]>([
  ['root', 'an ordinary user', { uid: 1000 }, 'we are user 1000'],
  ['memlock', 'a small limit', { rights: { ok: true, value: noLock } }, '64 KiB may be locked'],
  ['port', 'a port in use', { ports: [{ port: 15_002, problem: 'EADDRINUSE' }] }, '15002: EADDRINUSE'],
  ['home', 'a folder that is not ours', { home: { ...home, problem: 'EACCES' } }, 'EACCES'],
  [
    'home',
    'a world-writable folder above the home',
    { home: { ...home, pathFault: 'everybody can write to /tmp' } },
    'everybody can write to /tmp',
  ],
  [
    'way',
    'a closed folder above the home',
    { home: { ...home, closedFolders: [{ folder: '/var/lib/mesos', mode: 0o750 }] } },
    '/var/lib/mesos (mode 750)',
  ],
  [
    'noexec',
    'a sandbox mounted noexec',
    { home: { ...home, mountOptions: { ok: true, value: ['rw', 'noexec'] } } },
    'is mounted noexec',
  ],
  ['space', 'a full disk', { home: { ...home, freeMib: { ok: true, value: 12.7 } } }, '12 MiB are free'],
  [
    'pbs_mom',
    'no pbs_mom',
    { programs: [{ name: 'pbs_mom', file: { ok: false, error: 'no program pbs_mom' }, version: null }] },
    'no program pbs_mom',
  ],
  ['name', 'a name on loopback', { ownName: loopback }, 'our name node1 resolves to 127.0.1.1 alone'],
  [
    'name',
    'another name for our address',
    { ownName: named('node1.example.org', '10.0.0.11', 'dhcp-11.example.org') },
    'but that is dhcp-11.example.org',
  ],
  [
    'server',
    'an unknown server',
    { server: { ...server, addresses: { ok: false, error: 'ENOTFOUND' } } },
    'head.example.org does not resolve',
  ],
  [
    'connection',
    'a server that does not answer',
    { server: { ...server, connectProblem: 'ECONNREFUSED' } },
    'head.example.org:15001: ECONNREFUSED',
  ],
  ['clock', 'a clock far behind', { schedulerAheadMs: { ok: true, value: 90_000 } }, '90.0 s behind'],
])('%s: %s is against it', (name, _what, change, text) => {
  const findings = judge({ ...good, ...change });
  const bad = findings.filter(({ verdict }) => verdict === 'bad');
  expect(bad).toEqual([{ name, verdict: 'bad', text: expect.stringContaining(text) as string }]);
  expect(isFit(findings)).toBe(false);
});

test.each<[string, Partial<MachineFacts>]>([
  ['server', { server: null }],
  ['clock', { schedulerAheadMs: null }],
  ['clock', { schedulerAheadMs: { ok: true, value: -20_000 } }],
  ['limits', { rights: { ok: false, error: 'no /proc' } }],
  ['nofile', { rights: { ok: true, value: { ...noLock, mayLock: true, openFilesMax: 1024 } } }],
  ['name', { ownName: loopback, server: { ...server, ...named('head', '127.0.0.1') } }],
])('%s can be doubtful, which is not against it', (name, change) => {
  const findings = judge({ ...good, ...change });
  expect(findings.find((finding) => finding.name === name)?.verdict).toBe('doubtful');
  expect(isFit(findings)).toBe(true);
});

test('a short name and the full one are one host', () => {
  const findings = judge({ ...good, ownName: named('node1', '10.0.0.11', 'node1.example.org') });
  expect(findings.find(({ name }) => name === 'name')?.verdict).toBe('ok');
});
