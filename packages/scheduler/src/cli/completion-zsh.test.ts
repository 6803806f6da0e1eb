/** Completion in a real zsh, typed into its line editor: what stands on the line, and what it offers below it. */
import { spawnSync } from 'node:child_process';
import { sayNotChecked } from '@mesos-torque/common/testing/not-checked.ts';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { run, temporaryFolder, type Folder } from './testing/run.ts';

const hasZsh = spawnSync('zsh', ['-f', '-c', 'zmodload zsh/zpty && zmodload zsh/datetime']).status === 0;
if (!hasZsh) sayNotChecked('completion in zsh', 'there is no zsh with its module zpty');

/** Types each line and a tab into an interactive zsh that has the script on its fpath; Ctrl-X shows what the line is then. */
const driver = `
zmodload zsh/zpty zsh/datetime
zpty z "TERM=dumb zsh -f -i"
upto() {
  local piece; got=""
  local -F end=$(( EPOCHREALTIME + 60 ))
  while [[ "$got" != *"$1"* ]]; do
    if zpty -r -t z piece; then got+="$piece"
    else (( EPOCHREALTIME > end )) && { print -r -- "no $1 came, but: $got"; exit 1 }; sleep 0.02; fi
  done
}
say() { zpty -w -n z "$1"$'\\n'; upto "$2" }
say "PS1=; unsetopt prompt_cr prompt_sp; unset zle_bracketed_paste; stty -echo; print rea''dy1" ready1
say "fpath=($1 \\$fpath); autoload -Uz compinit && compinit -u -D; LISTMAX=9999; print rea''dy2" ready2
say 'show-line() { print -r -- "<<$LBUFFER>>"; LBUFFER="" }; zle -N show-line; bindkey "^X" show-line; print rea'"''"'dy3' ready3
shift
for line in "$@"; do
  zpty -w -n z "$line"$'\\t\\x18'; upto ">>"
  print -r -- "\${got//$'\\n'/ }"
done
zpty -d z
`;

describe.skipIf(!hasZsh)('zsh completes', () => {
  const lines = [
    ['mesos-torque dr', /<<mesos-torque drain >>/],
    ['mesos-torque explain ', /agent +job +node +offer/],
    ['mesos-torque explain no', /<<mesos-torque explain node >>/],
    ['mesos-torque drain node n1 --dead', /<<mesos-torque drain node n1 --deadline >>/],
    ['mesos-torque status -o y', /<<mesos-torque status -o yaml >>/],
    ['mesos-torque log-level d', /<<mesos-torque log-level debug >>/],
    ['mesos-torque run --config /etc/host', /\/etc\/hosts/],
  ] as const;
  let folder: Folder;
  let shown: readonly string[] = [];

  beforeAll(async () => {
    folder = temporaryFolder();
    folder.file('_mesos-torque', (await run('completion', 'zsh')).out);
    const script = folder.file('driver.zsh', driver);
    const typed = lines.map(([line]) => line);
    const ended = spawnSync('zsh', ['-f', script, folder.path, ...typed], { encoding: 'utf8' });
    expect({ status: ended.status, stderr: ended.stderr }).toEqual({ status: 0, stderr: '' });
    shown = ended.stdout.trimEnd().split('\n');
  }, 180_000);
  afterAll(() => {
    folder.remove();
  });

  it.each(lines.map(([line, expected], index) => [line, expected, index] as const))(
    '%s',
    (_line, expected, index) => {
      expect(shown).toHaveLength(lines.length);
      expect(shown[index]).toMatch(expected);
    },
  );
});
