// kn-edit completion bash | zsh | fish: the script by which a shell completes its command lines.
import type { CommandModule } from 'yargs';
import { SCRIPTS, SHELLS, type Shell } from '../completion/scripts.js';
import type { CommonArguments } from '../options.js';

interface Arguments extends CommonArguments {
  shell: Shell;
}

export const completionCommand: CommandModule<CommonArguments, Arguments> = {
  command: 'completion <shell>',
  describe: 'Print the script by which a shell completes commands, options, edits, models and files',
  builder: (argv) =>
    argv
      .positional('shell', { choices: SHELLS, demandOption: true, describe: 'Shell' })
      .example('kn-edit completion fish > ~/.config/fish/completions/kn-edit.fish', '')
      .example('eval "$(kn-edit completion bash)"', 'in ~/.bashrc; zsh: in ~/.zshrc, after compinit'),
  handler: ({ shell }) => {
    process.stdout.write(SCRIPTS[shell]);
  },
};
