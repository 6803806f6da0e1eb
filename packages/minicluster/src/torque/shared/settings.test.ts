import { expect, test } from 'vitest';
import { parseHosts, resolveHost } from './hosts.ts';
import { parseOptions } from './options.ts';
import { checkSettings, defaultSettings } from './settings.ts';
import { parseDateTime, parseDuration } from './times.ts';

test('settings have the real durations by default, and errors name key and value', () => {
  expect(checkSettings({ deleteNodeMs: 5 }, 'x')).toEqual({ ...defaultSettings, deleteNodeMs: 5 });
  expect(() => checkSettings({ deleteNodeMs: '5' }, 'x')).toThrow(
    'reading x: deleteNodeMs: "5" is not a value',
  );
  expect(() => checkSettings({ trqauthd: 'maybe' }, 'x')).toThrow('trqauthd: "maybe"');
  expect(() => checkSettings({ delteNodeMs: 5 }, 'x')).toThrow('delteNodeMs');
});

test('only names of the hosts file resolve, and only to addresses of this machine', () => {
  const hosts = parseHosts('127.0.0.1 head.x head # the head\n\n10.1.2.3 node1\n');
  expect(resolveHost(hosts, 'head')).toBe('127.0.0.1');
  expect(resolveHost(hosts, 'node1')).toBe('10.1.2.3');
  expect(resolveHost(hosts, 'example.org')).toBeNull();
  expect(() => parseHosts('8.8.8.8 dns')).toThrow('"8.8.8.8 dns"');
});

test('options as getopt reads them', () => {
  const options = parseOptions('ab:', ['-ab', '1', '-b2', '--', '-a']);
  expect(options.given).toEqual([
    ['a', ''],
    ['b', '1'],
    ['b', '2'],
  ]);
  expect(options.operands).toEqual(['-a']);
  expect(parseOptions('a', ['-Z']).bad).toBe("invalid option -- 'Z'");
  expect(parseOptions('a:', ['-a']).bad).toBe("option requires an argument -- 'a'");
});

test('durations and dates', () => {
  expect(parseDuration('01:02:03')).toBe(3723);
  expect(parseDuration('90')).toBe(90);
  expect(parseDuration('1h')).toBeNull();
  const at = parseDateTime('212711300405.06', 0);
  expect(new Date((at ?? 0) * 1000).toString()).toContain('Nov 30 2127 04:05:06');
  expect(parseDateTime('tomorrow', 0)).toBeNull();
});
