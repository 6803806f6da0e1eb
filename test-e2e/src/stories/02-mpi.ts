import type { Story } from '../story.ts';
import { processesOf } from '../auditor.ts';
import { quick } from './policy.ts';

/** Debian's; a job's login shell sets a PATH of its own. */
const mpiexec = '/usr/bin/mpiexec.mpich';
/** Where machines share one kernel, as containers do, the fast ways of memory lead to the wrong machine. */
const environment = ['UCX_TLS=tcp,self'];

export const mpi: Story = {
  title: '2 an MPI job on three nodes, without ssh',
  proves:
    'mpirun of MPICH starts its ranks on three nodes through TORQUE alone: no sshd, no keys, no host file.',
  needs: ['mpich', 'shared-home'],
  async play({ site, startFramework, qsub, level, jobs, ended, check }) {
    await startFramework({ policy: quick, executor: { mpi: { environment } } });
    // The machines differ where each has a name of its own.
    const hosts = site.runtime === 'docker' ? 3 : 1;
    const script = [
      `said=$(${mpiexec} ${site.mpiProgram}) || exit 2`,
      'echo "$said"',
      `test "$(echo "$said" | grep -c 'rank [0-9]* of 6 on ')" = 6 || exit 3`,
      `test "$(echo "$said" | sed 's/.* on //' | sort -u | wc -l)" = ${String(hosts)} || exit 4`,
      '',
    ].join('\n');
    const id = await qsub(['-N', 'hello', '-l', 'nodes=3:ppn=2,walltime=00:02:00'], script);
    const job = await level('the job runs or has run', 60, async () =>
      (await jobs()).find((one) => one.id === id && one.hosts.length > 0),
    );
    check(job.hosts.length === 3, `it has three nodes: ${job.hosts.join(' ')}`);
    await ended([id], 60);
    const sshds = (await processesOf(site)).filter(({ command }) => /\bsshd\b/.test(command));
    check(sshds.length === 0, 'no machine runs an sshd');
  },
};
