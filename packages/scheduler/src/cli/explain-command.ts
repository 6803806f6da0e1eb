/** `explain`: why a job waits, a node is as it is, an offer is not taken, an agent is not used. */
import type { Command } from 'commander';
import { ExplainResponse, type ExplainRequest } from '@mesos-torque/proto/gen/control/v1/messages.ts';
import { exitBadInput, exitOk } from './config-flags.ts';
import { ask, asking, CallFailed, exitCodes, withOutputFlags, type AskFlags } from './control-call.ts';
import { logForPrograms, nodeLogs, renderNodeLog, type NodeLogTail } from './node-logs.ts';
import { show } from './output.ts';
import type { Place } from './place.ts';
import { clean, type Terminal } from './terminal.ts';

interface ExplainFlags extends AskFlags {
  readonly log?: true;
  readonly lines: string;
}

export function addExplainCommand(program: Command, terminal: Terminal, exit: (code: number) => void): void {
  withOutputFlags(program.command('explain'))
    .description('why a job waits, a node is as it is, an offer is not taken, an agent is not used')
    .argument('<kind>', 'job, node, offer or agent')
    .argument('<id>', 'its id; for a job the number is enough')
    .option('--log', "of a node: the end of its executor's log and its pbs_mom's, read from the agent now")
    .option('--lines <n>', 'with --log: so many lines of each, at most 1000', '40')
    .addHelpText(
      'after',
      `
Examples:
  mesos-torque explain job 42
  mesos-torque explain node n7.example.org --log
  mesos-torque explain agent n8.example.org    agents may be named by their hosts

${exitCodes}
`,
    )
    .action(async (kind: string, id: string, flags: ExplainFlags) => {
      exit(await explain(kind, id, flags, terminal));
    });
}

function explain(kind: string, id: string, flags: ExplainFlags, terminal: Terminal): Promise<number> {
  return asking(flags, terminal, async (place) => {
    const subject = subjectOf(kind, id);
    if (flags.log === true && kind !== 'node') {
      throw new CallFailed(`explain ${kind} --log: nodes have logs`, exitBadInput);
    }
    const logs = flags.log === true ? await nodeLogs(place, id, flags.lines) : [];
    const answer = await explanationOf(place, subject, logs);
    show(
      flags,
      terminal,
      () => ({
        ...(answer === null ? {} : Object(ExplainResponse.toJSON(answer))),
        ...(flags.log === true ? { logs: logs.map(logForPrograms) } : {}),
      }),
      () => [...logs.map(renderNodeLog), answer === null ? '' : renderExplanation(answer)].join('\n'),
    );
    return exitOk;
  });
}

/** Null for a node that is gone, of which there is a log though. */
async function explanationOf(
  place: Place,
  subject: NonNullable<ExplainRequest['subject']>,
  logs: readonly NodeLogTail[],
): Promise<ExplainResponse | null> {
  try {
    return await ask<ExplainResponse>(place, (client, metadata, options, done) =>
      client.explain({ subject }, metadata, options, done),
    );
  } catch (error) {
    if (error instanceof CallFailed && logs.some(({ kind }) => kind === 'read')) return null;
    throw error;
  }
}

function subjectOf(kind: string, value: string): NonNullable<ExplainRequest['subject']> {
  switch (kind) {
    case 'job':
    case 'node':
    case 'offer':
    case 'agent':
      return { $case: kind, value };
    default:
      throw new CallFailed(`explain ${kind}: jobs, nodes, offers and agents can be explained`, exitBadInput);
  }
}

/** The sentence last: it is what stands above the next prompt. */
export function renderExplanation({ sections, conclusion }: ExplainResponse): string {
  const parts = sections.map(
    ({ title, lines }) => `${title}\n${lines.map(({ text }) => `  ${clean(text)}\n`).join('')}`,
  );
  return [...parts, `${clean(conclusion)}\n`].join('\n');
}
