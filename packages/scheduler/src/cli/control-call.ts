/** One call of the control API, from the socket to an exit code: what every command that asks a scheduler shares. */
import os from 'node:os';
import { Metadata, status, type ServiceError } from '@grpc/grpc-js';
import type { Command } from 'commander';
import { handshakeWords } from './handshake-words.ts';
import { unreachable } from '@mesos-torque/common/units.ts';
import { ControlServiceClient } from '@mesos-torque/proto/gen/control/v1/control.ts';
import { complain, exitBadInput, exitNoAnswer, exitWrong } from './config-flags.ts';
import { withFormats, type OutputFlags } from './output.ts';
import { placeOf, withPlaceFlags, type Place, type PlaceFlags } from './place.ts';
import type { Terminal } from './terminal.ts';

export interface AskFlags extends PlaceFlags, OutputFlags {}

const answerMsMax = 10_000;

export const exitCodes =
  'Exit codes: 0 done; 1 it cannot be done, or there is no such thing; 2 the command line is wrong; 3 no scheduler answers.';

export function withOutputFlags(command: Command): Command {
  return withFormats(withPlaceFlags(command));
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
export function clientAt(place: Place): ControlServiceClient {
  return new ControlServiceClient(place.address, place.credentials, {
    'grpc.use_local_subchannel_pool': 1,
    'grpc.initial_reconnect_backoff_ms': 200,
    'grpc.max_reconnect_backoff_ms': 1_000,
  });
}

/** Throws `CallFailed` with the sentence and the exit code. */
export async function ask<Answer>(place: Place, call: Call<Answer>): Promise<Answer> {
  const client = clientAt(place);
  try {
    return await new Promise<Answer>((resolve, reject) => {
      call(client, new Metadata(), { deadline: Date.now() + answerMsMax }, (error, answer) => {
        if (error === null) resolve(answer);
        else reject(failed(place, error));
      });
    });
  } finally {
    client.close();
  }
}

export function failed(place: Place, error: ServiceError): CallFailed {
  // Codes that a scheduler does not send are all alike to us.
  // eslint-disable-next-line @typescript-eslint/switch-exhaustiveness-check
  switch (error.code) {
    case status.UNAVAILABLE:
      // What a scheduler said itself comes with details of ours; all else is that none is there.
      return error.metadata.get('grpc-status-details-bin').length > 0
        ? new CallFailed(error.details, exitNoAnswer)
        : new CallFailed(silence(place, error), exitNoAnswer);
    case status.INVALID_ARGUMENT:
    case status.OUT_OF_RANGE:
      return new CallFailed(error.details, exitBadInput);
    case status.DEADLINE_EXCEEDED:
      return new CallFailed(
        `asking the scheduler at ${place.name}: no answer within ${String(answerMsMax / 1000)} s`,
        exitNoAnswer,
      );
    case status.NOT_FOUND:
    case status.FAILED_PRECONDITION:
    case status.PERMISSION_DENIED:
      return new CallFailed(error.details, exitWrong);
    case status.UNAUTHENTICATED:
      return new CallFailed(stranger(place, error), exitWrong);
    default:
      return new CallFailed(`asking the scheduler at ${place.name}: ${error.details}`, exitNoAnswer);
  }
}

/** Nobody is there, or not one that we believe, or one that does not believe us. */
function silence({ name, way }: Place, { details }: ServiceError): string {
  switch (way) {
    case 'socket':
      return `no scheduler answers at ${name}: start it, or name its socket with --socket`;
    case 'tls':
      return `no scheduler answers at ${name}: ${handshakeWords(details)}`;
    default:
      return unreachable(way);
  }
}

function stranger({ name, tokenFile }: Place, { details }: ServiceError): string {
  return tokenFile === null
    ? `the scheduler at ${name} wants a token: name a file that holds yours with --token-file`
    : `the scheduler at ${name} does not take the token of ${tokenFile}: ${details}`;
}

/** Finds the scheduler, does the work, and says what went wrong. */
export async function asking(
  flags: AskFlags,
  terminal: Terminal,
  work: (place: Place) => Promise<number>,
): Promise<number> {
  const place = await placeOf(flags, terminal);
  if (!place.ok) return complain(terminal, [place.error]);
  try {
    return await work(place.value);
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
