/** What the doctor found, for people: a line for each check, and below it what mends it. */
import type { CheckResult, CheckStatus } from '../doctor/check.ts';
import { clean } from './terminal.ts';

const words: Readonly<Record<CheckStatus, string>> = {
  ok: 'ok',
  warning: 'WARNING',
  wrong: 'WRONG',
  unknown: 'unknown',
};

export function renderChecks(checks: readonly CheckResult[]): string {
  const statusWidth = Math.max(...Object.values(words).map(({ length }) => length));
  const nameWidth = Math.max(0, ...checks.map(({ name }) => name.length));
  const lines = checks.map(({ name, status, found, remedy }) => {
    const line = `${words[status].padEnd(statusWidth)}  ${name.padEnd(nameWidth)}  ${clean(found)}`;
    const below = ' '.repeat(statusWidth + 2 + nameWidth + 2);
    return remedy === null ? `${line}\n` : `${line}\n${below}-> ${clean(remedy)}\n`;
  });
  return `${lines.join('')}\n${summary(checks)}\n`;
}

function summary(checks: readonly CheckResult[]): string {
  const count = (status: CheckStatus): number => checks.filter((check) => check.status === status).length;
  const [bad, doubtful, untried] = [count('wrong'), count('warning'), count('unknown')];
  if (bad + doubtful + untried === 0) return `All ${checks.length} checks are ok.`;
  return `${count('ok')} ok, ${bad} wrong, ${doubtful} ${doubtful === 1 ? 'warning' : 'warnings'}, ${untried} not tried.`;
}
