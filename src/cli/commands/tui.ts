// kn-edit tui: the interactive pipeline.
import type { CommandModule } from 'yargs';
import { InputError } from '../../errors.js';
import { openTui } from '../open-tui.js';
import type { CommonArguments } from '../options.js';

export const tuiCommand: CommandModule<CommonArguments, CommonArguments> = {
  command: 'tui',
  describe: 'Find, try, apply and take back edits in the terminal (also: kn-edit alone)',
  builder: (argv) => argv.example('kn-edit tui --db scratch.db', ''),
  handler: (argv) => {
    const { format, json } = argv;
    const said = json ? '--json' : format && '--format';
    if (said) throw new InputError(`${said}: the terminal UI prints no document; name another command`);
    return openTui(argv);
  },
};
