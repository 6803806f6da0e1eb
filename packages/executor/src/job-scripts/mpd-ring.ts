/**
 * The ring of mpd daemons that MPICH2 needed before it had Hydra: started over the hosts of a job before
 * it begins, ended with it, as the job's user. mpd wants the user's own ~/.mpd.conf with a secret word.
 *
 * pbs_mom runs prologue.parallel on the sisters before prologue on the mother superior. So the port at
 * which the ring is joined is one that all know, made of the job's number; the sisters try it in the
 * background until the first daemon is there, and the mother superior waits until all have come.
 *
 * A job whose ring does not come up runs all the same, and its log says why: not every job wants MPI.
 */
import { unreachable } from '@mesos-torque/common/units.ts';
import type { ScriptName } from './scripts.ts';

/** Defines `start_ring JOB USER` or `end_ring JOB USER`, as the script of that name has to do it. */
export function mpdText(name: ScriptName): string {
  switch (name) {
    case 'prologue':
      return [commonText, startFirstText, endFirstText].join('\n');
    case 'prologue.parallel':
      return [commonText, joinText, endNothingText].join('\n');
    case 'epilogue':
      return [commonText, endFirstText].join('\n');
    case 'epilogue.parallel':
      // The ring ends as a whole; what is left of it carries the job's id and is ended with the rest.
      return [commonText, endNothingText].join('\n');
    default:
      return unreachable(name);
  }
}

const commonText = `# mpd: each job has a ring, and a console of its own (MPD_CON_EXT).
PATH=/usr/local/bin:$PATH
ring_name() { printf '%s' "$1" | tr -c 'A-Za-z0-9' _; }

ring_port() {
  digits=$(printf '%s' "$1" | tr -c '0-9\\n' ' ')
  sum=0
  for number in $digits; do
    number=\${number#"\${number%%[!0]*}"}
    sum=$(( (sum * 31 + \${number:-0}) % 10000 ))
  done
  printf '%s' $((20000 + sum))
}

# as_user JOB USER PROGRAM...: a daemon started so is found by its environment when the job ends.
as_user() {
  ring_job=$1 ring_user=$2
  shift 2
  set -- env "PBS_JOBID=$ring_job" "MPD_CON_EXT=$(ring_name "$ring_job")" "$@"
  if [ "$(id -un)" = "$ring_user" ]; then "$@"; else runuser -u "$ring_user" -- "$@"; fi
}

can_ring() {
  command -v mpd >/dev/null || { say 'no program mpd on this host: no ring'; return 1; }
}
`;

const startFirstText = `start_ring() {
  can_ring || return 0
  said=$(as_user "$1" "$2" mpd --daemon "--listenport=$(ring_port "$1")" 2>&1 </dev/null) || { say "mpd: $said"; return 0; }
  # Where no other ring of this user is, mpiexec finds this one without MPD_CON_EXT.
  as_user "$1" "$2" ln -s "/tmp/mpd2.console_$2_$(ring_name "$1")" "/tmp/mpd2.console_$2" 2>/dev/null
  wanted=$(sort -u "$PBS_NODEFILE" | wc -l)
  for try in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
    there=$(as_user "$1" "$2" mpdtrace 2>/dev/null | wc -l)
    [ "$there" -ge "$wanted" ] && return 0
    sleep 1
  done
  say "$there of $wanted hosts joined the ring of mpd within 20 s"
}
`;

const joinText = `start_ring() {
  can_ring || return 0
  (
    for try in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30; do
      as_user "$1" "$2" mpd --daemon -h "$PBS_MSHOST" -p "$(ring_port "$1")" && exit 0
      sleep 1
    done
    say "mpd could not join the ring on $PBS_MSHOST within 30 s"
  ) </dev/null >/dev/null 2>&1 &
}
`;

const endFirstText = `end_ring() {
  can_ring || return 0
  as_user "$1" "$2" mpdallexit >/dev/null 2>&1 </dev/null
  link=/tmp/mpd2.console_$2
  if [ "$(readlink "$link" 2>/dev/null)" = "\${link}_$(ring_name "$1")" ]; then rm -f "$link"; fi
  return 0
}
`;

const endNothingText = `end_ring() { return 0; }
`;
