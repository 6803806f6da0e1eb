/** pbs_mom as a process of ours: in the foreground, leading a process group of its own, no shell. */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import type { Writable } from 'node:stream';
import type { Argv } from '@mesos-torque/common/run-command.ts';
import type { MomExit, MomProcess, StartMomOptions } from './ports.ts';

/** Where the mom's output goes besides: the executor's own, which Mesos keeps in the sandbox. */
export interface MomOutput {
  readonly stdout: Writable;
  readonly stderr: Writable;
}

const tailChars = 4096;
const tailLines = 5;
/** Between the mom's end and the end of its output, which a job that survives it may hold open. */
const drainMs = 100;

export function startMomProcess(argv: Argv, options: StartMomOptions, output: MomOutput): MomProcess {
  const [program, ...args] = argv;
  const child = spawn(program, args, {
    ...options,
    detached: true,
    shell: false,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let tail = '';
  child.stdout.on('data', (chunk: Buffer) => void output.stdout.write(chunk));
  child.stderr.on('data', (chunk: Buffer) => {
    output.stderr.write(chunk);
    tail = (tail + chunk.toString('utf8')).slice(-tailChars);
  });
  let exit: MomExit | null = null;
  const exited = endOf(child).then((end) => {
    exit = end;
    return end;
  });
  return {
    pid: child.pid ?? 0,
    get exit() {
      return exit;
    },
    exited,
    lastStderrLines: () =>
      tail
        .trimEnd()
        .split('\n')
        .filter((line) => line !== '')
        .slice(-tailLines),
    signalGroup(signal) {
      if (child.pid === undefined) return;
      try {
        process.kill(-child.pid, signal);
      } catch {
        // The group is gone.
      }
    },
  };
}

function endOf(child: ChildProcess): Promise<MomExit> {
  return new Promise((resolve) => {
    child.once('error', (error) => {
      if (child.pid === undefined) resolve({ kind: 'not-started', error: error.message });
    });
    child.once('exit', (code, signal) => {
      const end: MomExit = signal === null ? { kind: 'exit', code: code ?? 0 } : { kind: 'signal', signal };
      const finish = (): void => {
        clearTimeout(timer);
        child.stdout?.destroy();
        child.stderr?.destroy();
        resolve(end);
      };
      const timer = setTimeout(finish, drainMs);
      child.once('close', finish);
    });
  });
}
