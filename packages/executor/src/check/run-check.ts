/** `torque-executor --check`: whether a mom could run on this machine. */
import type { CheckFlags } from '../command-line.ts';
import { isFit, judge, type Finding } from './judge.ts';
import { probe } from './probe.ts';

/** Prints a line per finding; the exit code is 0 when nothing speaks against a mom, else 1. */
export async function runCheck(
  flags: CheckFlags,
  print: (text: string) => void = (text) => {
    process.stdout.write(text);
  },
): Promise<number> {
  const findings = judge(await probe(flags));
  const ok = isFit(findings);
  print(flags.json ? `${JSON.stringify({ ok, findings }, null, 2)}\n` : renderFindings(findings));
  return ok ? 0 : 1;
}

const marks = { ok: 'ok ', doubtful: '?  ', bad: 'BAD' } as const;

export function renderFindings(findings: readonly Finding[]): string {
  const width = Math.max(...findings.map(({ name }) => name.length));
  const lines = findings.map(
    ({ name, verdict, text }) => `${marks[verdict]}  ${name.padEnd(width)}  ${text}`,
  );
  const bad = findings.filter(({ verdict }) => verdict === 'bad').length;
  const end = bad === 0 ? 'a pbs_mom could run here' : `a pbs_mom could not run here: ${bad} reasons`;
  return `${[...lines, end].join('\n')}\n`;
}
