import { describe, expect, test } from 'vitest';
import { environmentName, optionKeys, options } from './config-options.ts';
import type { Option } from './config-option.ts';
import type { ConfigSources } from './config-read.ts';
import { readConfig, readPolicy, type Config } from './config.ts';

const hostName = 'head.example.org';

/** A file, environment and flags; the master is given unless the story is about it. */
function sources(file: string, others: Partial<ConfigSources> = {}): ConfigSources {
  return {
    file: { name: 'site.yaml', text: file },
    environment: {},
    settings: ['mesos.master=master:5050'],
    ...others,
  };
}

function configOf(file: string, others: Partial<ConfigSources> = {}): Config {
  const config = readConfig(sources(file, others), hostName);
  if (!config.ok) throw new Error(config.errors.join('\n'));
  return config.value;
}

function errorsOf(file: string, others: Partial<ConfigSources> = {}): readonly string[] {
  const config = readConfig(sources(file, others), hostName);
  return config.ok ? [] : config.errors;
}

describe('every option', () => {
  test.each(optionKeys)(
    '%s has a sound default, a reason, and a name of its own in the environment',
    (key) => {
      const option = options[key] as Option<unknown>;

      expect(option.what).toMatch(/\.$/);
      expect(option.reason.length).toBeGreaterThan(10);
      expect(optionKeys.filter((other) => environmentName(other) === environmentName(key))).toEqual([key]);
      if (option.default === null) return;
      const read = option.kind.read(option.default);
      expect(read.ok && option.kind.show(read.value)).toBe(option.default);
    },
  );

  test('that counts something says what happens when it is too small or too large', () => {
    const counting = optionKeys.filter((key) => options[key].kind.unit !== '' && key !== 'http.port');

    expect(counting.filter((key) => options[key].effect === null)).toEqual([]);
    expect(counting.length).toBeGreaterThan(20);
  });
});

test('with only the master given there is a whole configuration', () => {
  const config = configOf('');

  expect(config.mesos).toMatchObject({
    master: 'master:5050',
    role: 'torque',
    failoverTimeoutMs: 604_800_000,
  });
  expect(config.torque).toMatchObject({
    server: hostName,
    pollMs: 500,
    placeholder: { node: hostName, np: 48 },
  });
  expect(config.policy).toMatchObject({
    minSlotsHeld: 0,
    minComputeNode: { np: 1, memMib: 512 },
    safeAllocation: { cpuMilli: 48_000, memMib: 49_152, diskMib: null, gpus: null, nodes: null },
    idleMs: 1_800_000,
    placeholderNodes: [hostName],
  });
  expect(config.control.socket).toBe('/var/lib/mesos-torque/control.sock');
});

test('a file is written the way administrators think', () => {
  const config = configOf(
    `
mesos:
  master: [m1.example.org:5050, 'https://m2.example.org:5050']
  role: hpc
  webuiUrl: http://head.example.org/
torque:
  server: PBS.example.org
executor:
  cpus: 0.25
  momConfigLines:
    - $usecp *:/home /home
policy:
  minSlotsHeld: 2
  minComputeNode: {np: 2, mem: 1GiB}
  safeAllocation: {cpus: 12.5, mem: none, nodes: 4}
  idleTime: 90s
  propertyAttributes: [rack, bigmem]
`,
    { settings: [] },
  );

  expect(config.mesos).toMatchObject({
    master: 'm1.example.org:5050,https://m2.example.org:5050',
    role: 'hpc',
  });
  expect(config.torque.server).toBe('pbs.example.org');
  expect(config.torque.placeholder).toEqual({ node: 'pbs.example.org', np: 12 });
  expect(config.executor).toMatchObject({ cpuMilli: 250, mom: { momConfigLines: ['$usecp *:/home /home'] } });
  expect(config.policy).toMatchObject({
    minSlotsHeld: 2,
    minComputeNode: { np: 2, memMib: 1024 },
    safeAllocation: { cpuMilli: 12_500, memMib: null, nodes: 4 },
    idleMs: 90_000,
    // Its processors are the node's own.
    executor: { cpuMilli: 0, memMib: 192 },
    propertyAttributes: ['rack', 'bigmem'],
  });
});

test('flags win over the environment, and that over the file', () => {
  const config = configOf('policy: {npMax: 8, minSlotsHeld: 1, nodeActsMax: 3}', {
    environment: { MESOS_TORQUE_POLICY_NP_MAX: '16', MESOS_TORQUE_POLICY_MIN_SLOTS_HELD: '2', PATH: '/bin' },
    settings: ['mesos.master=m', 'policy.npMax=32'],
  });

  expect(config.policy).toMatchObject({ npMax: 32, minSlotsHeld: 2, nodeActsMax: 3 });
});

test('lists may be given in the environment and as flags', () => {
  const config = configOf('', {
    environment: { MESOS_TORQUE_EXECUTOR_MOM_CONFIG_LINES: '$usecp *:/home /home\n$loglevel 3' },
    settings: ['mesos.master=a:1,b:2', 'policy.propertyAttributes=rack, zone'],
  });

  expect(config.mesos.master).toBe('a:1,b:2');
  expect(config.policy.propertyAttributes).toEqual(['rack', 'zone']);
  expect(config.executor.mom.momConfigLines).toEqual(['$usecp *:/home /home', '$loglevel 3']);
});

describe('what is wrong is named with key, value and remedy:', () => {
  test.each([
    [
      'policy: {idleTime: 300}',
      'site.yaml:1: policy.idleTime: 300 is not possible: give a time from 0s to 52w with its unit',
    ],
    ['policy: {idleTime: 300 s econds}', '"300 s econds" is not possible'],
    ['policy: {idleTime: -5m}', '"-5m" is not possible'],
    [
      'policy: {minComputeNode: {mem: 512MB}}',
      '"512MB" is not possible: give a size of at least 32 MiB with its unit, such as 512MiB',
    ],
    ['policy: {minComputeNode: {mem: 999999999PiB}}', '"999999999PiB" is not possible'],
    [
      'policy: {safeAllocation: {cpus: lots}}',
      '"lots" is not possible: give a number from 0.01 to 100,000, with up to three decimals, or none',
    ],
    ['policy: {safeAllocation: {cpus: .inf}}', 'Infinity is not possible'],
    ['policy: {npMax: 0}', 'policy.npMax: 0 is not possible: give a whole number from 1 to 65,535'],
    ['policy: {npMax: 1.5}', 'policy.npMax: 1.5 is not possible'],
    ['policy: {nodeSize: big}', '"big" is not possible: choose one of fit, whole'],
    ['policy: {ownerMark: a.b}', '"a.b" is not possible: give 1 to 40 letters'],
    ['executor: {portsFromOffer: yes}', '"yes" is not possible: choose true or false'],
    ['executor: {momConfigLines: "a\\u0007"}', 'is not possible: give lines'],
    [
      'torque: {server: "a b"}',
      '"a b" is not possible: give a host name of letters, digits, hyphens and dots, or auto',
    ],
    ['mesos: {master: []}', 'is not possible: give at least 1'],
    ['mesos: {master: "zoo://h:2181/mesos"}', '"zoo://h:2181/mesos" is not possible: give host:port'],
    ['http: {port: 65536}', '65536 is not possible: give a whole number from 0 to 65,535'],
    ['policy: 5', 'policy: 5 is not possible: it is a section with the keys policy.minSlotsHeld'],
    ['polcy: {idleTime: 5m}', "polcy: no option has this name (given { idleTime: '5m' }); the nearest is"],
    [
      'policy: {idleTim: 5m}',
      'policy.idleTim: no option has this name (given "5m"); the nearest is policy.idleTime',
    ],
    ['idleTime: 5m', 'idleTime: no option has this name (given "5m"); the nearest is policy.idleTime'],
    ['stateDir: {x: 1}', 'stateDir: { x: 1 } is not possible: give a path'],
    ['- a', 'site.yaml: this is no configuration'],
    ['just text', 'site.yaml: this is no configuration'],
    ['policy: {a: ', 'site.yaml:1: '],
    ['policy: {}\npolicy: {}', 'site.yaml:2: Map keys must be unique'],
    ['policy: {npMax: &x [*x]}', 'policy.npMax: <ref *1> [ [Circular *1] ] is not possible'],
    ['a: &a {b: *a}', 'a: no option has this name'],
    ['x: '.repeat(400_000), 'characters are more than the 1048576 that are read'],
  ])('%j', (file, expected) => {
    const errors = errorsOf(file.length > 200 ? file : `${file}\n`);

    expect(errors).toHaveLength(1);
    expect(errors[0]).toContain(expected);
  });

  test.each([
    ['policy: {agentBackoff: 1h}', 'policy.agentBackoff is larger than policy.agentBackoffMax'],
    ['torque: {pollInterval: 5s}', 'torque.pollInterval is larger than torque.quietPollInterval'],
    ['policy: {minComputeNode: {np: 65}}', 'policy.minComputeNode.np is larger than policy.npMax'],
    ['policy: {minSlotsHeld: 49}', 'the floor of 49 nodes does not fit into policy.safeAllocation.cpus'],
    ['executor: {cpus: 1}', 'executor.cpus does not leave 0.01 cpus of the smallest node'],
    ['mesos: {secretFile: /etc/secret}', 'mesos.secretFile is given and mesos.principal is not'],
  ])('together: %j', (file, expected) => {
    expect(errorsOf(file)).toEqual([expect.stringContaining(expected)]);
  });

  test('the environment and flags by their own names', () => {
    const errors = errorsOf('', {
      environment: { MESOS_TORQUE_LOG_LEVEL: 'loud', MESOS_TORQUE_POLICY_IDLE: '5m' },
      settings: ['mesos.master=m', 'log.levl=info', 'nonsense'],
    });

    expect(errors).toEqual([
      'MESOS_TORQUE_POLICY_IDLE: no option has this name (given "5m"); the nearest is MESOS_TORQUE_POLICY_IDLE_TIME',
      '--set "nonsense": write --set KEY=VALUE',
      'MESOS_TORQUE_LOG_LEVEL: "loud" is not possible: choose one of debug, info, warn, error',
      '--set log.levl: no option has this name (given "info"); the nearest is log.level',
    ]);
  });

  test('all at once, and what is missing too', () => {
    const errors = errorsOf('policy: {npMax: 0, idleTime: x}', { settings: [] });

    expect(errors).toHaveLength(3);
    expect(errors[2]).toContain('mesos.master is missing');
    expect(errors[2]).toContain('MESOS_TORQUE_MESOS_MASTER');
  });
});

test('for a plan the policy alone is enough', () => {
  const policy = readPolicy(sources('policy: {minSlotsHeld: 3}', { settings: [] }), hostName);

  expect(policy).toMatchObject({ ok: true, value: { minSlotsHeld: 3 } });
});

describe('secrets and certificates', () => {
  test('certificate and key come together, on both sides', () => {
    expect(errorsOf('mesos: {tlsCert: /etc/c.pem}')[0]).toContain(
      'of mesos.tlsCert and mesos.tlsKey one is given',
    );
    const executor = 'executor: {tlsCa: /etc/ca.pem, tlsKey: /etc/k.pem}';
    expect(errorsOf(executor)[0]).toContain('of executor.tlsCert and executor.tlsKey one is given');
    expect(errorsOf('mesos: {tls: false, tlsCa: /etc/ca.pem}')[0]).toContain('mesos.tls is false');
  });

  test('a checksum is for an address of the site, and is one', () => {
    const sum = 'a'.repeat(64);
    expect(errorsOf(`executor: {uriSha256: [${sum}]}`)[0]).toContain('executor.uri is not');
    expect(errorsOf(`executor: {uri: 'http://f/e.zip', uriSha256: [${sum}]}`)[0]).toContain('a zip file');
    expect(errorsOf("executor: {uri: 'http://f/e.tgz', uriSha256: [abc]}")[0]).toContain('64 hexadecimal');
    expect(configOf(`executor: {uri: 'http://f/e.tgz', uriSha256: [${sum}]}`).executor.uriSha256s).toEqual([
      sum,
    ]);
  });

  test.each([
    ['mesos: {master: "http://torque:hunter2@m1:5050"}'],
    ['ha: {zookeeper: "zk://torque:hunter2@z1:2181/torque"}'],
    ['executor: {uri: "https://torque:hunter2@files.example.org/e.tgz"}'],
    ['mesos: {webuiUrl: "https://torque:hunter2@www.example.org/"}'],
    ['mesos: {secret: hunter2}'],
    ['mesos: {secretFile: {principal: torque, secret: hunter2}}'],
    ['control: {tokenFile: [hunter2]}'],
    ['mesos: {password: hunter2}'],
  ])('%s is refused without being told', (file) => {
    const errors = errorsOf(file, { settings: file.includes('master') ? [] : ['mesos.master=m:5050'] });
    expect(errors).not.toEqual([]);
    expect(errors.join()).not.toContain('hunter2');
  });

  test('nor where they come by environment or flag', () => {
    const environment = { MESOS_TORQUE_MESOS_SECRET: 'hunter2' };
    const settings = ['mesos.master=zk://u:hunter2@z1/mesos', 'mesos.password=hunter2'];
    const errors = errorsOf('', { environment, settings });
    expect(errors).toHaveLength(3);
    expect(errors.join()).not.toContain('hunter2');
  });
});
