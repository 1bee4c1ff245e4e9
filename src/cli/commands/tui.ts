// kn-edit tui: the interactive pipeline.
import type { CommandModule } from 'yargs';
import { openTui } from '../open-tui.js';
import type { CommonArguments } from '../options.js';

export const tuiCommand: CommandModule<CommonArguments, CommonArguments> = {
  command: 'tui',
  describe: 'Find, try, apply and take back edits in the terminal (also: kn-edit alone)',
  builder: (argv) => argv.example('kn-edit tui --db scratch.db', ''),
  handler: ({ model, db, engine, base }) => openTui({ model, db, engine, base }),
};
