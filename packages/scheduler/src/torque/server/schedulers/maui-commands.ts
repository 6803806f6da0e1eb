/** Maui's commands, which Moab has too, and the names by which they know jobs. */
import type { Argv, CommandResult, RunCommand } from '@mesos-torque/common/run-command.ts';
import type { JobFacts } from '../../../core/facts.ts';
import { parseJobId } from '../../job-id.ts';
import { programIn } from '../torque-daemons.ts';

export interface MauiCommandParts {
  readonly run: RunCommand;
  readonly env: Readonly<Record<string, string>>;
  /** Where its programs are; null: on the PATH. */
  readonly binDir: string | null;
  readonly timeoutMs: number;
}

const outputBytesMax = 16 * 1024 * 1024;

export function runMaui(parts: MauiCommandParts, argv: Argv): Promise<CommandResult> {
  const [program, ...args] = argv;
  return parts.run([programIn(parts.binDir, program), ...args], {
    timeoutMs: parts.timeoutMs,
    outputBytesMax,
    env: parts.env,
  });
}

/** Maui knows jobs by their number without the host. */
export function numberOf(job: JobFacts): string {
  const parsed = parseJobId(job.id);
  if (!parsed.ok) return 'none';
  const { number, part } = parsed.id;
  return part.kind === 'element' ? `${number}[${part.index}]` : String(number);
}
