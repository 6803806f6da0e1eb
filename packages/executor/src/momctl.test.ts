import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseDiagnosis } from './momctl.ts';

interface Recording {
  readonly name: string;
  readonly file: string;
  readonly command: string;
  readonly exitCode: number | string;
}

const fixtures = path.join(import.meta.dirname, '../../../fixtures');

function read(version: string, file: string): string {
  return readFileSync(path.join(fixtures, version, file), 'utf8');
}

/** Every recording of `momctl … -d N` that was answered by one mom. */
const answered = ['torque-6.1', 'torque-4.2'].flatMap((version) =>
  (JSON.parse(read(version, 'index.json')) as Recording[])
    .filter(({ command, exitCode }) => /^momctl .*-d \d/.test(command) && exitCode === 0)
    .filter(({ name }) => !['momctl-h-list', 'momctl-h-all'].includes(name))
    .map(({ name, file }) => ({ version, name, file })),
);

function diagnosisOf(version: string, file: string) {
  const parsed = parseDiagnosis(read(version, file));
  if (!parsed.ok) throw new Error(parsed.error);
  return parsed.diagnosis;
}

describe('parseDiagnosis on recordings', () => {
  it('has recordings to read', () => {
    expect(answered.length).toBeGreaterThan(25);
  });

  it.each(answered)('reads $version $name', ({ version, file }) => {
    const { host, homeDirectory, pid, version: torque } = diagnosisOf(version, file);
    expect(host).toMatch(/^node\d\.torque\.test$/);
    expect(homeDirectory).toMatch(/^\/var\/spool\/torque\/(?:alt1\/)?mom_priv$/);
    expect(pid).toBeGreaterThan(0);
    expect(torque).toBe(version === 'torque-6.1' ? '6.1.3.h5' : '4.2.10');
  });

  it('reads a mom that the server talks to', () => {
    expect(diagnosisOf('torque-6.1', 'mom-up-momctl-d3.stdout')).toEqual({
      host: 'node1.torque.test',
      version: '6.1.3.h5',
      pid: 15,
      homeDirectory: '/var/spool/torque/mom_priv',
      servers: [{ name: 'head.torque.test', address: '10.77.0.1:15001', heardS: 0, toldS: 0, warnings: [] }],
      trustedClients: ['10.77.0.1:0', '10.77.0.11:15003', '127.0.0.1:0'],
      jobIds: [],
    });
  });

  it('tells a mom that has heard nothing from one that has', () => {
    const [server] = diagnosisOf('torque-6.1', 'mom-momctl-d3.stdout').servers;
    expect(server).toMatchObject({ heardS: null, toldS: 10, warnings: [] });
  });

  it.each(['momcfg-neither-momctl', 'momcfg-unresolvable-momctl'])('finds no server in %s', (name) => {
    expect(diagnosisOf('torque-6.1', `${name}.stdout`).servers).toEqual([]);
  });

  it('reads the name of the server as it was configured', () => {
    expect(diagnosisOf('torque-6.1', 'momcfg-shortname-momctl.stdout').servers[0]?.name).toBe('head');
    expect(diagnosisOf('torque-6.1', 'momcfg-wrong-server-momctl.stdout').servers[0]?.name).toBe(
      'node1.torque.test',
    );
  });

  it('reads a mom started with -H, which prints no address', () => {
    expect(diagnosisOf('torque-6.1', 'momcfg-H-flag-momctl.stdout').host).toBe('node4.torque.test');
  });

  it('names the jobs', () => {
    expect(diagnosisOf('torque-6.1', 'untrusted-momctl-d3.stdout').jobIds).toEqual(['1.head.torque.test']);
    expect(diagnosisOf('torque-6.1', 'scenario-running-momctl-d3.stdout').jobIds).toHaveLength(1);
  });

  it('reads the list of clients that 4.2 ends in a colon and a number', () => {
    expect(diagnosisOf('torque-4.2', 'momctl-d3.stdout').trustedClients).toEqual([
      '10.77.0.1:0',
      '10.77.0.11:0',
      '127.0.0.1:0',
    ]);
  });
});

describe('parseDiagnosis on anything else', () => {
  const good = read('torque-6.1', 'mom-up-momctl-d3.stdout');

  it('takes what was cut off anywhere for incomplete', () => {
    for (let end = 0; end < good.indexOf('diagnostics complete'); end++) {
      expect(parseDiagnosis(good.slice(0, end)).ok).toBe(false);
    }
  });

  it.each([
    ['nothing', '', 'momctl printed no "Host:" line: ""'],
    [
      'a query',
      "   localhost:  foo = 'foo=? 15201'\n",
      'momctl printed no "Host:" line: "localhost:  foo = \'foo=? 15201\'"',
    ],
  ])('says what it read instead: %s', (_what, text, error) => {
    expect(parseDiagnosis(text)).toEqual({ ok: false, error });
  });

  it('keeps warnings that name a fault', () => {
    const warned = good.replace(
      '  Last Msg From',
      '  WARNING:  could not open connection to server, cname lookup failed\n  Last Msg From',
    );
    const parsed = parseDiagnosis(warned);
    expect(parsed.ok && parsed.diagnosis.servers[0]?.warnings).toEqual([
      'could not open connection to server, cname lookup failed',
    ]);
  });
});
