/** What a program said about how it ended, on one line. */
import type { CommandResult } from '@mesos-torque/common/run-command.ts';
import { unreachable } from '@mesos-torque/common/units.ts';

const charsMax = 300;

export function wordsIn(result: CommandResult): string {
  switch (result.kind) {
    case 'exit': {
      const said = oneLine(result.stderr.toString('utf8')) || oneLine(result.stdout.toString('utf8'));
      return said === '' ? `it exited ${result.code} and said nothing` : said;
    }
    case 'signal':
      return `it was ended by ${result.signal}`;
    case 'timed-out':
      return `no answer within ${result.timeoutMs} ms`;
    case 'too-much-output':
      return `it printed more than ${result.bytesMax} bytes`;
    case 'spawn-failed':
      return result.error;
    default:
      return unreachable(result);
  }
}

/** Without control characters, and not longer than a line of a log should be. */
export function oneLine(text: string): string {
  const words = text.replace(/[\p{Cc}\p{Cf}\s]+/gu, ' ').trim();
  return words.length <= charsMax ? words : `${words.slice(0, charsMax)}…`;
}
