/**
 * Ends what a job has left on a host. pbs_mom 6.1.3 ends the tasks it has started, not what these have
 * started in sessions of their own: after qdel the ranks of an MPI live on at its sisters.
 *
 * A process is the job's when its environment has exactly the job's PBS_JOBID and it runs as the job's
 * user. Both are looked at: the environment is what a process says of itself. The scripts themselves
 * have no PBS_JOBID, and run as root. One that carries the mark of another framework is a job of that
 * one's pbs_server: where two clusters share a machine and call their heads alike, ids come twice.
 */

/**
 * Defines `end_leftovers JOB USER`: TERM, two seconds later KILL, again and again until nothing is
 * found, for five seconds at the most. One grep reads all environments: on a host with thousands of processes a program for
 * each would take seconds.
 */
export const cleanUpText = `# The processes of the job: in their environment is its id, and they are its user's. Those of another
# framework's job of that id are not.
pids_of_job() {
  grep -lzxF -e "PBS_JOBID=$1" /proc/[0-9]*/environ 2>/dev/null | while IFS= read -r file; do
    pid=\${file#/proc/} pid=\${pid%/environ}
    if grep -qz '^MESOS_TORQUE_FRAMEWORK=' "$file" && ! grep -qzxF -e "$framework" "$file"; then continue; fi
    while read -r key real rest; do
      [ "$key" = Uid: ] || continue
      [ "$real" = "$2" ] && [ "$pid" != $$ ] && printf '%s ' "$pid"
      break
    done < "/proc/$pid/status"
  done 2>/dev/null
}

names_of() {
  for named in "$@"; do
    comm=gone
    { IFS= read -r comm < "/proc/$named/comm"; } 2>/dev/null
    printf ' %s (%s)' "$comm" "$named"
  done
}

end_leftovers() {
  [ -d /proc/self ] || return 0
  uid=$(id -u -- "$2" 2>/dev/null) || { say "no user $2: nothing was ended"; return 0; }
  left=$(pids_of_job "$1" "$uid")
  [ -n "$left" ] || return 0
  # The list of ids is split into words on purpose.
  say "ends what was left running:$(names_of $left)"
  termed=' '
  for round in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
    for pid in $left; do
      case $termed in
        *" $pid "*) ;;
        *) termed="$termed$pid "; kill -TERM "$pid" 2>/dev/null ;;
      esac
    done
    sleep 0.1 2>/dev/null || sleep 1
    left=$(pids_of_job "$1" "$uid")
    [ -n "$left" ] || return 0
  done
  for round in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30; do
    kill -KILL $left 2>/dev/null
    sleep 0.1 2>/dev/null || sleep 1
    left=$(pids_of_job "$1" "$uid")
    [ -n "$left" ] || return 0
  done
  say "could not end:$(names_of $left)"
}
`;
