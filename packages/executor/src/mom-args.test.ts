import { describe, expect, it } from 'vitest';
import { momctlArgv, pbsMomArgv } from './mom-args.ts';
import { checkOrders } from './orders.ts';
import type { CheckedOrders } from './orders.ts';
import { ordersWith } from './testing/fakes.ts';

function checked(changes: Parameters<typeof ordersWith>[0] = {}): CheckedOrders {
  const check = checkOrders(ordersWith(changes));
  if (!check.ok) throw new Error(check.error);
  return check.orders;
}

describe('pbsMomArgv', () => {
  it('names the mom only where the system calls the host something else', () => {
    expect(pbsMomArgv('pbs_mom', checked(), '/run/mom', 'node1.torque.test', 'none yet')).toEqual([
      'pbs_mom',
      '-D',
      '-d',
      '/run/mom',
    ]);
    expect(pbsMomArgv('pbs_mom', checked(), '/run/mom', 'ip-10-77-0-11', 'none yet')).toEqual([
      ...['pbs_mom', '-D', '-d', '/run/mom'],
      ...['-H', 'node1.torque.test'],
    ]);
  });

  it('gives a mom with ports of its own its alias', () => {
    const orders = checked({ nodeName: 'alt1.torque.test', momServicePort: 30001, momManagerPort: 30002 });
    expect(pbsMomArgv('pbs_mom', orders, '/run/mom', 'node4.torque.test', 'none yet').slice(4)).toEqual([
      ...['-H', 'alt1.torque.test', '-m', '-M', '30001', '-R', '30002', '-A', 'alt1.torque.test'],
    ]);
  });

  it('tells both ports when one is ordered', () => {
    const argv = pbsMomArgv(
      'pbs_mom',
      checked({ momManagerPort: 30002 }),
      '/run/mom',
      'node1.torque.test',
      'none yet',
    );
    expect(argv.slice(4)).toEqual(['-m', '-M', '15002', '-R', '30002', '-A', 'node1.torque.test']);
  });
});

describe('momctlArgv', () => {
  it('asks on the port of the mom', () => {
    expect(momctlArgv('momctl', checked(), 'diagnose')).toEqual(['momctl', '-d', '3']);
    expect(momctlArgv('momctl', checked({ momManagerPort: 30002 }), 'shut down')).toEqual([
      'momctl',
      '-p',
      '30002',
      '-s',
    ]);
  });
});

describe('checkOrders', () => {
  it.each([
    [{ nodeName: '' }, 'node_name "" is no host name'],
    [{ nodeName: '-rf' }, 'node_name "-rf" is no host name'],
    [{ nodeName: 'a b' }, 'node_name "a b" is no host name'],
    [{ pbsServer: 'head:0' }, 'pbs_server "head:0" is neither host nor host:port'],
    [{ pbsServer: 'head\n$usecp' }, 'pbs_server "head\\n$usecp" is neither host nor host:port'],
    [{ momServicePort: 70_000 }, 'mom_service_port 70000 is no port'],
    [
      { momServicePort: 30_001, momManagerPort: 30_001 },
      'mom_service_port and mom_manager_port are both 30001',
    ],
    [{ momConfigLines: ['$usecp *:/ /', 'a\nb'] }, 'mom_config_lines: "a\\nb" is not one line of text'],
    [{ healthIntervalMs: 10 }, 'health_interval_ms 10 is not between 100 and 600000'],
    [{ pbsMom: '../pbs_mom' }, 'pbs_mom "../pbs_mom" is neither a name nor an absolute path'],
    [{ momctl: '-s' }, 'momctl "-s" is neither a name nor an absolute path'],
    [{ path: '/bin\0/x' }, 'path "/bin\\u{0}/x" cannot be a PATH'],
    [{ torqueHome: 'here' }, 'torque_home "here" is no absolute path'],
  ])('refuses %o', (changes, error) => {
    expect(checkOrders(ordersWith(changes))).toEqual({ ok: false, error });
  });

  it('fills in what 0 and empty stand for', () => {
    expect(checked({ healthIntervalMs: 0 })).toMatchObject({
      servicePort: 15002,
      managerPort: 15003,
      healthIntervalMs: 5000,
      homesDir: null,
    });
  });

  it('takes a server with its port', () => {
    expect(checked({ pbsServer: 'head.torque.test:15001' }).pbsServer).toBe('head.torque.test:15001');
  });
});
