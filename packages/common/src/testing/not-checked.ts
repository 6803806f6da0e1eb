/** Says on the test run's own output that something was not checked here, and what would make it so. */
import process from 'node:process';

/** `what` names the claim that stays unproved; `why` the thing that is missing and how to get it. */
export function sayNotChecked(what: string, why: string): void {
  process.stderr.write(`NOT CHECKED: ${what}: ${why}\n`);
}
