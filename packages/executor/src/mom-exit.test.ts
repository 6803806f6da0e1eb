import { describe, expect, it } from 'vitest';
import { explainExit } from './mom-exit.ts';
import type { MomExit } from './ports.ts';

const quiet = { stderrLines: [], logLines: [], pathFault: null, nodeName: 'node1.torque.test' };

describe('explainExit', () => {
  it.each<[MomExit, object, string]>([
    [
      { kind: 'exit', code: 1 },
      { stderrLines: ["cannot lock '/run/m/mom_priv/mom.lock' - another mom running"] },
      `pbs_mom exited 1; its last words: "cannot lock '/run/m/mom_priv/mom.lock' - another mom running"`,
    ],
    [{ kind: 'exit', code: 1 }, {}, 'pbs_mom exited 1: it is not run by root, or another one holds its lock'],
    [{ kind: 'exit', code: 3 }, {}, 'pbs_mom exited 3: it refuses its home without saying why'],
    [
      { kind: 'exit', code: 3 },
      { pathFault: 'everybody can write to /tmp' },
      'pbs_mom exited 3: it refuses a home that others could change, and everybody can write to /tmp. Choose another folder for it with executor.torqueHome',
    ],
    [
      { kind: 'exit', code: 255 },
      { logLines: ['Is up', 'LOG_ERROR::pbs_mom, Unable to get my full hostname', 'bye'] },
      'pbs_mom exited 255: a host name does not resolve on this agent, perhaps its own, node1.torque.test; its log ends in "LOG_ERROR::pbs_mom, Unable to get my full hostname"',
    ],
    [{ kind: 'exit', code: 0 }, {}, 'pbs_mom exited 0 although nobody had asked it to stop through us'],
    [{ kind: 'signal', signal: 'SIGSEGV' }, {}, 'pbs_mom was ended by SIGSEGV'],
    [{ kind: 'not-started', error: 'EACCES' }, {}, 'pbs_mom could not be started: EACCES'],
  ])('explains %o', (exit, evidence, words) => {
    expect(explainExit({ ...quiet, ...evidence, exit })).toBe(words);
  });
});
