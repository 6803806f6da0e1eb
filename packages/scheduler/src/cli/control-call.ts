/** One call of the control API, from the socket to an exit code: what every command that asks a scheduler shares. */
import os from 'node:os';
import { credentials, Metadata, status, type ServiceError } from '@grpc/grpc-js';
import type { Command } from 'commander';
import { ControlServiceClient } from '@mesos-torque/proto/gen/control/v1/control.ts';
import { readSocket } from '../config.ts';
import {
  complain,
  exitBadInput,
  exitNoAnswer,
  exitWrong,
  sourcesOf,
  withConfigFlags,
  type ConfigFlags,
} from './config-flags.ts';
import { withFormats, type OutputFlags } from './output.ts';
import type { Input } from './read-file.ts';
import type { Terminal } from './terminal.ts';

export interface AskFlags extends ConfigFlags, OutputFlags {
  readonly socket?: string;
}

const answerMsMax = 10_000;

export const exitCodes =
  'Exit codes: 0 done; 1 it cannot be done, or there is no such thing; 2 the command line is wrong; 3 no scheduler answers.';

export function withAskFlags(command: Command): Command {
  return withConfigFlags(command).option(
    '--socket <path>',
    'where the scheduler answers; left out, the configuration says',
  );
}

export function withOutputFlags(command: Command): Command {
  return withFormats(withAskFlags(command));
}

export async function socketOf(flags: AskFlags, terminal: Terminal): Promise<Input<string>> {
  if (flags.socket !== undefined) return { ok: true, value: flags.socket };
  const sources = await sourcesOf(flags, terminal);
  if (!sources.ok) return sources;
  const socket = readSocket(sources.value);
  return socket.ok ? socket : { ok: false, error: socket.errors.join('; ') };
}

/** Makes one call; `null` for how its answer ends. */
export type Call<Answer> = (
  client: ControlServiceClient,
  metadata: Metadata,
  options: { readonly deadline: number },
  done: (error: ServiceError | null, answer: Answer) => void,
) => unknown;

export class CallFailed extends Error {
  readonly code: number;

  constructor(message: string, code: number) {
    super(message);
    this.code = code;
  }
}

/** Each client tries by itself and soon: a scheduler that comes back is found within a second. */
export function clientAt(socket: string): ControlServiceClient {
  return new ControlServiceClient(`unix:${socket}`, credentials.createInsecure(), {
    'grpc.use_local_subchannel_pool': 1,
    'grpc.initial_reconnect_backoff_ms': 200,
    'grpc.max_reconnect_backoff_ms': 1_000,
  });
}

/** Throws `CallFailed` with the sentence and the exit code. */
export async function ask<Answer>(socket: string, call: Call<Answer>): Promise<Answer> {
  const client = clientAt(socket);
  try {
    return await new Promise<Answer>((resolve, reject) => {
      call(client, new Metadata(), { deadline: Date.now() + answerMsMax }, (error, answer) => {
        if (error === null) resolve(answer);
        else reject(failed(socket, error));
      });
    });
  } finally {
    client.close();
  }
}

export function failed(socket: string, error: ServiceError): CallFailed {
  // Codes that a scheduler does not send are all alike to us.
  // eslint-disable-next-line @typescript-eslint/switch-exhaustiveness-check
  switch (error.code) {
    case status.UNAVAILABLE:
      // What a scheduler said itself comes with details of ours; all else is that none is there.
      return error.metadata.get('grpc-status-details-bin').length > 0
        ? new CallFailed(error.details, exitNoAnswer)
        : new CallFailed(
            `no scheduler answers at ${socket}: start it, or name its socket with --socket`,
            exitNoAnswer,
          );
    case status.INVALID_ARGUMENT:
    case status.OUT_OF_RANGE:
      return new CallFailed(error.details, exitBadInput);
    case status.DEADLINE_EXCEEDED:
      return new CallFailed(
        `asking the scheduler at ${socket}: no answer within ${String(answerMsMax / 1000)} s`,
        exitNoAnswer,
      );
    case status.NOT_FOUND:
    case status.FAILED_PRECONDITION:
    case status.PERMISSION_DENIED:
    case status.UNAUTHENTICATED:
      return new CallFailed(error.details, exitWrong);
    default:
      return new CallFailed(`asking the scheduler at ${socket}: ${error.details}`, exitNoAnswer);
  }
}

/** Finds the socket, does the work, and says what went wrong. */
export async function asking(
  flags: AskFlags,
  terminal: Terminal,
  work: (socket: string) => Promise<number>,
): Promise<number> {
  const socket = await socketOf(flags, terminal);
  if (!socket.ok) return complain(terminal, [socket.error]);
  try {
    return await work(socket.value);
  } catch (error) {
    if (error instanceof CallFailed) return complain(terminal, [error.message], error.code);
    throw error;
  }
}

/** Who types: the user behind sudo, or this one. */
export function whoTypes({ environment }: Terminal): string {
  const sudo = environment['SUDO_USER'];
  if (sudo !== undefined && sudo !== '') return sudo;
  try {
    return os.userInfo().username;
  } catch {
    return `uid ${String(process.getuid?.() ?? '?')}`;
  }
}
