/**
 * What jobs find in their environment so that every common MPI starts its ranks through our launcher.
 * pbs_mom 6.1.3 hands the lines of pbs_environment to each job; PATH does not survive the login shell,
 * so programs are named by their whole path.
 */

/** `NAME=value` lines. `launcher` is the path of the launcher on this agent. */
export function mpiEnvironment(launcher: string): readonly string[] {
  return [
    // Hydra: MPICH, MVAPICH2. It finds the hosts of the job by itself (PBS_NODEFILE).
    'HYDRA_LAUNCHER=rsh',
    `HYDRA_LAUNCHER_EXEC=${launcher}`,
    // Hydra as Intel MPI calls it.
    'I_MPI_HYDRA_BOOTSTRAP=rsh',
    `I_MPI_HYDRA_BOOTSTRAP_EXEC=${launcher}`,
    // Open MPI up to 4, where it was built without TORQUE's `tm`. Daemons are started from the first
    // node alone: only there pbsdsh knows the hosts.
    `OMPI_MCA_plm_rsh_agent=${launcher}`,
    'OMPI_MCA_plm_rsh_no_tree_spawn=1',
    // Its daemons stay children of the mom: one that goes to the background may be ended with its task.
    'OMPI_MCA_orte_leave_session_attached=1',
    // Open MPI 5.
    `PRTE_MCA_plm_ssh_agent=${launcher}`,
    'PRTE_MCA_plm_ssh_no_tree_spawn=1',
    'PRTE_MCA_prte_leave_session_attached=1',
  ];
}
