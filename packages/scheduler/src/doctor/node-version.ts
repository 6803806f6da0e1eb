/** The Node that runs us. */
import { ok, wrong, type Verdict } from './check.ts';

const majorMin = 20;

export function judgeNodeVersion(version: string): Verdict {
  const major = Number(/^v?(?<major>[0-9]+)\./.exec(version)?.groups?.['major'] ?? 0);
  return major >= majorMin
    ? ok(version)
    : wrong(`${version} is too old`, `install Node ${majorMin} or later and run mesos-torque with it`);
}
