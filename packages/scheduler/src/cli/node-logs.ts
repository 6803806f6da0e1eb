/** The logs of a node, for `explain node X --log`: what its executor wrote, and what matters of its pbs_mom's log. */
import { GetNodeLogResponse } from '@mesos-torque/proto/gen/control/v1/messages.ts';
import { grouped } from '@mesos-torque/common/units.ts';
import { exitBadInput } from './config-flags.ts';
import { ask, CallFailed } from './control-call.ts';
import type { Place } from './place.ts';
import { clean } from './terminal.ts';

/** One that cannot be read is no reason to withhold the explanation. */
export type NodeLogTail =
  | { readonly kind: 'read'; readonly title: string; readonly log: GetNodeLogResponse }
  | { readonly kind: 'not read'; readonly title: string; readonly file: string; readonly why: string };

const files = [
  { file: 'stderr', title: "Its executor's log" },
  { file: 'stdout', title: "Its pbs_mom's log" },
] as const;

/** Throws `CallFailed` where there is nothing to explain either. */
export async function nodeLogs(place: Place, node: string, lines: string): Promise<readonly NodeLogTail[]> {
  if (!/^[1-9]\d{0,3}$/.test(lines) || Number(lines) > 1_000) {
    throw new CallFailed(`--lines ${lines}: give 1 to 1000`, exitBadInput);
  }
  const linesMax = Number(lines);
  return Promise.all(
    files.map(async ({ file, title }): Promise<NodeLogTail> => {
      try {
        const request = { node, file, linesMax };
        const log = await ask<GetNodeLogResponse>(place, (client, metadata, options, done) =>
          client.getNodeLog(request, metadata, options, done),
        );
        return { kind: 'read', title, log };
      } catch (error) {
        if (error instanceof CallFailed) return { kind: 'not read', title, file, why: error.message };
        throw error;
      }
    }),
  );
}

export function logForPrograms(tail: NodeLogTail): unknown {
  return tail.kind === 'read' ? GetNodeLogResponse.toJSON(tail.log) : { file: tail.file, problem: tail.why };
}

export function renderNodeLog(tail: NodeLogTail): string {
  if (tail.kind === 'not read') return `${tail.title}\n  ${clean(tail.why)}\n`;
  const { lines, bytes, isCut, agent, taskId } = tail.log;
  const where = `task ${taskId}, from ${agent}`;
  const size = isCut
    ? `the last ${grouped(lines.length)} lines of ${grouped(Number(bytes))} bytes`
    : 'all of it';
  const shown = lines.map(({ atMs, level, text }) => {
    const time = atMs === 0n ? '' : `${new Date(Number(atMs)).toISOString().slice(11, 23)} `;
    // Where everything is "info" the word says nothing.
    const mark = level === '' || level === 'info' ? '' : `${level.toUpperCase()} `;
    return `  ${clean(`${time}${mark}${text}`)}\n`;
  });
  const body = shown.length === 0 ? '  nothing yet\n' : shown.join('');
  return `${tail.title} (${clean(where)}; ${size})\n${body}`;
}
