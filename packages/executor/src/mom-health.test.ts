import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import type { CommandResult } from '@mesos-torque/common/run-command.ts';
import { observe } from './mom-health.ts';
import { diagnosis, exited } from './testing/fakes.ts';

const fixtures = path.join(import.meta.dirname, '../../../fixtures/torque-6.1');
const expected = { homes: ['/var/spool/torque'], pbsServer: 'head.torque.test' };

function recorded(name: string, code: number): CommandResult {
  const read = (suffix: string): string => readFileSync(path.join(fixtures, `${name}.${suffix}`), 'utf8');
  return exited(code, read('stdout'), read('stderr'));
}

function nothingFrom(ending: object): CommandResult {
  return { stdout: Buffer.alloc(0), stderr: Buffer.alloc(0), durationMs: 1, ...ending } as CommandResult;
}

describe('observe', () => {
  it('hears a mom that names our server, under the name that it goes by', () => {
    expect(observe(recorded('mom-up-momctl-d3', 0), expected)).toEqual({
      kind: 'answering',
      silentS: 0,
      jobIds: [],
      momName: 'node1.torque.test',
      trusted: ['10.77.0.1:0', '10.77.0.11:15003', '127.0.0.1:0'],
    });
  });

  it('takes the port after the server for what it is', () => {
    const withPort = { ...expected, pbsServer: 'HEAD.torque.test:15001' };
    expect(observe(recorded('mom-up-momctl-d3', 0), withPort).kind).toBe('answering');
  });

  it.each([
    [
      'momkill-momctl',
      `momctl exited 1: "cannot connect to MOM on node 'localhost', errno=111 (Connection refused)"`,
    ],
    ['momctl-d3-user-local', 'momctl exited 1: "Must be run as root"'],
  ])('quotes why nobody answers: %s', (name, why) => {
    expect(observe(recorded(name, 1), expected)).toEqual({ kind: 'unanswered', why });
  });

  it.each([
    ['momcfg-unresolvable-momctl', 'pbs_mom knows no server: does head.torque.test resolve on this agent?'],
    ['momcfg-wrong-server-momctl', 'pbs_mom serves node1.torque.test and not head.torque.test'],
    ['alt3-momctl', 'another pbs_mom answers, with its home in "/var/spool/torque/alt1"'],
  ])('is not content with any answer: %s', (name, why) => {
    expect(observe(recorded(name, 0), expected)).toEqual({ kind: 'wrong', why });
  });

  it.each([
    [{ kind: 'signal', signal: 'SIGSEGV' }, 'momctl was ended by SIGSEGV'],
    [{ kind: 'timed-out', timeoutMs: 5000 }, 'momctl did not end within 5000 ms'],
    [{ kind: 'too-much-output', bytesMax: 10 }, 'momctl printed more than 10 bytes'],
    [{ kind: 'spawn-failed', error: 'no program momctl' }, 'momctl could not be started: no program momctl'],
    [{ kind: 'exit', code: 1 }, 'momctl exited 1: it printed nothing'],
    [{ kind: 'exit', code: 0, stdout: Buffer.from([0xff, 0x0a]) }, 'momctl printed no text: "\\xff\\n"'],
  ])('takes %o for no answer', (ending, why) => {
    expect(observe(nothingFrom(ending), expected)).toEqual({ kind: 'unanswered', why });
  });

  it('knows the home by either of its paths', () => {
    const homes = ['/run/mesos-torque/mom-1', '/sandbox/torque-home'];
    for (const home of homes) {
      expect(observe(exited(0, diagnosis({ home })), { ...expected, homes }).kind).toBe('answering');
    }
  });
});
