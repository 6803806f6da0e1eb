import { expect, test } from 'vitest';
import { aptSettings, mirrorIn } from './apt.ts';

test('the mirror is the first address of the release, in either form of sources', () => {
  expect(mirrorIn('deb http://mirror.example.org/debian bookworm main\n')).toBe(
    'http://mirror.example.org/debian',
  );
  expect(mirrorIn('deb [signed-by=/k.gpg arch=amd64] https://m.example.org/d bookworm main contrib\n')).toBe(
    'https://m.example.org/d',
  );
  expect(
    mirrorIn(
      'Types: deb\nURIs: http://m.example.org/d\nSuites: bookworm bookworm-updates\nComponents: main\n',
    ),
  ).toBe('http://m.example.org/d');
});

test('sources of others, of another release and of updates alone are not Debian’s', () => {
  expect(mirrorIn('deb http://tools.example.org/apt stable main\n')).toBeNull();
  expect(mirrorIn('deb http://m.example.org/debian trixie main\n')).toBeNull();
  expect(mirrorIn('# deb http://m.example.org/debian bookworm main\n')).toBeNull();
  expect(
    mirrorIn(
      'Types: deb\nURIs: http://m.example.org/security\nSuites: bookworm-security\nComponents: main\n',
    ),
  ).toBeNull();
});

test('of apt’s settings proxies and checks are carried over, folders and programs are not', () => {
  const dump = [
    'Acquire "";',
    'Acquire::cdrom::mount "/media/cdrom/";',
    'Acquire::http::Proxy "http://proxy.example.org:3128";',
    'Acquire::http::Proxy-Auto-Detect "/usr/bin/find-proxy";',
    'Acquire::Check-Valid-Until "false";',
    'Acquire::IndexTargets::deb::Packages::Optional "0";',
  ].join('\n');
  expect(aptSettings(dump)).toBe(
    'Acquire::http::Proxy "http://proxy.example.org:3128";\nAcquire::Check-Valid-Until "false";\n',
  );
});
