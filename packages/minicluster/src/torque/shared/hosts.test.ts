import { expect, test } from 'vitest';
import { parseHosts, resolveHost } from './hosts.ts';

test('a machine’s own /etc/hosts may serve: lines of IPv6 and comments are passed over', () => {
  const hosts = parseHosts(
    '127.0.0.1\tlocalhost\n::1 localhost ip6-localhost\nff02::1 ip6-allnodes\n10.1.2.3 n1.example.org n1 # ours\n',
  );
  expect(resolveHost(hosts, 'n1')).toBe('10.1.2.3');
  expect(resolveHost(hosts, 'ip6-allnodes')).toBeNull();
});

test('an address of the outside world is refused with its line', () => {
  expect(() => parseHosts('192.0.2.1 out.example.org\n')).toThrow('192.0.2.1 out.example.org');
});
