import { expect, test } from 'vitest';
import { mountOptionsOf } from './read-mounts.ts';
import { readRights } from './read-rights.ts';

const limits = `Limit                     Soft Limit           Hard Limit           Units
Max locked memory         65536                8388608              bytes
Max open files            1024                 524288               files
Max pending signals       96250                96250                signals
`;
const status = (capabilities: string): string => `Name:\tnode\nCapEff:\t${capabilities}\nCapBnd:\t0\n`;

test('hard limits and capabilities are read', () => {
  expect(readRights(limits, status('0000000000004000'))).toEqual({
    ok: true,
    value: { lockedBytesMax: 8_388_608, openFilesMax: 524_288, mayLock: true, mayRaiseLimits: false },
  });
});

test('no limit is more than any', () => {
  const text = limits.replace('8388608', 'unlimited');
  expect(readRights(text, status('0'))).toMatchObject({ ok: true, value: { lockedBytesMax: Infinity } });
});

test.each([
  ['', status('0'), 'the limits could not be read'],
  [limits.replace('524288', 'many'), status('0'), 'the limits could not be read'],
  [limits, 'Name: node', 'the capabilities could not be read'],
])('what is not there is not made up', (text, more, error) => {
  expect(readRights(text, more)).toEqual({ ok: false, error });
});

const mounts = `22 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw
30 22 0:26 / /tmp rw,nosuid,noexec shared:5 - tmpfs tmpfs rw
31 22 0:27 / /var/lib/mesos\\040work rw,noexec - tmpfs tmpfs rw
32 22 0:28 / /var/lib/mesos\\040work rw - tmpfs tmpfs rw
`;

test.each([
  ['/tmp/x', 'noexec', true],
  ['/tmp', 'noexec', true],
  ['/tmpfoo', 'noexec', false],
  ['/var/lib/mesos work/slaves', 'noexec', false],
])('%s has the options of the last mount over it', (folder, option, has) => {
  const options = mountOptionsOf(folder, mounts);
  expect(options.ok && options.value.includes(option)).toBe(has);
});

test('without mounts nothing is known', () => {
  expect(mountOptionsOf('/tmp', '')).toEqual({ ok: false, error: 'no mount of /tmp was found' });
});
