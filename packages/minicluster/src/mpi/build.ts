/** The MPI programs of the stories, compiled with the MPI that is installed. */
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { runCommand } from '@mesos-torque/common/run-command.ts';
import { explain } from '../command.ts';

export const programs = ['hello', 'cpi', 'ray'] as const;

/** One MPI of this machine. */
export interface Mpi {
  readonly name: 'MPICH' | 'Open MPI';
  /** Its launcher, by its whole path: a job's login shell sets a PATH of its own. */
  readonly mpiexec: string;
  /** Folder with the compiled programs. */
  readonly dir: string;
}

const sources = fileURLToPath(new URL('../../mpi/', import.meta.url));
/** As Debian and others call them, where several are installed and where there is one alone. */
const compilers = {
  MPICH: [['mpicc.mpich', 'mpiexec.mpich']],
  'Open MPI': [['mpicc.openmpi', 'mpirun.openmpi']],
} as const;

/** Null where it is not installed. Throws where it is and cannot compile. */
export async function buildMpi(name: Mpi['name'], dir: string): Promise<Mpi | null> {
  for (const [compiler, launcher] of compilers[name]) {
    const [mpicc, mpiexec] = await Promise.all([which(compiler), which(launcher)]);
    if (mpicc === null || mpiexec === null) continue;
    await mkdir(dir, { recursive: true });
    for (const program of programs) await compile(mpicc, program, dir);
    return { name, mpiexec, dir };
  }
  return null;
}

async function compile(mpicc: string, program: string, dir: string): Promise<void> {
  const source = path.join(sources, `${program}.c`);
  const result = await runCommand([mpicc, '-O2', '-o', path.join(dir, program), source, '-lm'], {
    timeoutMs: 60_000,
    outputBytesMax: 1024 * 1024,
  });
  if (result.kind !== 'exit' || result.code !== 0)
    throw new Error(`compiling ${program}.c: ${explain(result)}`);
}

async function which(program: string): Promise<string | null> {
  const result = await runCommand(['which', program], { timeoutMs: 5000, outputBytesMax: 64 * 1024 });
  return result.kind === 'exit' && result.code === 0 ? result.stdout.toString('utf8').trim() : null;
}
