/**
 * The program with which an MPI starts its daemons on the hosts of a job: called like rsh, it hands the
 * command to TORQUE's task manager. What it starts is a child of the mom over there, counted and ended
 * with the job; no sshd, no keys.
 *
 * As with rsh and ssh, the words of the command are joined by spaces and read by a shell over there:
 * Hydra and Open MPI quote for that. Options that ssh has are taken and passed over; another user is not.
 */
import { quoteForShell } from '../job-scripts/shell-text.ts';

/** Below the mom's home; its path is in the environment of every job. */
export const launcherName = 'mpi-launch';

/**
 * The script, for POSIX sh. It runs as the job's user, on the mother superior: only there is a
 * PBS_NODEFILE. pbsdsh wants the host as that file writes it, and finds it by that name only.
 */
export function launcherText(pbsdsh: string): string {
  return `#!/bin/sh
# Starts a command on a host of this TORQUE job, called like rsh: ${launcherName} [options] host command...
# Written by mesos-torque for one pbs_mom, and removed with it.
pbsdsh=${quoteForShell(pbsdsh)}
unset IFS

fail() {
  printf '${launcherName}: %s\\n' "$1" >&2
  exit 255
}

host=
while [ $# -gt 0 ]; do
  case $1 in
    --) shift; break ;;
    -l)
      [ "\${2-}" = "$(id -un)" ] || fail "cannot start anything as user \${2-}: this job is $(id -un)'s"
      shift 2 ;;
    -[BbcDEeFIiJLmOopQRSWw]) [ $# -gt 1 ] || fail "option $1 lacks its value"; shift 2 ;;
    -*) shift ;;
    *) [ -z "$host" ] || break; host=\${1#*@}; shift ;;
  esac
done
if [ -z "$host" ] && [ $# -gt 0 ]; then host=\${1#*@}; shift; fi
[ -n "$host" ] && [ $# -gt 0 ] || fail 'usage: [options] host command...'
[ -n "\${PBS_JOBID-}" ] || fail 'this is no job of TORQUE: PBS_JOBID is not set'
[ -r "\${PBS_NODEFILE-}" ] || fail "PBS_NODEFILE cannot be read here: start MPI on the job's first node"

# The whole name first; a short one is good enough where one of the two has no domain.
name= near= all=
while IFS= read -r node; do
  case " $all " in *" $node "*) ;; *) all="$all $node" ;; esac
  if [ "$node" = "$host" ]; then name=$node; break; fi
  case $node in "$host".*) near=\${near:-$node} ;; esac
  case $host in "$node".*) near=\${near:-$node} ;; esac
done < "$PBS_NODEFILE"
name=\${name:-$near}
[ -n "$name" ] || fail "$host is no host of job $PBS_JOBID; its hosts are:$all"

exec "$pbsdsh" -h "$name" -o /bin/sh -c "$*"
`;
}
