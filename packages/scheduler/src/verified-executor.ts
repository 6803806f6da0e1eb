/**
 * The command that agents run for an executor whose checksum is known. Mesos' fetcher verifies nothing, and
 * what it brings comes over plain HTTP or out of a cache; so the command looks before anything of it is
 * unpacked or run. It came with the task itself, from the master.
 *
 * This is the one place where an agent runs a shell of ours: Mesos starts one program, and two have to follow
 * on each other. The script is this text and nothing else; names and checksums are its arguments.
 */
import { notVerifiedExits } from './loop/launch-trouble.ts';
import type { ExecutorProgram, ExecutorUri } from './mesos/client-options.ts';

const script = `
download=$1 program=$2
shift 2
say() { echo "executor not started: $1" >&2; exit "$2"; }
if command -v sha256sum >/dev/null; then sums=sha256sum
elif command -v shasum >/dev/null; then sums='shasum -a 256'
else say "there is no sha256sum on this agent, so $download cannot be verified" ${notVerifiedExits.noProgram}
fi
sum=$($sums <"$download") || say "$download cannot be read" ${notVerifiedExits.otherFile}
sum=\${sum%% *}
known=
for wanted do [ "$sum" = "$wanted" ] && known=yes; done
[ -n "$known" ] || say "$download has sha256 $sum, which is not $*: it was cut or exchanged on its way, or a cache of the agent holds another one" ${notVerifiedExits.otherFile}
if [ "$download" != "$program" ]; then
  command -v tar >/dev/null || say "there is no tar on this agent" ${notVerifiedExits.noProgram}
  tar -xf "$download" || say "$download cannot be unpacked" ${notVerifiedExits.notUnpacked}
fi
exec "./$program"
`.trim();

/**
 * `uri` is fetched as it is, under a name of ours, and run as `program` only if its content has one of the
 * checksums (SHA-256, hexadecimal). An archive has the program in it under its name.
 */
export function verifiedProgram(
  uri: Pick<ExecutorUri, 'value' | 'cache'>,
  program: string,
  isArchive: boolean,
  sha256s: readonly string[],
): ExecutorProgram {
  const download = isArchive ? `${program}.archive` : program;
  return {
    uris: [{ ...uri, executable: !isArchive, extract: false, outputFile: download }],
    command: {
      value: '/bin/sh',
      arguments: ['sh', '-c', script, 'sh', download, program, ...sha256s],
    },
  };
}
