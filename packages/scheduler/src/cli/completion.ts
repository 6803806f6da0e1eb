/** Completion of the command line for bash and zsh, made from the commands themselves. */
import type { Command } from 'commander';

export const shells = ['bash', 'zsh'] as const;
export type Shell = (typeof shells)[number];

/** What may follow a command besides its options. */
const words: Readonly<Record<string, readonly string[]>> = {
  explain: ['job', 'node', 'offer', 'agent'],
  drain: ['node', 'agent'],
  undrain: ['node', 'agent'],
  brake: ['confirm'],
  'log-level': ['debug', 'info', 'warn', 'error'],
  completion: shells,
};

/** Options whose value is a file. */
const fileOptions = [
  '--config',
  '--socket',
  '--ca',
  '--cert',
  '--key',
  '--token-file',
  '--qstat',
  '--pbsnodes',
  '--offers',
  '--settings',
  '--trace',
  '--policy',
];

export function completionScript(program: Command, shell: Shell): string {
  const commands = program.commands.map((command) => ({
    name: command.name(),
    options: [...command.options.flatMap(({ long }) => long ?? []), '--help'],
  }));
  const names = commands.map(({ name }) => name).join(' ');
  const cases = commands
    .map(
      ({ name, options }) =>
        `    ${name}) words="${(words[name] ?? []).join(' ')}" options="${options.join(' ')}" ;;`,
    )
    .join('\n');
  const bash = `# Completion of mesos-torque for bash: source <(mesos-torque completion bash)
_mesos_torque() {
  local current="\${COMP_WORDS[COMP_CWORD]}" previous="\${COMP_WORDS[COMP_CWORD-1]}" words="" options=""
  case "$previous" in
    ${fileOptions.join('|')}) COMPREPLY=($(compgen -f -- "$current")); return ;;
    -o|--output) COMPREPLY=($(compgen -W "json yaml wide table" -- "$current")); return ;;
  esac
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W "${names}" -- "$current"))
    return
  fi
  case "\${COMP_WORDS[1]}" in
${cases}
  esac
  # Options come where one is begun, and where nothing else may stand.
  if [ -z "$words" ] || [ "$COMP_CWORD" -gt 2 ] || [ "\${current#-}" != "$current" ]; then words="$options"; fi
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -F _mesos_torque mesos-torque
`;
  if (shell === 'bash') return bash;
  return `#compdef mesos-torque
# Completion of mesos-torque for zsh: source <(mesos-torque completion zsh)
autoload -U +X bashcompinit && bashcompinit
${bash}# Found on the fpath, this file is called for the first completion itself.
if [ "\${funcstack[1]-}" = _mesos-torque ]; then _bash_complete -F _mesos_torque; fi
`;
}
