/** `snapshot`: all that the latest plan was made from, as JSON, to be looked at or sent along with a report. */
import type { ServiceError } from '@grpc/grpc-js';
import type { Command } from 'commander';
import type { GetSnapshotResponse } from '@mesos-torque/proto/gen/control/v1/messages.ts';
import { exitOk } from './config-flags.ts';
import { asking, clientAt, exitCodes, failed, type AskFlags } from './control-call.ts';
import { withPlaceFlags, type Place } from './place.ts';
import type { Terminal } from './terminal.ts';

export function addSnapshotCommand(program: Command, terminal: Terminal, exit: (code: number) => void): void {
  withPlaceFlags(program.command('snapshot'))
    .description('all that the latest plan was made from, as JSON')
    .addHelpText('after', `\nExamples:\n  mesos-torque snapshot > snapshot.json\n\n${exitCodes}\n`)
    .action(async (flags: AskFlags) => {
      exit(
        await asking(flags, terminal, async (place) => {
          terminal.out(`${await snapshotText(place)}\n`);
          return exitOk;
        }),
      );
    });
}

function snapshotText(place: Place): Promise<string> {
  const client = clientAt(place);
  const pieces: Uint8Array[] = [];
  return new Promise<string>((resolve, reject) => {
    const call = client.getSnapshot({});
    call.on('data', ({ piece }: GetSnapshotResponse) => pieces.push(piece));
    call.on('end', () => {
      resolve(Buffer.concat(pieces).toString());
    });
    call.on('error', (error: ServiceError) => {
      reject(failed(place, error));
    });
  }).finally(() => {
    client.close();
  });
}
