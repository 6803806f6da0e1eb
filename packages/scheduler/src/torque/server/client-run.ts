/**
 * TORQUE's clients, told which server is meant and listened to when they cannot reach it. PBS_DEFAULT works for
 * qmgr, qstat, pbsnodes, qsub, qselect and qdel of 6.1.3, whatever `server_name` says, or if there is none.
 */
import type { RunCommand } from '@mesos-torque/common/run-command.ts';

export interface ClientRun {
  readonly run: RunCommand;
  readonly env: Readonly<Record<string, string>>;
  /** Called with a client's words whenever its connection was refused: nobody serves there at this moment. */
  onRefused(listener: (why: string) => void): void;
}

/** `server` null: as TORQUE's own file `server_name` says. */
export function clientRun(
  run: RunCommand,
  environment: Readonly<Record<string, string | undefined>>,
  server: string | null,
): ClientRun {
  const own = Object.entries(environment).filter(
    (entry): entry is [string, string] => entry[1] !== undefined,
  );
  const env = { ...Object.fromEntries(own), ...(server === null ? {} : { PBS_DEFAULT: server }) };
  let heard: (why: string) => void = () => undefined;
  return {
    env,
    async run(argv, options) {
      const result = await run(argv, { env, ...options });
      if (result.kind === 'exit' && result.code !== 0) {
        const line = refusedLine(result.stderr.toString('utf8'));
        if (line !== null) heard(line);
      }
      return result;
    },
    onRefused(listener) {
      heard = listener;
    },
  };
}

/** 6.1.3: "qstat: cannot connect to server head (errno=111) Connection refused". */
function refusedLine(stderr: string): string | null {
  return /^.*\(errno=111\).*$/m.exec(stderr)?.[0].trim() ?? null;
}
