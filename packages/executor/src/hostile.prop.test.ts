/**
 * Orders that were made to be something else on the command lines and in the files of a mom. They come from
 * the scheduler; the executor believes them no more than anybody else.
 */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { momctlArgv, pbsMomArgv } from './mom-args.ts';
import { homeFiles } from './mom-home.ts';
import { checkOrders } from './orders.ts';
import { ordersWith } from './testing/fakes.ts';

const tricks = [
  ...[
    '-p',
    '--',
    '-d /etc',
    '$(id)',
    '`id`',
    '${HOME}',
    ';',
    '|',
    '\n',
    '\r',
    '\0',
    '\t',
    '"',
    "'",
    '\\',
    '#',
  ],
  ...['../..', '/', '/etc/passwd', ' ', '=', '$usecp *:/ /', '$pbsserver evil.example.org', 'PATH=/tmp'],
  ...['LD_PRELOAD=/tmp/x.so', 'node1.example.org', ':15001', 'pbs_mom', '\u001B[2J', '\u2028'],
];
const hostile = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 30 }),
  fc.array(fc.constantFrom(...tricks), { minLength: 1, maxLength: 3 }).map((parts) => parts.join('')),
);
const home = {
  path: '/run/mom',
  mark: 'MESOS_TORQUE_MOM=0123456789abcdef',
  frameworkMark: 'MESOS_TORQUE_FRAMEWORK=0123456789abcdef',
} as const;

test('a name or a program of the orders is one argument that is no option, or refused', () => {
  fc.assert(
    fc.property(hostile, hostile, hostile, (nodeName, pbsMom, momctl) => {
      for (const change of [{ nodeName }, { pbsMom }, { momctl }]) {
        const check = checkOrders(ordersWith({ ...change, momServicePort: 30_001 }));
        if (!check.ok) continue;
        const { orders } = check;
        const argv = pbsMomArgv(orders.pbsMom, orders, home.path, 'host.example.org', 'kept');
        const options = argv.filter((word) => word.startsWith('-'));
        expect(options).toEqual(['-D', '-d', '-p', '-H', '-m', '-M', '-R', '-A']);
        expect(argv).toHaveLength(14);
        expect(momctlArgv(orders.momctl, orders, 'diagnose').slice(1)).toEqual(['-d', '3']);
        for (const word of argv) expect(word).not.toMatch(/[\0\n\r]/);
      }
    }),
    { numRuns: 2000 },
  );
});

test('a server of the orders is one line of one file, or refused', () => {
  fc.assert(
    fc.property(hostile, (pbsServer) => {
      const check = checkOrders(ordersWith({ pbsServer }));
      if (!check.ok) return;
      const files = new Map(homeFiles(check.orders, home, null).map((file) => [file.name, file.text]));
      expect(files.get('server_name')).toMatch(/^[A-Za-z0-9.-]+(?::[0-9]{1,5})?\n$/);
      const servers = files
        .get('mom_priv/config')
        ?.split('\n')
        .filter((line) => line.startsWith('$pbsserver'));
      expect(servers).toEqual([`$pbsserver ${check.orders.pbsServer}`]);
    }),
    { numRuns: 2000 },
  );
});

test('a PATH and variables of the orders are one line each, or refused', () => {
  fc.assert(
    fc.property(hostile, fc.array(hostile, { maxLength: 3 }), (path, environment) => {
      const mpi = { pbsdsh: 'pbsdsh', environment, mpd: false };
      const check = checkOrders(ordersWith({ path, mpi }));
      if (!check.ok) return;
      const text =
        homeFiles(check.orders, home, null).find(({ name }) => name === 'pbs_environment')?.text ?? '';
      const lines = text.trimEnd().split('\n');
      expect(lines).toHaveLength(3 + environment.length);
      expect(lines.filter((line) => !/^[A-Za-z_][A-Za-z0-9_]*=/.test(line))).toEqual([]);
    }),
    { numRuns: 2000 },
  );
});
