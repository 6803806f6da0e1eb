/**
 * What outlives an executor that is killed: a small shell that waits for its end and then ends the mom
 * and its jobs. The agent would end the container too, by its process tree or cgroup; this does not rely
 * on it, nor on PR_SET_PDEATHSIG, which a program started from Node cannot set and which jobs lose.
 *
 * The shell reads a pipe whose other end only the executor has: whatever way that ends, the pipe closes.
 * Its text is fixed; what varies comes as arguments. Linux alone: it looks at /proc.
 */
import { spawn } from 'node:child_process';
import { Socket } from 'node:net';
import type { Guardian } from './ports.ts';
import type { MarkedEntry } from './processes.ts';

/** Links to a home that nobody needs any more go; then TERM, some two seconds later KILL, until nothing is left. */
const script = `
mark=$1
shift
if IFS= read -r word && [ "$word" = done ]; then exit 0; fi
PATH=/usr/sbin:/usr/bin:/sbin:/bin
# First of all: the agent ends the container as soon as it has noticed, this shell with it.
for link in "$@"; do [ ! -L "$link" ] || rm -f "$link"; done
# Processes with the mark in their environment, and all that descend from them.
ours() {
  seeds=$(grep -lzxF -e "$mark" /proc/[0-9]*/environ 2>/dev/null | tr -c '0-9\\n' ' ' | tr '\\n' ' ')
  [ -n "$seeds" ] || return 0
  cat /proc/[0-9]*/stat 2>/dev/null | awk -v seeds="$seeds" -v self=$$ '
    { pid = $1; rest = $0; sub(/^.*\\) /, "", rest); split(rest, field, " ")
      if (field[1] != "Z" && field[1] != "X") parent[pid] = field[2] }
    END {
      count = split(seeds, list, " ")
      for (i = 1; i <= count; i++) if (list[i] in parent) found[list[i]] = 1
      do { more = 0
        for (pid in parent) if (!(pid in found) && (parent[pid] in found)) { found[pid] = 1; more = 1 }
      } while (more)
      for (pid in found) if (pid != self && pid > 1) printf "%s ", pid
    }'
}
termed=' '
tries=0
while [ $tries -lt 60 ]; do
  left=$(ours)
  [ -n "$left" ] || break
  for pid in $left; do
    if [ $tries -ge 20 ]; then kill -KILL "$pid" 2>/dev/null; continue; fi
    case $termed in *" $pid "*) ;; *) termed="$termed$pid "; kill -TERM "$pid" 2>/dev/null ;; esac
  done
  tries=$((tries + 1))
  sleep 0.1 2>/dev/null || sleep 1
done
`;

/**
 * It shall not be among what an agent takes for the executor's children, and ends when it has noticed the
 * executor's end: so it has a session of its own, and its parent ends at once.
 */
const launch = `
PATH=/usr/sbin:/usr/bin:/sbin:/bin
setsid=$(command -v setsid)
$setsid /bin/sh -c "$0" mesos-torque-guardian "$@" <&3 3<&- &
`;

/**
 * Starts it, before there is anything to be left behind. `links`: where a link to the home may be made. Nothing
 * happens where it cannot be: it is a second net, and the log says that it is missing.
 */
export function startGuardian(
  mark: MarkedEntry,
  links: readonly string[],
  failed: (why: string) => void,
): Guardian {
  const child = spawn('/bin/sh', ['-c', launch, script, mark, ...links], {
    detached: true,
    cwd: '/',
    env: {},
    stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
  });
  child.on('error', (error) => {
    failed(error.message);
  });
  const lifeline = child.stdio[3];
  if (!(lifeline instanceof Socket)) {
    failed('it has no pipe');
    return { release: () => undefined };
  }
  lifeline.on('error', () => undefined);
  // They keep nobody waiting: the executor ends when it has nothing else to do.
  lifeline.unref();
  child.unref();
  return {
    release() {
      lifeline.end('done\n');
    },
  };
}
