/** What the end of a pbs_mom means, in a sentence for people. */
import { quote } from '@mesos-torque/common/text.ts';
import { unreachable } from '@mesos-torque/common/units.ts';
import type { MomExit } from './ports.ts';

export interface ExitEvidence {
  readonly exit: MomExit;
  readonly stderrLines: readonly string[];
  readonly logLines: readonly string[];
  /** What pbs_mom takes offence at in its home's path; null if nothing. */
  readonly pathFault: string | null;
  readonly nodeName: string;
}

/** Outside-in: how it ended, why as far as can be told, and its last words. */
export function explainExit(evidence: ExitEvidence): string {
  const { exit } = evidence;
  switch (exit.kind) {
    case 'not-started':
      return `pbs_mom could not be started: ${exit.error}`;
    case 'unknown':
      return `pbs_mom, which an earlier executor had started, has ended${lastWords(evidence)}`;
    case 'signal':
      return `pbs_mom was ended by ${exit.signal}${lastWords(evidence)}`;
    case 'exit':
      return `pbs_mom exited ${exit.code}${meaningOf(exit.code, evidence)}${lastWords(evidence)}`;
    default:
      return unreachable(exit);
  }
}

/** Exit codes of 6.1.3 in the foreground. */
function meaningOf(code: number, evidence: ExitEvidence): string {
  const { stderrLines, pathFault, nodeName } = evidence;
  switch (code) {
    case 0:
      return ' although nobody had asked it to stop through us';
    case 1:
      return stderrLines.length > 0 ? '' : ': it is not run by root, or another one holds its lock';
    case 3:
      if (stderrLines.length > 0) return '';
      return pathFault === null
        ? ': it refuses its home without saying why'
        : `: it refuses a home that others could change, and ${pathFault}. Choose another folder for it with executor.torqueHome`;
    case 255:
      return `: a host name does not resolve on this agent, perhaps its own, ${nodeName}`;
    default:
      return '';
  }
}

function lastWords({ stderrLines, logLines }: ExitEvidence): string {
  if (stderrLines.length > 0) return `; its last words: ${quote(stderrLines.join(' | '), 400)}`;
  const errors = logLines.filter((line) => line.includes('LOG_ERROR'));
  const telling = errors.length > 0 ? errors : logLines.slice(-2);
  return telling.length > 0 ? `; its log ends in ${quote(telling.join(' | '), 600)}` : '';
}
